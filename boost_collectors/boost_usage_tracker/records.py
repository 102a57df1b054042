"""What passes between search, scan and storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from boost_collectors.boost_usage_tracker.scan.manifests import Declaration


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A repository as GitHub's search shows it. Times are aware UTC or None, text is empty where there is none.

    ``size`` is in kilobytes, ``owner_kind`` GitHub's type name (User, Organization).
    """

    github_id: int
    full_name: str
    owner_id: int
    owner_kind: str = "User"
    owner_avatar: str = ""
    stars: int = 0
    forks: int = 0
    description: str = ""
    license_spdx: str = ""
    default_branch: str = ""
    size: int = 0
    is_archived: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    pushed_at: datetime | None = None

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]


@dataclass(frozen=True, slots=True)
class FileUse:
    """The headers that one file includes, each once, in order; and when the file was changed last, if known."""

    headers: tuple[str, ...]
    changed_at: datetime | None = None


@dataclass(slots=True)
class Scan:
    """What a commit was found to use.

    ``files`` and ``declarations`` are by path and hold only what uses Boost. ``read`` are all paths that were looked
    at, and ``removed`` those that were there before: what is stored for them and not given here is gone. ``whole``:
    every file was looked at, so what is stored for any other is gone as well. ``version`` is None when what tells it
    did not change.
    """

    commit: str
    whole: bool = True
    files: dict[str, FileUse] = field(default_factory=dict)
    declarations: Mapping[str, Declaration] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    version: str | None = ""
    is_embedded: bool = False
    fetches: int = 0
