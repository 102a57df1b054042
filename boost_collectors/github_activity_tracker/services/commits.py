"""Commits, files and refs, as git shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Select,
    Table,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import array, distinct_on
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import TypeEngine

from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import bulk_merge, merge
from boost_collectors.core.database.staging import POSITION, stage
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.git import Commit
from boost_collectors.github_activity_tracker.models import (
    FileChangeStatus,
    GitCommit,
    GitCommitFileChange,
    GitForcePush,
    GithubFile,
    GithubRepository,
    GitRef,
)
from boost_collectors.github_activity_tracker.services.authors import Author, ensure_authors

Columns = Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]]

_COMMIT: Columns = {
    "commit_hash": Text,
    "account_id": BigInteger,
    "author_email": Text,
    "comment": Text,
    "commit_at": DateTime(timezone=True),
    "committed_at": DateTime(timezone=True),
}
_CHANGE: Columns = {
    "commit_hash": Text,
    "filename": Text,
    "previous": Text,
    "status": Text,
    "additions": Integer,
    "deletions": Integer,
    "patch": Text,
}


_ACCOUNT = GithubAccount.__table__

LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A branch or tag whose new tip does not contain its old one."""

    ref_name: str
    old_tip: str
    new_tip: str


def commit_counts(session: Session) -> dict[str, int]:
    """How many commits are stored of every repository, by ``owner/name``."""
    key = (_ACCOUNT.c.username + "/" + GithubRepository.repo_name).label("key")
    counted = select(GitCommit.repo_id, func.count().label("commits")).group_by(GitCommit.repo_id).subquery()
    query = (
        select(key, func.coalesce(counted.c.commits, 0).label("commits"))
        .join(_ACCOUNT, _ACCOUNT.c.baseprofile_ptr_id == GithubRepository.owner_account_id)
        .outerjoin(counted, counted.c.repo_id == GithubRepository.id)
    )
    return {row.key: row.commits for row in session.execute(query)}


def live_refs(session: Session, owner: str, name: str) -> dict[str, str]:
    """Where the branches and tags of a repository stood when it was last read to the end: commit by full name."""
    query = (
        select(GitRef.ref_name, GitRef.tip)
        .join(GithubRepository, GithubRepository.id == GitRef.repo_id)
        .join(_ACCOUNT, _ACCOUNT.c.baseprofile_ptr_id == GithubRepository.owner_account_id)
        .where(_ACCOUNT.c.username == owner, GithubRepository.repo_name == name, GitRef.gone_at.is_(None))
    )
    return {ref.ref_name: ref.tip for ref in session.execute(query)}


def store_commits(session: Session, repo_id: int, commits: Sequence[Commit]) -> Counts:
    """Store commits with their files and changes. Returns how many of each were inserted, updated, unchanged.

    What is stored already is compared and only written where it differs; an author whom GitHub itself named is
    never replaced by one guessed from name and address.
    """
    accounts = ensure_authors(session, map(_author, commits))
    counts = Counts()
    with (
        stage(session, "commit", _COMMIT, key=["commit_hash"]) as staged,
        stage(session, "change", _CHANGE, key=["commit_hash", "filename"]) as changes,
    ):
        staged.copy(_commit_rows(commits, accounts))
        changes.copy(_change_rows(commits))
        counts.merged(
            "commits", merge(session, GitCommit, _commits(staged.table, repo_id), key=("repo_id", "commit_hash"))
        )
        counts.merged(
            "files", merge(session, GithubFile, _files(changes.table, repo_id), key=("repo_id", "filename"), update=())
        )
        counts.merged(
            "changes",
            merge(session, GitCommitFileChange, _changes(changes.table, repo_id), key=("commit_id", "github_file_id")),
        )
        _link_renames(session, changes.table, repo_id)
    return counts


