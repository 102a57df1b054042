"""Where pages are: in a release (paths are below its root), on the web, and in the workspace."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from posixpath import dirname, normpath
from urllib.parse import quote, unquote, urljoin, urlsplit

from boost_collectors.core.errors import SourceError

BASE = "https://www.boost.org/doc/libs/"
HOSTS = ("www.boost.org", "boost.org")
INDEX = "index.html"
PAGE_SUFFIXES = (".html", ".htm")
SHARED_FOLDERS = ("", "libs/", "doc/", "doc/html/")
"""Folders with the documentation of many libraries: a start page there stands for itself and the folder of its name."""

_SAFE = "/~!$&'()*+,;=:@"
_FOLDER = re.compile(r"[0-9_]+")
_BELOW_RELEASE = re.compile(r"/doc/libs/([^/]+)/(.+)", re.DOTALL)


def release_folder(version: str) -> str:
    """``1_86_0`` for ``boost-1.86.0`` or ``1.86.0``."""
    return version.strip().removeprefix("boost-").replace(".", "_")


def page_url(folder: str, path: str) -> str:
    """The address of a page in the release of that folder, as boost.org has it."""
    return f"{BASE}{folder}/{path}"


def library_root(key: str) -> str:
    """The folder of a library's own documentation, without a slash at its end."""
    name = key.strip()
    if not name:
        return "libs"
    if name.startswith("numeric/"):
        return f"libs/{name}"
    if "enable_if" in name or "swap" in name:
        return "libs/core"
    return f"libs/{name.partition('/')[0]}"


def start_path(key: str, documentation: str) -> str:
    """The first page of a library's documentation, from what its metadata says.

    An absolute URL counts by its path, a fragment not at all. Raises SourceError for a path that leaves the release,
    ValueError for an address that is none.
    """
    given = documentation.strip()
    joined = _within_a_release(given)
    if joined is None:
        text = urlsplit(given).path
        joined = text[1:] if text.startswith("/doc/") else f"{library_root(key)}/{text.lstrip('/')}"
    path = clean_path(f"{normpath(joined)}/{INDEX}" if joined.endswith("/") else normpath(joined))
    if path is None:
        raise SourceError(f"the documentation of {key!r} is said to be at {documentation!r}, outside of the release")
    return path


def _within_a_release(url: str) -> str | None:
    """What follows the release in an address of boost.org's documentation, of whichever release."""
    parts = urlsplit(url)
    below = _BELOW_RELEASE.fullmatch(parts.path) if parts.hostname in HOSTS else None
    return below[2] if below else None


def clean_path(path: str) -> str | None:
    """The path in one spelling, a folder as its index page; None for one with an empty segment, ``.`` or ``..``."""
    plain = unquote(path, errors="replace")
    whole = f"{plain}{INDEX}" if plain.endswith("/") else plain
    if "\\" in whole or any(segment in ("", ".", "..") for segment in whole.split("/")):
        return None
    return quote(whole, safe=_SAFE)


def below_release(url: str, folder: str, base: str = BASE) -> str | None:
    """The path of an address within the release of that folder; None for one that is elsewhere.

    ``base`` is where the documentation is read from; boost.org's own addresses always count.
    """
    try:
        parts, root = urlsplit(url), urlsplit(base)
        port, root_port = parts.port, root.port
    except ValueError:
        return None
    is_base = (parts.hostname, port) == (root.hostname, root_port)
    prefix = f"{root.path if is_base else '/doc/libs/'}{folder}/"
    if not (is_base or (parts.hostname in HOSTS and port is None)) or not parts.path.startswith(prefix):
        return None
    return clean_path(parts.path.removeprefix(prefix) or INDEX)


def resolve(folder: str, page: str, link: str, page_base: str = "") -> str | None:
    """The path that a link of a page leads to, query and fragment dropped; None when it leaves the release."""
    try:
        target = urljoin(urljoin(page_url(folder, page), page_base), link)
    except ValueError:
        return None
    return below_release(target, folder)


def converted_path(url: str) -> PurePosixPath | None:
    """``boost_1_86_0/libs/a/b.md`` for the address of a page; None for one that is no page of a release.

    ``.html`` goes, any other name is kept whole, so that ``a.html`` and ``a.htm`` do not meet.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    below = _BELOW_RELEASE.fullmatch(parts.path)
    if parts.scheme not in ("http", "https") or parts.netloc not in HOSTS:
        return None
    if below is None or not _FOLDER.fullmatch(below[1]):
        return None
    segments = below[2].removesuffix("/").split("/")
    if any(unquote(segment) in ("", ".", "..") or "\0" in unquote(segment) for segment in segments):
        return None
    return PurePosixPath(f"boost_{below[1]}", *segments[:-1], _markdown_name(segments[-1]))


def _markdown_name(name: str) -> str:
    stem = name.removesuffix(".html")
    return f"{name if not stem or stem.endswith(PAGE_SUFFIXES) else stem}.md"


@dataclass(frozen=True, slots=True)
class Scope:
    """The pages that belong to one library: what is below its folders, and single pages."""

    folders: tuple[str, ...]
    pages: tuple[str, ...] = ()

    @classmethod
    def of(cls, key: str, start: str) -> Scope:
        """What is below the library's own root or below the folder of its start page."""
        return cls((f"{library_root(key)}/",)).with_start(start)

    def with_start(self, start: str) -> Scope:
        """The scope of a library that begins at this page, too."""
        folder = f"{dirname(start)}/" if "/" in start else ""
        if folder not in SHARED_FOLDERS:
            return replace(self, folders=(*self.folders, folder))
        own = re.sub(r"\.html?$", "", start)
        return replace(self, folders=(*self.folders, f"{own}/"), pages=(*self.pages, start))

    def holds(self, path: str) -> bool:
        """Whether a page belongs to the library."""
        return path.startswith(self.folders) or path in self.pages
