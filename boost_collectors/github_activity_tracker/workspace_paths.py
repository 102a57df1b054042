"""Where files of the activity store lie in the workspace, by owner and repository.

Staged files (``github_activity_tracker/<owner>/<repo>/``) were written by earlier versions and by callers of
``sync_api``; they go away once they are stored. Archive copies (below the raw root) stay.

Every function takes the workspace to use; without one it is that of the settings. Names are strict path segments:
ValueError for any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace import UnsafePathError, Workspace

SLUG = "github_activity_tracker"
COMMITS, ISSUES, PULLS = "commits", "issues", "prs"

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")


def repository_path(owner: str, repo: str) -> Path:
    """``<owner>/<repo>`` as a relative path. Raises UnsafePathError (a ValueError) naming the one that is wrong."""
    return Path(checked_owner(owner)) / _checked(repo, "GitHub repository", "Invalid GitHub repo")


def checked_owner(owner: str) -> str:
    """The owner's name, if it may stand between two slashes. Raises UnsafePathError (a ValueError)."""
    return _checked(owner, "GitHub owner", "Invalid GitHub owner")


def _checked(value: str, what: str, complaint: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or value in (".", ".."):
        shown = repr(value)[:80]
        raise UnsafePathError(f"{complaint}: {shown} is not a {what} name of letters, digits and _ . -")
    return value


def get_commit_json_path(owner: str, repo: str, commit_sha: str, *, workspace: Workspace | None = None) -> Path:
    """The file a commit is staged in; its folder is made."""
    return _folder(staging_folder(owner, repo, workspace) / COMMITS) / _commit_file(commit_sha)


def get_issue_json_path(owner: str, repo: str, number: int, *, workspace: Workspace | None = None) -> Path:
    """The file an issue is staged in; its folder is made."""
    return _folder(staging_folder(owner, repo, workspace) / ISSUES) / _item_file(number)


def get_pr_json_path(owner: str, repo: str, number: int, *, workspace: Workspace | None = None) -> Path:
    """The file a pull request is staged in; its folder is made."""
    return _folder(staging_folder(owner, repo, workspace) / PULLS) / _item_file(number)


def get_raw_source_commit_path(owner: str, repo: str, commit_sha: str, *, workspace: Workspace | None = None) -> Path:
    """The file a commit is archived in; its folder is made."""
    return _folder(archive_folder(owner, repo, workspace) / COMMITS) / _commit_file(commit_sha)


def get_raw_source_issue_path(owner: str, repo: str, number: int, *, workspace: Workspace | None = None) -> Path:
    """The file an issue is archived in; its folder is made."""
    return _folder(archive_folder(owner, repo, workspace) / ISSUES) / _item_file(number)


def get_raw_source_pr_path(owner: str, repo: str, number: int, *, workspace: Workspace | None = None) -> Path:
    """The file a pull request is archived in; its folder is made."""
    return _folder(archive_folder(owner, repo, workspace) / PULLS) / _item_file(number)


def iter_existing_commit_jsons(owner: str, repo: str, *, workspace: Workspace | None = None) -> Iterator[Path]:
    """The staged commits, in name order; nothing, and no new folder, where there are none."""
    return json_files(staging_folder(owner, repo, workspace) / COMMITS)


def iter_existing_issue_jsons(owner: str, repo: str, *, workspace: Workspace | None = None) -> Iterator[Path]:
    """The staged issues, in name order; nothing, and no new folder, where there are none."""
    return json_files(staging_folder(owner, repo, workspace) / ISSUES)


def iter_existing_pr_jsons(owner: str, repo: str, *, workspace: Workspace | None = None) -> Iterator[Path]:
    """The staged pull requests, in name order; nothing, and no new folder, where there are none."""
    return json_files(staging_folder(owner, repo, workspace) / PULLS)


def iter_raw_source_commit_jsons(owner: str, repo: str, *, workspace: Workspace | None = None) -> Iterator[Path]:
    """The archived commits, in name order; nothing where there are none."""
    return json_files(archive_folder(owner, repo, workspace) / COMMITS)


def iter_raw_source_issue_jsons(owner: str, repo: str, *, workspace: Workspace | None = None) -> Iterator[Path]:
    """The archived issues, in name order; nothing where there are none."""
    return json_files(archive_folder(owner, repo, workspace) / ISSUES)


def iter_raw_source_pr_jsons(owner: str, repo: str, *, workspace: Workspace | None = None) -> Iterator[Path]:
    """The archived pull requests, in name order; nothing where there are none."""
    return json_files(archive_folder(owner, repo, workspace) / PULLS)


def staging_folder(owner: str, repo: str, workspace: Workspace | None = None) -> Path:
    """The folder of a repository's staged files; it is not made."""
    return _current(workspace).root / SLUG / repository_path(owner, repo)


def archive_folder(owner: str, repo: str, workspace: Workspace | None = None) -> Path:
    """The folder of a repository's archive copies; it is not made."""
    return archive_root(owner, workspace) / repository_path(owner, repo).name


def archive_root(owner: str, workspace: Workspace | None = None) -> Path:
    """The folder of the archive copies of all repositories of an owner; it is not made."""
    return _current(workspace).raw_root / SLUG / checked_owner(owner)


def json_files(folder: Path) -> Iterator[Path]:
    """The ``*.json`` files of a folder in name order; nothing if there is no such folder."""
    # A hidden file is one that is being written.
    paths = folder.glob("*.json") if folder.is_dir() else ()
    yield from sorted(path for path in paths if path.is_file() and not path.name.startswith("."))


def _current(workspace: Workspace | None) -> Workspace:
    return workspace or Workspace.from_settings(Settings.load())


def _folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _commit_file(commit_sha: str) -> str:
    return f"{_checked(commit_sha, 'commit', 'Invalid commit sha')}.json"


def _item_file(number: int) -> str:
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ValueError(f"Invalid number of an issue or pull request: {number!r}")
    return f"{number}.json"
