"""What the maintenance commands of the activity store read and write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, DateTime, Table, Text, delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import TypeEngine

from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import merge
from boost_collectors.core.database.staging import POSITION, stage
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.git import Commit
from boost_collectors.github_activity_tracker.models import (
    FileChangeStatus,
    GitCommit,
    GitCommitFileChange,
    GithubFile,
    GithubRepository,
)
from boost_collectors.github_activity_tracker.services.commits import store_commits

_ACCOUNT = GithubAccount.__table__
_RENAME: Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    "previous": Text,
    "filename": Text,
    "at": DateTime(timezone=True),
}


@dataclass(frozen=True, slots=True)
class StoredCommit:
    """A commit that is stored, and where it belongs. ``key`` is ``owner/name``."""

    id: int
    repo_id: int
    key: str
    hash: str


class Rename(NamedTuple):
    """A path and the one it had before. ``at`` is the committer's date, None if unknown."""

    previous: str
    filename: str
    at: datetime | None


def commits_with_changes(session: Session, changes: int) -> list[StoredCommit]:
    """The commits with exactly that many changed files, in the order of their ids."""
    counted = (
        select(GitCommitFileChange.commit_id)
        .group_by(GitCommitFileChange.commit_id)
        .having(func.count() == changes)
        .subquery()
    )
    key = (_ACCOUNT.c.username + "/" + GithubRepository.repo_name).label("key")
    query = (
        select(GitCommit.id, GitCommit.repo_id, key, GitCommit.commit_hash)
        .join(counted, counted.c.commit_id == GitCommit.id)
        .join(GithubRepository, GithubRepository.id == GitCommit.repo_id)
        .join(_ACCOUNT, _ACCOUNT.c.baseprofile_ptr_id == GithubRepository.owner_account_id)
        .order_by(GitCommit.id)
    )
    return [StoredCommit(*row) for row in session.execute(query)]


def replace_commit_changes(session: Session, stored: StoredCommit, commit: Commit) -> Counts:
    """Make the changes of a stored commit those of ``commit``. Writes nothing that is right already."""
    counts = store_commits(session, stored.repo_id, [commit])
    named = {change.filename for change in commit.files}
    kept = select(GithubFile.id).where(GithubFile.repo_id == stored.repo_id, GithubFile.filename.in_(named))
    removed = session.execute(
        delete(GitCommitFileChange)
        .where(GitCommitFileChange.commit_id == stored.id, GitCommitFileChange.github_file_id.not_in(kept))
        .execution_options(synchronize_session=False)
    )
    counts.add("changes_removed", int(getattr(removed, "rowcount", 0)))
    return counts


def repository_ids(session: Session, owner: str) -> dict[str, int]:
    """The ids of an owner's stored repositories, by name."""
    query = (
        select(GithubRepository.repo_name, GithubRepository.id)
        .join(_ACCOUNT, _ACCOUNT.c.baseprofile_ptr_id == GithubRepository.owner_account_id)
        .where(_ACCOUNT.c.username == owner)
    )
    return {row.repo_name: row.id for row in session.execute(query)}


def link_renames(session: Session, repo_id: int, renames: Iterable[Rename]) -> int:
    """Point each renamed file to its former path, the newest rename of a path winning. Returns how many moved.

    Paths that are not stored yet are added. A link that a newer stored commit made stays.
    """
    with stage(session, "rename", _RENAME) as staged:
        staged.copy(renames)
        _add_paths(session, repo_id, staged.table)
        return _point_to_former(session, repo_id, staged.table)


def _add_paths(session: Session, repo_id: int, given: Table) -> None:
    """Whether a path exists still is settled when the repository is read next; until then a former one does not."""
    former = select(given.c.previous.label("filename"), literal(True).label("is_deleted"))
    present = select(given.c.filename, literal(False))
    both = former.union_all(present).subquery("both")
    gone = func.bool_and(both.c.is_deleted).label("is_deleted")
    paths = select(both.c.filename, gone).group_by(both.c.filename).subquery("paths")
    rows = select(literal(repo_id, BigInteger).label("repo_id"), paths.c.filename, paths.c.is_deleted)
    merge(session, GithubFile, rows, key=("repo_id", "filename"), update=())


def _point_to_former(session: Session, repo_id: int, given: Table) -> int:
    newest = (
        select(given.c.filename, given.c.previous, given.c["at"])
        .ext(distinct_on(given.c.filename))
        .order_by(given.c.filename, given.c["at"].desc().nulls_last(), given.c[POSITION].desc())
        .subquery("newest")
    )
    former = aliased(GithubFile)
    made_newer = exists().where(
        GitCommitFileChange.github_file_id == GithubFile.id,
        GitCommitFileChange.status == FileChangeStatus.RENAMED,
        GitCommit.id == GitCommitFileChange.commit_id,
        or_(newest.c["at"].is_(None), GitCommit.committed_at > newest.c["at"]),
    )
    linked = session.execute(
        update(GithubFile)
        .where(
            GithubFile.repo_id == repo_id,
            GithubFile.filename == newest.c.filename,
            former.repo_id == repo_id,
            former.filename == newest.c.previous,
            GithubFile.previous_filename_id.is_distinct_from(former.id),
            or_(GithubFile.previous_filename_id.is_(None), ~made_newer),
        )
        .values(previous_filename_id=former.id)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(linked, "rowcount", 0))