def _author(commit: Commit) -> Author:
    """Who wrote the commit, or who committed it when it does not say; cut to what an account can hold."""
    written = (commit.author_name, commit.author_email)
    name, email = written if any(written) else (commit.committer_name, commit.committer_email)
    return name[:LONGEST_NAME], email if len(email) <= LONGEST_NAME else ""


def _commit_rows(commits: Iterable[Commit], accounts: Mapping[Author, int]) -> Iterator[tuple[Any, ...]]:
    for commit in commits:
        at = commit.authored_at or commit.committed_at
        author = _author(commit)
        yield commit.hash, accounts[author], author[1], commit.message, at, commit.committed_at


def _change_rows(commits: Iterable[Commit]) -> Iterator[tuple[Any, ...]]:
    for commit in commits:
        for change in commit.files:
            previous = change.previous_filename if change.status == FileChangeStatus.RENAMED else None
            counted = (change.additions, change.deletions, change.patch)
            yield commit.hash, change.filename, previous, change.status, *counted


def _commits(staged: Table, repo_id: int) -> Select[Any]:
    author = case((_ACCOUNT.c.github_account_id > 0, GitCommit.account_id), else_=staged.c.account_id)
    same = and_(GitCommit.repo_id == repo_id, GitCommit.commit_hash == staged.c.commit_hash)
    return (
        select(
            literal(repo_id, BigInteger).label("repo_id"),
            staged.c.commit_hash,
            author.label("account_id"),
            staged.c.author_email,
            staged.c.comment,
            func.coalesce(staged.c.commit_at, GitCommit.commit_at, func.now()).label("commit_at"),
            staged.c.committed_at,
            literal(None, DateTime(timezone=True)).label("gone_at"),
        )
        .select_from(staged)
        .outerjoin(GitCommit, same)
        .outerjoin(_ACCOUNT, _ACCOUNT.c.baseprofile_ptr_id == GitCommit.account_id)
    )


def _files(changes: Table, repo_id: int) -> Select[Any]:
    """Every path that the changes name. What is deleted is settled by ``update_file_states``."""
    name = func.unnest(array([changes.c.filename, changes.c.previous])).table_valued("filename").render_derived()
    deleted = or_(changes.c.status == FileChangeStatus.REMOVED, name.c.filename != changes.c.filename)
    return (
        select(literal(repo_id, BigInteger).label("repo_id"), name.c.filename, deleted.label("is_deleted"))
        .select_from(changes.join(name, literal(True)))
        .where(name.c.filename.is_not(None))
    )


def _changes(changes: Table, repo_id: int) -> Select[Any]:
    return (
        select(
            GitCommit.id.label("commit_id"),
            GithubFile.id.label("github_file_id"),
            changes.c.status,
            changes.c.additions,
            changes.c.deletions,
            changes.c.patch,
        )
        .select_from(changes)
        .join(GitCommit, and_(GitCommit.repo_id == repo_id, GitCommit.commit_hash == changes.c.commit_hash))
        .join(GithubFile, and_(GithubFile.repo_id == repo_id, GithubFile.filename == changes.c.filename))
    )


def _link_renames(session: Session, changes: Table, repo_id: int) -> None:
    """Point each renamed file to the path of its newest rename, whatever order commits are read in."""
    newest = (
        select(changes.c.filename, changes.c.previous, GitCommit.committed_at)
        .join(GitCommit, and_(GitCommit.repo_id == repo_id, GitCommit.commit_hash == changes.c.commit_hash))
        .where(changes.c.previous.is_not(None))
        .ext(distinct_on(changes.c.filename))
        .order_by(changes.c.filename, GitCommit.committed_at.desc().nulls_last(), changes.c[POSITION].desc())
        .subquery("newest")
    )
    previous, other = aliased(GithubFile), aliased(GitCommit)
    newer = exists().where(
        GitCommitFileChange.github_file_id == GithubFile.id,
        GitCommitFileChange.status == FileChangeStatus.RENAMED,
        other.id == GitCommitFileChange.commit_id,
        other.committed_at > newest.c.committed_at,
    )
    session.execute(
        update(GithubFile)
        .where(
            GithubFile.repo_id == repo_id,
            GithubFile.filename == newest.c.filename,
            previous.repo_id == repo_id,
            previous.filename == newest.c.previous,
            GithubFile.previous_filename_id.is_distinct_from(previous.id),
            ~newer,
        )
        .values(previous_filename_id=previous.id)
        .execution_options(synchronize_session=False)
    )


