"""The version of the running code.

``make`` writes the newest git tag to the file ``VERSION`` of the package; a checkout without tags, an archive or a
checkout that was never built has none, and is the fallback.
"""

from __future__ import annotations

import re
from pathlib import Path

FALLBACK_VERSION = "0.1.0"
VERSION_FILE = Path(__file__).parents[1] / "VERSION"

_DESCRIBED = re.compile(r"v?(\d+\.\d+\.\d+)(?:-(\d+)-g([0-9a-f]+))?")


def version_of(described: str) -> str:
    """The version for what ``git describe --tags`` says: ``v1.2.0`` is 1.2.0, ``v1.2.0-5-gabc`` is 1.2.0.post5+gabc.

    Anything else is the fallback.
    """
    match = _DESCRIBED.fullmatch(described.strip())
    if match is None:
        return FALLBACK_VERSION
    release, commits, commit = match.groups()
    return f"{release}.post{commits}+g{commit}" if commits else str(release)


def _read_version() -> str:
    try:
        return version_of(VERSION_FILE.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return FALLBACK_VERSION


__version__ = _read_version()
