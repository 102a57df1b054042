"""Commits of GitHub's REST API as git would show them."""

from __future__ import annotations

from typing import Any

from boost_collectors.github_activity_tracker.conversion import time_of
from boost_collectors.github_activity_tracker.git import Commit, FileChange, path_text
from boost_collectors.github_activity_tracker.models import FileChangeStatus
from boost_collectors.github_activity_tracker.payloads import CommitPayload, FilePayload, GitSignature

STATUSES = frozenset(FileChangeStatus)


def commit_from_payload(payload: CommitPayload) -> Commit:
    """The commit. Files without a name are left out; GitHub lists at most 300 on a page."""
    author = payload.commit.author or GitSignature()
    committer = payload.commit.committer or GitSignature()
    return Commit(
        _text(payload.sha),
        tuple(_parents((payload.model_extra or {}).get("parents"))),
        _text(author.name),
        _text(author.email),
        time_of(author.date),
        _text(committer.name),
        _text(committer.email),
        time_of(committer.date),
        _text(payload.commit.message),
        tuple(_change(file, name) for file in payload.files if (name := _name(file))),
    )


def _change(file: FilePayload, name: str) -> FileChange:
    status = _text(file.status).lower() or "modified"
    previous = _text(file.previous_filename)
    return FileChange(
        _path(name),
        status if status in STATUSES else "changed",
        file.additions or 0,
        file.deletions or 0,
        _text(file.patch),
        _path(previous) if previous and status == FileChangeStatus.RENAMED else None,
    )


def _name(file: FilePayload) -> str:
    return _text(file.filename) or _text(file.previous_filename)


def _path(name: str) -> str:
    return path_text(name.encode())


def _parents(given: Any) -> list[str]:
    entries = given if isinstance(given, list) else []
    return [entry["sha"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("sha"), str)]


def _text(value: str | None) -> str:
    """Trimmed, and without the character that PostgreSQL cannot store."""
    return (value or "").replace("\0", "").strip()
