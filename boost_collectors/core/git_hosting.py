"""Where repositories are cloned from, and what all clones in the workspace have in common."""

from __future__ import annotations

import posixpath
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
    """The ``owner/name`` of a submodule of ``parent``, whose URL may be relative; None if it is hosted elsewhere."""
    if url.startswith(("./", "../")):
        path = posixpath.normpath(f"/{parent}/{url}")
    elif "://" in url:
        parts, base = urlsplit(url), urlsplit(hosting.url)
        if (parts.hostname or "") not in (GITHUB_HOST, base.hostname):
            return None
        path = parts.path if parts.hostname == GITHUB_HOST else parts.path.removeprefix(base.path)
    else:
        host, colon, path = url.partition(":")
        if not colon or host.rpartition("@")[2] != GITHUB_HOST:
            return None
    segments = path.strip("/").removesuffix(".git").split("/")
    return "/".join(segments) if len(segments) == 2 and all(segments) else None


def alone(clone: Path, stop: Event) -> AbstractContextManager[None]:
    """Only one process changes a clone at a time. Raises TransientError when another one takes too long, or on stop."""
    what = f"the clone {clone.parent.name}/{clone.stem}"
    return file_locks.alone(clone.with_suffix(".lock"), what, wait=CLONE_TIMEOUT, stop=stop)
