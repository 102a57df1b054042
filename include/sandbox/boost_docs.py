"""boost.org's documentation under ``<url>/doc/libs/<release>/`` and the archives of releases under ``<url>/release/``.

Samples are pages below ``pages/``, the same in every release but for ``{version}`` in them; what is below
``releases/<1_90_0>/`` is that release's own. ``redirects.json`` gives paths another address, relative to their own or
absolute. ``any_library.html`` is the index page of every folder of ``libs/`` that has
none.
From a folder of real data it serves the pages of ``boost-docs/html-1.74`` as ``doc/html/``, with a first page in
``libs/`` for each that sends its reader there. An archive holds all pages of its release, and comes with its SHA-256;
archives and pages have an ETag, archives can be asked for in parts. ``/mirror/`` has the same archives without a sum.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, redirect, request, send_file
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as BaseResponse

from include.sandbox.shelf import Shelf

REAL = "boost-docs/html-1.74"
ANY_LIBRARY = "any_library.html"
TYPES = {".html": "text/html; charset=utf-8", ".htm": "text/html", ".png": "image/png"}
MADE = (2026, 1, 1, 0, 0, 0)


def blueprint(shelf: Shelf) -> Blueprint:
    """Pages and archives; whatever the shelf does not have is 404."""
    pages = Blueprint("boost_docs", __name__)

    @pages.get("/doc/libs/<release>/<path:path>")
    def page(release: str, path: str) -> BaseResponse:
        address = _redirects(shelf).get(path)
        if address is not None:
            return redirect(address)
        body = _page(shelf, release, path)
        if body is None:
            abort(404)
        kind = TYPES.get(Path(path).suffix, "text/plain")
        response = Response(body, content_type=kind)
        response.add_etag()
        return response.make_conditional(request)

    @pages.get("/release/<version>/source/<name>.zip.json")
    def checksum(version: str, name: str) -> Response:
        archive = _archive(shelf, name)
        return jsonify(file=archive.name, sha256=hashlib.sha256(archive.read_bytes()).hexdigest(), commit=version)

    @pages.get("/release/<version>/source/<name>.zip")
    @pages.get("/mirror/<version>/<name>.zip")
    def archive(version: str, name: str) -> Response:  # noqa: ARG001 - part of the address
        return send_file(_archive(shelf, name), mimetype="application/zip", conditional=True)

    return pages


def environment(base_url: str) -> dict[str, str]:
    """The settings that make the collector read pages and archives from here, without a pause."""
    return {
        "BOOST_DOCS_URL": f"{base_url}/doc/libs/",
        "BOOST_DOCS_CRAWL_DELAY_SECONDS": "0",
        "BOOST_ARCHIVES_URL": f"{base_url}/release/",
        "BOOST_ARCHIVES_MIRROR_URL": f"{base_url}/mirror/",
    }


def _redirects(shelf: Shelf) -> dict[str, str]:
    file = shelf.samples / "redirects.json"
    redirects: dict[str, str] = json.loads(file.read_bytes()) if file.is_file() else {}
    return redirects


def _page(shelf: Shelf, release: str, path: str) -> bytes | None:
    for folder in _folders(shelf, release):
        found = safe_join(str(folder), path)
        if found and Path(found).is_file():
            return _filled(Path(found), release)
    real = _real_page(shelf, path)
    if real is not None:
        return real
    any_library = shelf.samples / ANY_LIBRARY
    may_be_first = path.startswith("libs/") and path.endswith("/index.html")
    return _filled(any_library, release) if may_be_first and any_library.is_file() else None


def _folders(shelf: Shelf, release: str) -> list[Path]:
    own = safe_join(str(shelf.samples / "releases"), release)
    return [*([Path(own)] if own else []), shelf.samples / "pages"]


def _filled(file: Path, release: str) -> bytes:
    return file.read_bytes().replace(b"{version}", release.replace("_", ".").encode())


def _real_page(shelf: Shelf, path: str) -> bytes | None:
    if shelf.real is None:
        return None
    real = shelf.real / REAL
    if path.startswith("doc/html/"):
        found = safe_join(str(real), path.removeprefix("doc/html/"))
        return Path(found).read_bytes() if found and Path(found).is_file() else None
    parts = path.split("/")
    if len(parts) == 3 and parts[0] == "libs" and (real / f"{parts[1]}.html").is_file():
        return _first_page(parts[1])
    return None


def _first_page(name: str) -> bytes:
    target = f"../../doc/html/{name}.html"
    return (
        f'<html><head><meta http-equiv="refresh" content="0; URL={target}"></head>'
        f'<body>Automatic redirection failed, please go to <a href="{target}">{target}</a></body></html>'
    ).encode()


def _archive(shelf: Shelf, name: str) -> Path:
    """The archive of that name: a file of ``archives/``, or one made of the release's pages when first asked for."""
    given = safe_join(str(shelf.samples / "archives"), f"{name}.zip")
    if given and Path(given).is_file():
        return Path(given)
    release = name.removeprefix("boost_")
    if not name.startswith("boost_") or not (shelf.samples / "pages").is_dir():
        abort(404)
    files = [file for folder in _folders(shelf, release) for file in folder.rglob("*")]
    newest = max((file.stat().st_mtime_ns for file in files), default=0)
    made = shelf.cache / f"{name}-{newest}-{len(files)}.zip"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        _make(shelf, release, made)
    return made


def _make(shelf: Shelf, release: str, target: Path) -> None:
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(set(_paths(shelf, release))):
            body = _page(shelf, release, path)
            if body is not None:
                archive.writestr(zipfile.ZipInfo(f"boost_{release}/{path}", MADE), body)
    partial.replace(target)


def _paths(shelf: Shelf, release: str) -> Iterator[str]:
    for folder in _folders(shelf, release):
        yield from (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    if shelf.real is not None:
        real = shelf.real / REAL
        yield from (f"doc/html/{file.relative_to(real).as_posix()}" for file in real.rglob("*.html"))
        yield from (f"libs/{file.stem}/index.html" for file in real.glob("*.html"))
