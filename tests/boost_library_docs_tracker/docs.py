"""Documentation made for a test, and the collector pointed at it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from boost_collectors import registry
from boost_collectors.boost_library_tracker import services as libraries
from boost_collectors.core.database import Database
from boost_collectors.core.workspace import Workspace
from boost_collectors.github_activity_tracker.models import GithubRepository
from boost_collectors.github_activity_tracker.services import ensure_repository
from tests.bench import CollectorBench

SUPERPROJECT = """
default_branch: master
people:
  ada: Ada Sample <ada@example.org>
commits:
  - {id: made, branch: master, by: ada, at: 2024-08-14T16:00:00+00:00, message: Made, write: {a.txt: a}}
tags:
"""
SITE = "https://www.boost.org/doc/libs"


def add_library(
    database: Database, version: str, name: str, *, released: datetime | None, key: str | None = None, start: str = ""
) -> int:
    """A library in a release, as the library tracker stores it. Returns the id of the library version."""
    with database.session() as session:
        repository = session.get_one(GithubRepository, ensure_repository(session, "boostorg", name.partition("/")[0]))
        repo, _ = libraries.get_or_create_boost_library_repo(session, repository)
        library, _ = libraries.get_or_create_boost_library(session, repo, name)
        tag, _ = libraries.get_or_create_boost_version(session, f"boost-{version}", released)
        row, _ = libraries.get_or_create_boost_library_version(
            session, library, tag, key=name if key is None else key, documentation=start
        )
        return row.id


def html(*links: str, text: str = "Text", head: str = "") -> str:
    """A page with a paragraph and links."""
    anchors = " ".join(f'<a href="{link}">to {link}</a>' for link in links)
    return f"<html><head>{head}</head><body><h1>{text}</h1><p>{anchors}</p></body></html>"


class Site:
    """The pages and archives that the sandbox serves; a change is seen by the next request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "pages").mkdir(parents=True)

    def page(self, path: str, content: str | bytes, release: str = "") -> None:
        """A page of every release, or of one (``1_86_0``)."""
        file = self._folder / (f"releases/{release}" if release else "pages") / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def remove(self, path: str) -> None:
        (self._folder / "pages" / path).unlink()

    def redirect(self, **paths: str) -> None:
        """Send readers of pages of asio, named without ``.html``, to other addresses."""
        redirects = {f"libs/asio/{name}.html": address for name, address in paths.items()}
        (self._folder / "redirects.json").write_text(json.dumps(redirects), encoding="utf-8")


def releases(samples: Path, *versions: str) -> None:
    """The superproject on the sandbox's git, with these releases."""
    file = samples / "git" / "boostorg" / "boost.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    tags = "".join(f"  boost-{version}: made\n" for version in versions)
    file.write_text(SUPERPROJECT + tags, encoding="utf-8")


class Bench(CollectorBench):
    """The collector on documentation of the test's own."""

    spec = registry.find("run_boost_library_docs_tracker")

    def __init__(self, site: Site, *args: Any) -> None:
        super().__init__(*args)
        self.site = site
        self.workspace = Workspace.from_settings(self.settings())

    def library(self, version: str, name: str, released: datetime | None = None, **fields: Any) -> int:
        return add_library(self.database, version, name, released=released, **fields)

    @property
    def pages(self) -> dict[str, str]:
        """The address below the site and the hash of every page that a release has."""
        found = self.rows(
            "SELECT page_url, content_hash FROM boost_library_docs_tracker_boostlibrarydocumentation d"
            " JOIN boost_library_docs_tracker_boostdoccontent c ON c.id = d.boost_doc_content_id"
            " WHERE d.gone_at IS NULL"
        )
        return {url.removeprefix(f"{SITE}/"): content_hash for url, content_hash in found}

    @property
    def asked(self) -> list[str]:
        """The pages that the last run asked for."""
        return [r.path.removeprefix("/doc/libs/") for r in self.sandbox.requests if r.path.startswith("/doc/")]

    @property
    def asked_at_all(self) -> list[str]:
        """What the last run asked for, but for the tags of the superproject."""
        return [request.path for request in self.sandbox.requests if not request.path.startswith("/git/")]

    @property
    def files(self) -> set[str]:
        """The files of the workspace, databases and locks aside."""
        root = self.workspace.root
        found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
        return {path for path in found if not path.endswith((".lock", ".complete"))}
