"""Paths of repositories that somebody else than the commits' reader knows of."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import MergeResult, bulk_merge
from boost_collectors.github_activity_tracker.git import path_text
from boost_collectors.github_activity_tracker.models import GithubFile

_KEY = ("repo_id", "filename")


def ensure_files(session: Session, files: Iterable[tuple[int, str]]) -> MergeResult:
    """Store the (repository id, path) pairs that are new, as files that exist.

    Whether a path exists still is settled when its repository's commits are read next; rows that are stored stay.
    """
    return bulk_merge(session, GithubFile, _KEY, files, key=_KEY, update=())


def stored_path(path: str) -> str:
    """A path as it is stored: one that is too long for its column ends with its hash."""
    return path_text(path.encode())
