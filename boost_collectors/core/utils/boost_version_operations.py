"""Boost versions as tuples, as sortable numbers, and as the texts that people and tags use."""

from __future__ import annotations

import re
from typing import Any

Version = tuple[int, int, int]

MAX_MINOR = 999
MAX_PATCH = 99

_PREFIX = re.compile(r"\Aboost[-_]", re.IGNORECASE)
_STABLE_TAG = re.compile(r"\Aboost-([0-9]+)\.([0-9]+)\.([0-9]+)\Z")
_NORMAL = re.compile(r"\A[0-9]+(?:\.[0-9]+){0,3}\Z")


def encode_boost_version(major: int, minor: int, patch: int) -> int:
    """One number that sorts as the version does: (1, 86, 0) is 108600. Raises ValueError outside 0..999 and 0..99."""
    if min(major, minor, patch) < 0 or minor > MAX_MINOR or patch > MAX_PATCH:
        raise ValueError(f"Boost version {major}.{minor}.{patch} is out of range")
    return major * 100_000 + minor * 100 + patch


def decode_boost_version(encoded: int) -> Version:
    """The version of an encoded number. Raises ValueError when negative."""
    if encoded < 0:
        raise ValueError(f"encoded Boost version {encoded} is negative")
    major, rest = divmod(encoded, 100_000)
    minor, patch = divmod(rest, 100)
    return major, minor, patch


def parse_boost_version_string(text: str | None) -> Version | None:
    """``boost-1.86.0``, ``1_56_0`` or ``1.86`` as a version; missing parts are 0, a fourth is ignored.

    None for anything else, a suffix such as ``-beta1`` and numbers out of range included.
    """
    parts = _PREFIX.sub("", (text or "").strip()).replace("_", ".").split(".")
    if not all(parts) or not all(re.fullmatch(r"[0-9]+", part) for part in parts[:3]):
        return None
    major, minor, patch = (int(part) for part in (*parts[:3], "0", "0")[:3])
    return (major, minor, patch) if minor <= MAX_MINOR and patch <= MAX_PATCH else None


def encode_boost_version_string(text: str | None) -> int | None:
    """The sortable number of a version text; None when it is not one."""
    version = parse_boost_version_string(text)
    return None if version is None else encode_boost_version(*version)


def loose_version_tuple(text: str | None) -> Version:
    """Three numbers out of any text, for sorting what is not quite a version: ``1.82.x`` is (1, 82, 0).

    All digits of a part count (``9-extra`` is 9, ``x`` is 0). An underscore between digits separates parts as a
    dot does, so that ``1_86_0`` is 1.86.0.
    """
    parts = re.sub(r"(?<=[0-9])_(?=[0-9])", ".", text or "").split(".")
    major, minor, patch = (int("0" + re.sub(r"[^0-9]", "", part)) for part in (*parts[:3], "", "")[:3])
    return major, minor, patch


def normalize_boost_version_string(text: str | None) -> str | None:
    """``boost-1-86`` and ``Boost_1_86`` as ``1.86.0``. None when blank, not a version, or before 1.0."""
    normal = re.sub(r"[-_]", ".", _PREFIX.sub("", (text or "").strip()))
    if not _NORMAL.match(normal) or normal.startswith("0."):
        return None
    return f"{normal}.0" if normal.count(".") == 1 else normal


def compare_boost_version_tuples(left: Version, right: Version) -> int:
    """-1, 0 or 1."""
    return _compare(left, right)


def compare_loose_version_strings(left: str | None, right: str | None) -> int:
    """-1, 0 or 1, by ``loose_version_tuple``."""
    return _compare(loose_version_tuple(left), loose_version_tuple(right))


def compare_encoded_versions(left: int, right: int) -> int:
    """-1, 0 or 1."""
    return _compare(left, right)


def parse_stable_boost_release_tag(text: str | None, minimum: Version) -> str | None:
    """The tag of a release, without leading zeros, if it is at least ``minimum``; None for betas and other tags."""
    match = _STABLE_TAG.match((text or "").strip())
    if match is None:
        return None
    version = int(match[1]), int(match[2]), int(match[3])
    return None if version < minimum else "boost-" + ".".join(str(number) for number in version)


def _compare(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)
