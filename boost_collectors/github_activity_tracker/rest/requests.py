"""What all functions over single resources share: paths, page numbers, checked lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from boost_collectors.core.errors import SourceError
from boost_collectors.github_activity_tracker.workspace_paths import repository_path

if TYPE_CHECKING:
    from boost_collectors.core.github import RestAnswer

PER_PAGE = 100
"""The most entries GitHub puts on a page."""


def repository_url(owner: str, repo: str) -> str:
    """``/repos/<owner>/<repo>``. Raises UnsafePathError (a ValueError) for names that no repository has."""
    return f"/repos/{repository_path(owner, repo).as_posix()}"


def entries(answer: RestAnswer, what: str) -> list[Mapping[str, Any]]:
    """The objects of a list. Raises SourceError for an answer that is none."""
    found = answer.data
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise SourceError(f"{what} answered {type(found).__name__} where a list of objects must be")
    return found


def page_of(url: str) -> int | None:
    """The ``page`` of a URL: 1 when it names none, None when it is no number."""
    given = parse_qs(urlsplit(url).query).get("page", ["1"])[-1]
    return int(given) if given.isascii() and given.isdigit() else None
