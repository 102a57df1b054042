"""The archive of raw JSON: one file per issue, pull request and commit, merged with what was known before.

Commits that are read from git are not copied here: the clone is their archive. ``save_commit_raw_source`` is for
callers that have a commit from the API.

Files are replaced whole, and only when something in them changes. They are not forced to the disk one by one: what a
power cut takes is read again from GitHub, and a damaged file counts as empty.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from boost_collectors.core.workspace import Workspace, read_json, write_json
from boost_collectors.github_activity_tracker import workspace_paths as paths
from boost_collectors.github_activity_tracker.conversion import (
    issue_from_payload,
    issue_to_payload,
    pull_request_from_payload,
    pull_request_to_payload,
)
from boost_collectors.github_activity_tracker.records import Issue, Item

__all__ = [
    "issue_from_payload",
    "issue_to_payload",
    "move",
    "pull_request_from_payload",
    "pull_request_to_payload",
    "save",
    "save_commit_raw_source",
    "save_issue_raw_source",
    "save_pr_raw_source",
]

logger = logging.getLogger(__name__)

ISSUE_LISTS = ("comments",)
PULL_LISTS = ("comments", "reviews")
GRAPHQL_LISTS = ("review_verdicts", "review_threads")
"""Lists of a pull request that only some answers have."""


def save(workspace: Workspace, owner: str, name: str, item: Item) -> None:
    """Merge a record into its archive file. Raises OSError when the file cannot be written."""
    if isinstance(item, Issue):
        save_issue_raw_source(owner, name, issue_to_payload(item), workspace=workspace)
    else:
        save_pr_raw_source(owner, name, pull_request_to_payload(item), workspace=workspace)


def move(workspace: Workspace, former: str, key: str) -> None:
    """Let the archive of a repository bear its new name (both ``owner/name``), where none does already."""
    (old_owner, old_name), (owner, name) = former.split("/"), key.split("/")
    old = paths.archive_folder(old_owner, old_name, workspace)
    new = paths.archive_folder(owner, name, workspace)
    if old.is_dir() and not new.exists():
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)


def save_commit_raw_source(
    owner: str, repo: str, commit: Mapping[str, Any], *, workspace: Workspace | None = None
) -> None:
    """Replace the archive copy of a commit; nothing when it has no ``sha``. Raises ValueError for an unsafe one."""
    sha = commit.get("sha")
    if not isinstance(sha, str) or not sha.strip():
        return
    path = paths.get_raw_source_commit_path(owner, repo, sha.strip(), workspace=workspace)
    _write_if_changed(path, _existing(path), dict(commit))


def save_issue_raw_source(
    owner: str, repo: str, issue: Mapping[str, Any], *, workspace: Workspace | None = None
) -> None:
    """Merge an issue, nested or flat, into its archive copy; nothing when it has no number.

    Details of the new one go over those of the old. Comments are merged by id: the new one wins, the order is the
    old one's with new ids behind.
    """
    number = _number(issue, "issue_info")
    if number is not None:
        path = paths.get_raw_source_issue_path(owner, repo, number, workspace=workspace)
        _merge_into(path, issue, "issue_info", ISSUE_LISTS)


def save_pr_raw_source(owner: str, repo: str, pull: Mapping[str, Any], *, workspace: Workspace | None = None) -> None:
    """Merge a pull request, nested or flat, into its archive copy, as an issue is; reviews like comments."""
    number = _number(pull, "pr_info")
    if number is not None:
        path = paths.get_raw_source_pr_path(owner, repo, number, workspace=workspace)
        _merge_into(path, pull, "pr_info", PULL_LISTS)


def _number(item: Mapping[str, Any], info_name: str) -> int | None:
    """The number at the top level or in the details: a positive integer or its digits."""
    info = item.get(info_name)
    for value in (item.get("number"), info.get("number") if isinstance(info, Mapping) else None):
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def _merge_into(path: Path, new: Mapping[str, Any], info_name: str, lists: Sequence[str]) -> None:
    stored = _existing(path)
    old_info, old_rest = _parts(stored, info_name, lists)
    new_info, new_rest = _parts(new, info_name, lists)
    known = (*lists, *(name for name in GRAPHQL_LISTS if name in stored or name in new))
    children = {name: _merged(stored.get(name), new.get(name)) for name in known}
    _write_if_changed(path, stored, {info_name: old_info | new_info, **children, **old_rest, **new_rest})


def _parts(item: Mapping[str, Any], info_name: str, lists: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The details, without the counters that share a name with a list, and what else stands beside them."""
    info = item.get(info_name)
    rest = {key: value for key, value in item.items() if key not in (info_name, *lists, *GRAPHQL_LISTS)}
    if not isinstance(info, Mapping):
        return rest, {}
    return {key: value for key, value in info.items() if key not in lists}, rest


def _merged(old: object, new: object) -> list[Mapping[str, Any]]:
    entries: dict[Any, Mapping[str, Any]] = {}
    for found in (old, new):
        for entry in found if isinstance(found, list) else ():
            if isinstance(entry, Mapping) and isinstance(entry.get("id"), int | str):
                entries[entry["id"]] = entry
    return list(entries.values())


def _existing(path: Path) -> dict[str, Any]:
    try:
        stored = read_json(path)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        logger.warning("The archive copy cannot be read and is written anew: %s", error)
        return {}
    if not isinstance(stored, dict):
        logger.warning("The archive copy %s holds no object and is written anew", path)
        return {}
    return stored


def _write_if_changed(path: Path, stored: Mapping[str, Any], value: Mapping[str, Any]) -> None:
    if value != stored:
        write_json(path, value, durable=False)