def update_file_states(session: Session, repo_id: int, existing: Iterable[str]) -> int:
    """Mark as deleted exactly the files that are not among ``existing``. Returns how many changed."""
    with stage(session, "existing", {"filename": Text}) as staging:
        staging.copy((name,) for name in existing)
        staging.analyze()
        state = (
            select(GithubFile.id, staging.table.c.filename.is_(None).label("gone"))
            .outerjoin(staging.table, staging.table.c.filename == GithubFile.filename)
            .where(GithubFile.repo_id == repo_id)
            .subquery("state")
        )
        changed = session.execute(
            update(GithubFile)
            .where(GithubFile.id == state.c.id, GithubFile.is_deleted != state.c.gone)
            .values(is_deleted=state.c.gone)
            .execution_options(synchronize_session=False)
        )
        return _rows(changed)


def store_refs(session: Session, repo_id: int, tips: Mapping[str, str], now: datetime) -> int:
    """Make the stored branches and tags equal to ``tips``. Returns how many are new, moved or gone."""
    columns = ("repo_id", "ref_name", "tip", "seen_at", "gone_at")
    rows = ((repo_id, name, tip, now, None) for name, tip in tips.items())
    result = bulk_merge(
        session,
        GitRef,
        columns,
        rows,
        key=("repo_id", "ref_name"),
        update=("tip", "gone_at"),
        touch={"seen_at": literal(now, DateTime(timezone=True))},
    )
    gone = session.execute(
        update(GitRef)
        .where(GitRef.repo_id == repo_id, GitRef.gone_at.is_(None), GitRef.ref_name.not_in(tips))
        .values(gone_at=now)
        .execution_options(synchronize_session=False)
    )
    return result.inserted + result.updated + _rows(gone)


def add_rewrites(session: Session, repo_id: int, rewrites: Iterable[Rewrite], now: datetime) -> int:
    """Note rewrites of history. Returns how many were not known."""
    rows = [(repo_id, rewrite.ref_name, rewrite.old_tip, rewrite.new_tip, now) for rewrite in rewrites]
    if not rows:
        return 0
    columns = ("repo_id", "ref_name", "old_tip", "new_tip", "seen_at")
    return bulk_merge(session, GitForcePush, columns, rows, key=columns[:4], update=()).inserted


def mark_gone(session: Session, repo_id: int, hashes: Iterable[str], now: datetime) -> int:
    """Note that no ref reaches these commits any more. Returns how many that is news of."""
    return _mark_gone(session, repo_id, hashes, now, named=True)


def mark_gone_except(session: Session, repo_id: int, hashes: Iterable[str], now: datetime) -> int:
    """Note that refs reach these commits and no others. Returns how many that is news of."""
    return _mark_gone(session, repo_id, hashes, now, named=False)


def _mark_gone(session: Session, repo_id: int, hashes: Iterable[str], now: datetime, *, named: bool) -> int:
    with stage(session, "hash", {"commit_hash": Text}) as staging:
        staging.copy((hash,) for hash in hashes)
        staging.analyze()
        is_named = exists().where(staging.table.c.commit_hash == GitCommit.commit_hash)
        marked = session.execute(
            update(GitCommit)
            .where(GitCommit.repo_id == repo_id, GitCommit.gone_at.is_(None), is_named if named else ~is_named)
            .values(gone_at=now)
            .execution_options(synchronize_session=False)
        )
        return _rows(marked)


def _rows(result: Any) -> int:
    return int(result.rowcount)
