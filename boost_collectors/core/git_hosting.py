"""Where repositories are cloned from, and what all clones in the workspace have in common."""

from __future__ import annotations

import posixpath
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from boost_collectors.core import file_locks
from boost_collectors.core.git import GitCredentials, without_credentials
from boost_collectors.core.settings import Settings

CLONE_TIMEOUT = 3600.0
"""Seconds for a first fetch. One that stalls ends much earlier, see STALL."""

GITHUB_HOST = "github.com"
_NAME = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]+"
_KEY = re.compile(f"{_NAME}/{_NAME}")

# Slower than 1 kB/s for a minute is a dead connection.
STALL = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60")


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where repositories are cloned from, and with which token."""

    url: str
    credentials: GitCredentials | None = None

    @classmethod
    def at(cls, url: str, token: str) -> Hosting:
        """Hosting at a base URL. The token is only sent over https, and only to that URL."""
        plain, found = without_credentials(url.rstrip("/"))
        if token and plain.startswith("https://"):
            found = GitCredentials(plain, token)
        return cls(plain, found)

    @classmethod
    def of(cls, settings: Settings) -> Hosting:
        """Where the settings say, with the first token for reading, if there is one."""
        return cls.at(settings.github_git_url, next(iter(settings.github_tokens_scraping), ""))

    def repository(self, key: str) -> str:
        """The URL of ``owner/name``."""
        return f"{self.url}/{key}.git"


def submodule_key(url: str, parent: str, hosting: Hosting) -> str | None:
    """The ``owner/name`` of a submodule of ``parent``, whose URL may be relative; None if it is hosted elsewhere.

    Anybody may write anything into a repository's list of submodules: what is no name of a repository is None too.
    """
    try:
        path = _path_at(url, parent, hosting)
    except ValueError:  # no URL at all
        return None
    key = path.strip("/").removesuffix(".git")
    return key if _KEY.fullmatch(key) else None


def _path_at(url: str, parent: str, hosting: Hosting) -> str:
    """The path at GitHub, or at the hosting; empty for what is elsewhere. Raises ValueError."""
    if url.startswith(("./", "../")):
        return posixpath.normpath(f"/{parent}/{url}")
    if "://" not in url:
        host, _, path = url.partition(":")
        return path if host.rpartition("@")[2] == GITHUB_HOST else ""
    parts, base = urlsplit(url), urlsplit(hosting.url)
    if parts.hostname == GITHUB_HOST:
        return parts.path
    return parts.path.removeprefix(base.path) if parts.hostname and parts.hostname == base.hostname else ""


def alone(clone: Path, stop: Event) -> AbstractContextManager[None]:
    """Only one process changes a clone at a time. Raises TransientError when another one takes too long, or on stop."""
    what = f"the clone {clone.parent.name}/{clone.stem}"
    return file_locks.alone(clone.with_suffix(".lock"), what, wait=CLONE_TIMEOUT, stop=stop)
