"""Commits, files and changes, one row at a time."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import (
    GitCommit,
    GitCommitFileChange,
    GithubFile,
    GithubRepository,
)
from boost_collectors.github_activity_tracker.services.single import put


def create_or_update_commit(
    session: Session,
    repo: GithubRepository,
    account: GithubAccount,
    commit_hash: str,
    comment: str | None = "",
    commit_at: datetime | None = None,
) -> tuple[GitCommit, bool]:
    """A commit as (row, created); account, message and time are overwritten, a missing time with now."""
    values = {"account_id": account.id, "comment": comment or "", "commit_at": commit_at or datetime.now(UTC)}
    return put(session, GitCommit, {"repo_id": repo.id, "commit_hash": commit_hash}, values)


def create_or_update_github_file(
    session: Session, repo: GithubRepository, filename: str, is_deleted: bool = False
) -> tuple[GithubFile, bool]:
    """A file as (row, created); whether it is deleted is overwritten."""
    return put(session, GithubFile, {"repo_id": repo.id, "filename": filename}, {"is_deleted": is_deleted})


def add_commit_file_change(
    session: Session,
    commit: GitCommit,
    github_file: GithubFile,
    status: str,
    additions: int = 0,
    deletions: int = 0,
    patch: str | None = "",
) -> tuple[GitCommitFileChange, bool]:
    """What a commit did to a file as (row, created); everything is overwritten."""
    values = {"status": status, "additions": additions, "deletions": deletions, "patch": patch or ""}
    return put(session, GitCommitFileChange, {"commit_id": commit.id, "github_file_id": github_file.id}, values)


def clear_commit_file_changes_for_commit(session: Session, commit: GitCommit) -> int:
    """Delete what is stored of a commit's changes. Returns how many there were."""
    deleted = session.execute(delete(GitCommitFileChange).where(GitCommitFileChange.commit_id == commit.id))
    return int(getattr(deleted, "rowcount", 0))


def set_github_file_previous_filename(session: Session, github_file: GithubFile, previous: GithubFile) -> None:
    """Note which path a file had before."""
    if github_file.previous_filename_id != previous.id:
        github_file.previous_filename_id = previous.id
        session.flush()
