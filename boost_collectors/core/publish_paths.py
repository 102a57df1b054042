"""What may be published where: names of repositories, and paths that stay within them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from boost_collectors.core.errors import CommandError
from boost_collectors.core.workspace import LONGEST_SEGMENT, UnsafePathError

DEFAULT_BRANCH = "master"

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_BRANCH = re.compile(r"(?![-/.])(?!.*(?:\.\.|//|/\.|@\{|\.lock(?:/|$)))[^\s~^:?*\[\\\x00-\x1f\x7f]+(?<![/.])")
# Names that one file system or another takes for ".git".
_GIT_FOLDER = re.compile(r"\.git|git~\d+|\.git[ .]+.*|\.git:.*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
_IGNORED_BY_MACS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True, slots=True)
class PublishTarget:
    """A branch of a repository that files are published to.

    Raises CommandError for what is no name of an owner, a repository or a branch. A blank branch means ``master``.
    """

    owner: str
    repo: str
    branch: str = DEFAULT_BRANCH

    def __post_init__(self) -> None:
        for what, name in (("owner", self.owner), ("repo", self.repo)):
            if not _NAME.fullmatch(name) or len(name) > LONGEST_SEGMENT:
                raise CommandError(f"Invalid GitHub {what} {name[:80]!r}")
        object.__setattr__(self, "branch", self.branch.strip() or DEFAULT_BRANCH)
        if not _BRANCH.fullmatch(self.branch):
            raise CommandError(f"Invalid branch {self.branch[:80]!r}")

    @property
    def key(self) -> str:
        """``owner/repo@branch``."""
        return f"{self.owner}/{self.repo}@{self.branch}"


def checked_path(path: str) -> str:
    """The path, if it is one of a file within a repository: relative, with ``/`` between the parts.

    Raises UnsafePathError, a CommandError, for one that escapes it or that git or a file system would not take.
    """
    parts = path.split("/")
    if _CONTROL.search(path) or not all(_is_part(part) for part in parts):
        raise UnsafePathError(f"the path {path[:200]!r} escapes the repository or cannot be a file in it")
    return path


def _is_part(part: str) -> bool:
    seen_by_macs = _IGNORED_BY_MACS.sub("", part)
    return (
        part not in ("", ".", "..")
        and not _GIT_FOLDER.fullmatch(seen_by_macs)
        and len(part.encode("utf-8", "surrogateescape")) <= LONGEST_SEGMENT
    )
