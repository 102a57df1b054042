"""Downloading a file that may be big: never more than a piece of it in memory, and going on where a cut one ended."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from boost_collectors.core.errors import PermanentError, TransientError
from boost_collectors.core.http import HttpClient
from boost_collectors.core.workspace import write_json

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 300.0


def download(http: HttpClient, url: str, target: Path, *, sha256: str = "") -> None:
    """Download to ``target``, which is there only when it is whole; its folder must exist.

    What came of a download that failed stays in ``<target>.part``, and the next call goes on behind it when the source
    still has the same file. ``sha256``: what the file must hash to, in hex; empty when nobody says. Raises as
    ``HttpClient.get``, TransientError for a file with another hash. Two processes must not share a target.
    """
    part = _Part(target, url)
    try:
        if not part.is_whole:
            http.stream(url, part.take, headers=part.headers, timeout=TIMEOUT_SECONDS)
        if sha256 and (found := file_sha256(part.path)) != sha256.lower():
            part.remove()
            raise TransientError(f"{url} is not the file that was announced: its SHA-256 is {found}, not {sha256}")
    except PermanentError:
        part.remove()
        raise
    part.path.replace(target)
    part.remove()


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file of any size, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Part:
    """The beginning of a file, and a note of which file it is the beginning of."""

    def __init__(self, target: Path, url: str) -> None:
        self._url = url
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")

    @property
    def is_whole(self) -> bool:
        """Whether the file was downloaded to its end, and only not put in its place."""
        length = self._noted().get("length")
        return length is not None and length == self._size()

    def headers(self) -> Mapping[str, str]:
        """What asks for the rest of the file, or for all of it when nobody can say that it is still the same."""
        validator, size = self._noted().get("validator"), self._size()
        plain = {"Accept-Encoding": "identity"}
        return {**plain, "Range": f"bytes={size}-", "If-Range": validator} if validator and size else plain

    def take(self, response: httpx.Response) -> None:
        """Write the body behind what is there, or in its place when the source sends the whole file."""
        rest = response.status_code == httpx.codes.PARTIAL_CONTENT
        if not rest:
            self._write_note(response)
        with self.path.open("ab" if rest else "wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)

    def remove(self) -> None:
        """Forget what was downloaded."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _noted(self) -> dict[str, Any]:
        try:
            noted = json.loads(self._note.read_bytes())
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) and noted.get("url") == self._url else {}

    def _write_note(self, response: httpx.Response) -> None:
        etag = response.headers.get("etag", "")
        # A weak tag says that two files mean the same, not that they are the same.
        validator = etag if etag and not etag.startswith("W/") else response.headers.get("last-modified", "")
        length = response.headers.get("content-length", "")
        self.path.unlink(missing_ok=True)  # before the note, which would vouch for the old bytes
        note = {"url": self._url, "validator": validator, "length": int(length) if length.isdecimal() else None}
        write_json(self._note, note)
