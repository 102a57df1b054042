"""Files of an earlier title: same folder and number as a file just written, but another name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boost_collectors.core.operations.github_ops import list_remote_directory
from boost_collectors.github_activity_tracker.export.paths import EXTENSION, number_prefix

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

NewFiles = Iterable[str]
"""Repo-relative paths with slashes; a mapping from them does as well."""


def detect_renames(remote_tree: Iterable[Mapping[str, Any]], new_files: NewFiles) -> list[str]:
    """The stale paths among the entries of a recursive tree (``{"path": …, "type": "blob"}``), sorted."""
    paths = [str(entry["path"]) for entry in remote_tree if entry.get("type") == "blob" and entry.get("path")]
    return stale_among(paths, new_files)


def detect_renames_from_dirs(
    owner: str, repo: str, branch: str, new_files: NewFiles, *, client: GitHubClient | None = None
) -> list[str]:
    """The same by one remote listing for each folder with new files, for trees too big to be listed whole.

    Raises what ``list_remote_directory`` raises: a listing that failed says nothing about the files that are there.
    """
    return _stale_in(lambda folder: list_remote_directory(owner, repo, branch, folder, client=client), new_files)


def detect_stale_titled_paths(base_dir: Path, new_files: NewFiles) -> list[str]:
    """The same in a local tree; only ``.md`` files whose names do not begin with a dot count."""
    return _stale_in(lambda folder: _local_names(base_dir, folder), new_files)


def stale_among(paths: Iterable[str], new_files: NewFiles) -> list[str]:
    """The stale ones of any paths, sorted and each once."""
    new = set(new_files)
    written = {(folder, prefix) for folder, prefix in map(_place, new) if prefix}
    return sorted({path for path in paths if path not in new and _place(path) in written})


def _stale_in(listing: Callable[[str], Iterable[str]], new_files: NewFiles) -> list[str]:
    by_folder: dict[str, list[str]] = defaultdict(list)
    for path in new_files:
        by_folder[_folder(path)].append(path)
    found = [path for folder, paths in by_folder.items() for path in stale_among(listing(folder), paths)]
    return sorted(found)


def _local_names(base_dir: Path, folder: str) -> list[str]:
    place = base_dir / folder
    if not place.is_dir():
        return []
    names = [entry.name for entry in place.iterdir() if entry.is_file()]
    kept = [name for name in names if name.endswith(EXTENSION) and not name.startswith(".")]
    return [f"{folder}/{name}" if folder else name for name in kept]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _place(path: str) -> tuple[str, str | None]:
    folder, _, name = path.rpartition("/")
    return folder, number_prefix(name)
