"""Where pages come from: boost.org, or the extracted archive of a release.

A source answers for a path below the release's root. It raises NotFoundError for a page that is not there, NotAPage
for what is no HTML, OutsideError for a page that turns out to be somewhere else, and what the transport raises.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from posixpath import splitext
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

import httpx

from boost_collectors.boost_library_docs_tracker.archive import is_extracted
from boost_collectors.boost_library_docs_tracker.html_page import decode
from boost_collectors.boost_library_docs_tracker.places import PAGE_SUFFIXES, below_release
from boost_collectors.core.errors import CollectorError, NotFoundError, SourceError, TransientError
from boost_collectors.core.http import HttpClient

MOST_BYTES = 1 << 24
"""A page of more bytes is not read: the biggest of Boost's have some three million."""

# Linked from pages, but no pages: not worth a request.
_OTHER_FILES = {
    *(".c", ".cc", ".cpp", ".h", ".hpp", ".inl", ".ipp", ".py", ".jam", ".cmake", ".v2", ".json", ".xml", ".xsl"),
    *(".css", ".js", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg"),
    *(".bz2", ".gz", ".tgz", ".zip", ".md", ".pdf", ".ps", ".qbk", ".rst", ".txt"),
}


class NotAPage(CollectorError):
    """What stands there is no HTML."""


class OutsideError(SourceError):
    """The address leads out of the release's documentation."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it was found: the path where it really is, and its HTML."""

    path: str
    text: str


class PageSource(Protocol):
    """Reads pages of one release."""

    def leads_on(self, link: str) -> bool:
        """Whether a link of a page may lead to another page of this source."""

    def read(self, path: str) -> Fetched:
        """The page at that path. Raises as described above."""

    def pause(self) -> None:
        """Called after every page that was taken."""


class Crawl:
    """Pages over HTTP, one at a time, with a pause after each."""

    def __init__(self, http: HttpClient, base: str, folder: str, *, delay: float, stop: threading.Event) -> None:
        self._http, self._base, self._folder = http, base, folder
        self._delay, self._stop = delay, stop

    def leads_on(self, link: str) -> bool:
        """Any address but of files that are known not to be pages."""
        try:
            return splitext(urlsplit(link).path)[1].lower() not in _OTHER_FILES
        except ValueError:
            return False

    def read(self, path: str) -> Fetched:
        """The page at the address, or at the one that it redirects to."""
        return self._http.stream(f"{self._base}{self._folder}/{path}", self._take)

    def pause(self) -> None:
        """Wait as politeness asks, or until the run is asked to stop."""
        if self._delay:
            self._stop.wait(self._delay)

    def _take(self, response: httpx.Response) -> Fetched:
        url = str(response.request.url)
        path = below_release(url, self._folder, self._base)
        if path is None:
            raise OutsideError(f"{url} is outside of {self._base}{self._folder}/")
        if "html" not in response.headers.get("content-type", "").lower():
            raise NotAPage(f"{url} is {response.headers.get('content-type', 'of no type')}")
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                raise SourceError(f"{url} has more than {MOST_BYTES} bytes")
        return Fetched(path, decode(bytes(body), response.charset_encoding or ""))


class LocalTree:
    """Pages of an extracted archive."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def leads_on(self, link: str) -> bool:
        """Relative addresses of pages and folders."""
        try:
            parts = urlsplit(link)
        except ValueError:
            return False
        is_page = parts.path.lower().endswith((*PAGE_SUFFIXES, "/"))
        return is_page and not parts.scheme and not parts.netloc

    def read(self, path: str) -> Fetched:
        """The file of that path, whose name must not be hidden."""
        file = (self._root / unquote(path)).resolve()
        if not file.is_relative_to(self._root):
            raise OutsideError(f"{path} is outside of {self._root}")
        if file.name.startswith(".") or not file.name.lower().endswith(PAGE_SUFFIXES):
            raise NotAPage(f"{file} is no page")
        try:
            if file.stat().st_size > MOST_BYTES:
                raise SourceError(f"{file} has more than {MOST_BYTES} bytes")
            body = file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise self._missing(file) from None
        except (OSError, ValueError) as error:
            raise SourceError(f"{file} cannot be read: {error}") from error
        return Fetched(quote(file.relative_to(self._root).as_posix(), safe="/~!$&'()*+,;=:@"), decode(body))

    def pause(self) -> None:
        """A disk needs none."""

    def _missing(self, file: Path) -> CollectorError:
        if is_extracted(self._root):
            return NotFoundError(f"{file} does not exist")
        return TransientError(f"{self._root} was removed while it was read")
