"""What one commit changed against another, from a clone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from boost_collectors.core.errors import SourceError
from boost_collectors.core.git import Git
from boost_collectors.github_activity_tracker.git import FileChange, PatchLimits, parse_files

NO_LIMIT = 1 << 62

_COMPARISON = (
    *("diff-tree", "-r", "-z", "--raw", "--numstat", "--no-abbrev", "--patch", "--full-index"),
    *("--find-copies", "--irreversible-delete", "--submodule=short", "--no-color", "--no-ext-diff", "--no-textconv"),
)


def get_commit_file_changes(
    repo_dir: Path | str, parent_sha: str, commit_sha: str, *, patch_size_limit: int | None = None
) -> list[dict[str, Any]]:
    """One mapping per changed file: ``filename``, ``status``, ``additions``, ``deletions``, ``patch``, and for renames
    and copies ``previous_filename``.

    A patch of more bytes than the limit ends with the line ``... (truncated)``; None and 0 mean no limit. One git
    process, whatever the number of files. Raises GitError or GitTimeout when git fails, SourceError for output that
    is not what git promises.
    """
    limits = PatchLimits(file=patch_size_limit or NO_LIMIT, commit=NO_LIMIT)
    revisions = ("--end-of-options", parent_sha, commit_sha)
    output = Git(Path(repo_dir)).run(*_COMPARISON, *revisions)
    try:
        return [_mapping(change) for change in parse_files(output, limits)]
    except (ValueError, IndexError) as error:
        raise SourceError(f"the changes of {commit_sha} could not be read: {error}") from error


def _mapping(change: FileChange) -> dict[str, Any]:
    found = change._asdict()
    if change.previous_filename is None:
        del found["previous_filename"]
    return found
