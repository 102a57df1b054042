"""Rows of the tracker's tables from JSON as GitHub's REST API and the archive have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from boost_collectors.clang_github_tracker.services import CommitRow, ItemRow, checked_number, checked_sha
from boost_collectors.github_activity_tracker.sync_api import CommitPayload, time_of

DETAILS = ("issue_info", "pr_info", "issue", "pr")
"""Keys below which the details of an item may stand."""


class ItemPayload(Protocol):
    """An issue or pull request."""

    number: int
    created_at: str | None
    updated_at: str | None


def commit_row(payload: CommitPayload) -> CommitRow:
    """A commit: shown with the author's date, else the committer's. Raises InvalidCommit for a hash that is none."""
    authored, committed = (
        time_of(signature.date if signature else None)
        for signature in (payload.commit.author, payload.commit.committer)
    )
    return CommitRow(checked_sha(payload.sha), authored or committed, committed)


def item_row(item: ItemPayload, *, is_pull_request: bool) -> ItemRow:
    """An issue or pull request. Raises InvalidNumber."""
    number = checked_number(item.number)
    return ItemRow(number, is_pull_request, time_of(item.created_at), time_of(item.updated_at))


def has_number(item: Mapping[str, Any]) -> bool:
    """Whether an item, nested or flat, has a number: a positive integer or its digits."""
    parts = [item, *(part for name in DETAILS if isinstance(part := item.get(name), Mapping))]
    return any(_is_number(part.get("number")) for part in parts)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and int(value) > 0
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
