"""The releases that the dashboard tells apart (X.Y.0), and moving along them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

PATTERN = r"^boost-\d+\.\d+\.0$"
_PREFIX = re.compile(r"\Aboost-")


@dataclass(frozen=True, slots=True)
class Release:
    """A release of Boost by its number (``1.90.0``), and when it came out, as far as that is known."""

    id: int
    version: str
    created_at: datetime | None


def plain(version: str) -> str:
    """``boost-1.90.0`` as ``1.90.0``."""
    return _PREFIX.sub("", version)


def in_order(releases: Sequence[Release]) -> list[Release]:
    """By number: 1.10.0 comes after 1.9.0."""
    return sorted(releases, key=lambda release: loose_version_tuple(release.version))


def moved(version: str, steps: int, versions: Sequence[str]) -> str | None:
    """The version so many steps away.

    None without a version and past either end; a version that is not in the list stays as it is.
    """
    if not version:
        return None
    if version not in versions:
        return version
    position = versions.index(version) + steps
    return versions[position] if 0 <= position < len(versions) else None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The releases whose day is known, in the order of their days: which one a moment belongs to."""

    versions: tuple[str, ...]
    days: tuple[datetime, ...]

    @classmethod
    def of(cls, releases: Sequence[Release]) -> Calendar:
        """The calendar of some releases; of two on one day the lower number comes first."""
        dated = [(release.created_at, release.version) for release in in_order(releases) if release.created_at]
        dated.sort(key=lambda pair: pair[0])
        return cls(tuple(version for _, version in dated), tuple(day for day, _ in dated))

    def after(self, bucket: int) -> str:
        """The release that came next, by how many had come; empty for what no release has yet."""
        return self.versions[bucket] if bucket < len(self.versions) else ""
