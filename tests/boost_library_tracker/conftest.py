"""The collector on releases that a test makes up, served over HTTP to real git."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from include.sandbox.git_releases import START, STEP, BoostReleases, PublishedRelease
from tests.bench import CollectorBench

Modules = Mapping[str, Mapping[str, bytes]]


class LibraryBench(CollectorBench):
    """``collect_boost_libraries`` with what it stored."""

    spec = registry.find("collect_boost_libraries")

    def libraries(self, tag: str) -> list[tuple[Any, ...]]:
        """Repository, library name and key in a release."""
        return self.rows(
            "SELECT r.repo_name, l.name, v.key FROM boost_library_tracker_boostlibraryversion v"
            " JOIN boost_library_tracker_boostlibrary l ON l.id = v.library_id"
            " JOIN boost_library_tracker_boostversion b ON b.id = v.version_id"
            " JOIN github_activity_tracker_githubrepository r ON r.id = l.repo_id"
            f" WHERE b.version = '{tag}' ORDER BY 1, 2"
        )

    def headers(self) -> dict[str, str]:
        """The library of every header."""
        return dict(
            self.rows(
                "SELECT f.filename, l.name FROM boost_library_tracker_boostfile b"
                " JOIN github_activity_tracker_githubfile f ON f.id = b.github_file_id"
                " JOIN boost_library_tracker_boostlibrary l ON l.id = b.library_id"
            )
        )

    def dependencies(self, tag: str) -> list[tuple[str, str]]:
        """Client and dependency in a release."""
        return self.rows(
            "SELECT c.name, d.name FROM boost_library_tracker_boostdependency p"
            " JOIN boost_library_tracker_boostversion b ON b.id = p.version_id"
            " JOIN boost_library_tracker_boostlibrary c ON c.id = p.client_library_id"
            " JOIN boost_library_tracker_boostlibrary d ON d.id = p.dep_library_id"
            f" WHERE b.version = '{tag}' ORDER BY 1, 2"
        )

    @property
    def versions(self) -> list[str]:
        return self.rows("SELECT version FROM boost_library_tracker_boostversion ORDER BY version_created_at, version")


def metadata(*libraries: Mapping[str, Any]) -> bytes:
    """A ``libraries.json``."""
    return json.dumps(list(libraries)).encode()


def library(key: str, *needs: str, **more: Any) -> dict[str, bytes]:
    """The files of a library with one header, which includes these others."""
    entry = {"key": key, "name": key.title(), "authors": ["Ada Sample"], "category": ["Sample"], **more}
    lines = "".join(f"#include <boost/{need}.hpp>\n" for need in needs)
    return {"meta/libraries.json": metadata(entry), f"include/boost/{key}.hpp": lines.encode()}


def published(**releases: Modules) -> list[PublishedRelease]:
    """Releases by minor number: ``_81={...}`` is boost-1.81.0. Each is made four months after the one before."""
    return [
        PublishedRelease(f"boost-1.{name[1:]}.0", START + place * STEP, modules)
        for place, (name, modules) in enumerate(releases.items())
    ]


@pytest.fixture
def bench(
    database: Database, database_url: str, make_settings: Callable[..., Any], tmp_path: Path
) -> Iterator[Callable[..., LibraryBench]]:
    """``bench(releases)`` serves these and gives the collector; again with others, they take the place of the first."""
    with ExitStack() as stack:

        def serve(releases: list[PublishedRelease] | None = None, **variables: str) -> LibraryBench:
            source = None if releases is None else BoostReleases(releases)
            server = stack.enter_context(Sandbox(cache=tmp_path / "cache", releases=source))
            return LibraryBench(server, database, database_url, make_settings, **variables)

        yield serve
