"""Whole releases at once: what is stored, that a second time writes nothing, and the reads for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, text

from boost_collectors.boost_library_tracker import services
from boost_collectors.boost_library_tracker.records import LibraryRecord
from boost_collectors.boost_library_tracker.services import DependencyRow, HeaderRow, RepositoryLibraries
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker.services import ensure_files, ensure_repository
from tests.bench import statements

Rows = Callable[[str], list[tuple[Any, ...]]]
RELEASED = datetime(2024, 8, 14, 12, tzinfo=UTC)
ASIO = LibraryRecord(
    "asio", "asio", "Networking", "doc/", ("Ada <ada -at- example.org>",), ("Ada", "Bo"), ("Concurrent", "IO"), "11"
)
MODULES = [
    RepositoryLibraries("boostorg/asio", [ASIO]),
    RepositoryLibraries(
        "boostorg/utility", [LibraryRecord("utility", "utility"), LibraryRecord("Swap", "utility/swap")]
    ),
]


@pytest.fixture
def rows(database: Database) -> Rows:
    """The rows of a query; ``{}`` stands for the prefix of the tables."""

    def fetch(query: str) -> list[tuple[Any, ...]]:
        with database.session() as session:
            return [tuple(row) for row in session.execute(text(query.replace("{}", "boost_library_tracker_")))]

    return fetch


def store(
    database: Database, version: str = "boost-1.86.0", modules: Sequence[RepositoryLibraries] = MODULES
) -> tuple[int, Counts]:
    with database.session() as session:
        version_id, counts = services.store_version(session, version, RELEASED)
        counts += services.store_libraries(session, version_id, modules)
    return version_id, counts


def test_a_release_is_stored_whole_and_only_once(database: Database, rows: Rows) -> None:
    _, counts = store(database)
    assert {name: counts[name] for name in counts.as_dict() if name.endswith("_inserted")} == {
        "categories_inserted": 2,
        "libraries_inserted": 3,
        "library_categories_inserted": 2,
        "library_versions_inserted": 3,
        "roles_inserted": 2,
        "versions_inserted": 1,
    }
    assert rows(
        "SELECT key, description, documentation, cpp_version FROM {}boostlibraryversion WHERE key = 'asio'"
    ) == [("asio", "Networking", "doc/", "11")]
    assert rows(
        "SELECT a.display_name, r.is_author, r.is_maintainer FROM {}boostlibraryrolerelationship r"
        " JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = r.account_id ORDER BY 1"
    ) == [("Ada", True, True), ("Bo", False, True)]
    physical = rows("SELECT ctid::text, xmin::text FROM {}boostlibraryversion ORDER BY 1")
    _, again = store(database)
    assert not any(n for name, n in again.as_dict().items() if name.endswith(("_inserted", "_updated")))
    assert rows("SELECT ctid::text, xmin::text FROM {}boostlibraryversion ORDER BY 1") == physical


def test_a_role_is_kept_when_the_metadata_drops_it(database: Database, rows: Rows) -> None:
    store(database)
    store(database, modules=[RepositoryLibraries("boostorg/asio", [LibraryRecord("asio", authors=("Bo",))])])
    assert rows(
        "SELECT a.display_name, r.is_author, r.is_maintainer FROM {}boostlibraryrolerelationship r"
        " JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = r.account_id ORDER BY 1"
    ) == [("Ada", True, True), ("Bo", True, True)]


def test_the_statements_do_not_grow_with_the_libraries(database: Database) -> None:
    store(database)
    many = [
        RepositoryLibraries("boostorg/asio", [LibraryRecord(f"lib{number}", authors=(f"A{number}",))])
        for number in range(200)
    ]
    seen: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    store(database, modules=many)
    assert len(seen) < 70


def headers_of(database: Database) -> dict[str, str]:
    with database.session() as session:
        names = {id: name for name, ids in services.libraries_by_name(session).items() for id in ids}
        return {path: names[header.library_id] for path, header in services.library_headers(session).items()}


def link(database: Database, version_id: int, headers: dict[str, str], *, newest: bool = True) -> Counts:
    with database.session() as session:
        repo = ensure_repository(session, "boostorg", "utility")
        rows = [HeaderRow(repo, f"include/{path}", library) for path, library in headers.items()]
        return services.link_headers(session, version_id, rows, newest=newest)


def test_headers_are_added_and_belong_to_their_library(database: Database) -> None:
    version_id, _ = store(database)
    headers = {"boost/utility.hpp": "utility", "boost/swap.hpp": "Swap"}
    counts = link(database, version_id, headers)
    assert (counts["files_inserted"], counts["headers_inserted"]) == (2, 2)
    assert headers_of(database) == headers
    again = link(database, version_id, {"boost/utility.hpp": "Swap", "boost/swap.hpp": "Swap"})
    assert (again["files_inserted"], again["headers_inserted"], again["headers_updated"]) == (0, 0, 0)
    assert headers_of(database) == headers


def test_the_statements_do_not_grow_with_the_files_that_are_linked(database: Database) -> None:
    store(database)
    used = []
    for size in (1, 1000):
        with database.session() as session:
            repo = ensure_repository(session, "boostorg", "asio")
            ensure_files(session, [(repo, f"{size}/{number}.hpp") for number in range(size)])
            (library,) = services.libraries_by_name(session)["asio"]
            unlinked = services.unlinked_files(session, [repo])
            with statements() as seen:
                assert services.link_files(session, [(file, library) for _, _, file, _ in unlinked]).inserted == size
        used.append(len(seen))
    assert used[0] == used[1]


@pytest.mark.parametrize("newest", [True, False])
def test_a_renamed_library_keeps_its_headers_under_its_newest_name(database: Database, newest: bool) -> None:
    old, _ = store(database, "boost-1.85.0", [RepositoryLibraries("boostorg/utility", [LibraryRecord("Utilities")])])
    link(database, old, {"boost/utility.hpp": "Utilities"})
    new, _ = store(database)
    link(database, new, {"boost/utility.hpp": "utility"}, newest=newest)
    assert headers_of(database) == {"boost/utility.hpp": "utility" if newest else "Utilities"}


def depend(database: Database, version: str, day: int, pairs: list[tuple[str, str]]) -> Counts:
    with database.session() as session:
        version_id, _ = services.store_version(session, version, RELEASED.replace(day=day))
        ids = services.ensure_library_repositories(session, ["boostorg/asio", "boostorg/utility"])
        repos = {"asio": ids["boostorg/asio"], "utility": ids["boostorg/utility"], "Swap": ids["boostorg/utility"]}
        rows = [DependencyRow(repos[client], client, repos[dep], dep) for client, dep in pairs]
        return services.store_dependencies(session, version_id, rows)


LOG = (
    "SELECT c.name, d.name, l.is_add, l.created_at FROM {}dependencychangelog l"
    " JOIN {}boostlibrary c ON c.id = l.client_library_id JOIN {}boostlibrary d ON d.id = l.dep_library_id"
    " ORDER BY l.created_at, c.name, d.name"
)
FIRST, SECOND, THIRD = [("asio", "utility")], [("asio", "utility"), ("asio", "Swap")], [("asio", "Swap")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1), (1, 2, 0)])
def test_the_change_log_does_not_depend_on_the_order_of_the_releases(
    database: Database, rows: Rows, order: tuple[int, ...]
) -> None:
    store(database)
    releases = [("boost-1.9.0", 10, FIRST), ("boost-1.10.0", 11, SECOND), ("boost-1.11.0", 12, THIRD)]
    for place in order:
        depend(database, *releases[place])
    assert rows(LOG) == [
        ("asio", "Swap", True, date(2024, 8, 11)),
        ("asio", "utility", False, date(2024, 8, 12)),
    ]


def test_two_releases_of_one_day_share_their_log(database: Database, rows: Rows) -> None:
    store(database)
    depend(database, "boost-1.9.0", 10, FIRST)
    depend(database, "boost-1.10.0", 11, SECOND)
    counts = depend(database, "boost-1.10.1", 11, THIRD)
    assert counts["dependencies_inserted"] == 1
    day = date(2024, 8, 11)
    assert rows(LOG) == [("asio", "Swap", True, day), ("asio", "utility", False, day)]
    again = depend(database, "boost-1.10.1", 11, THIRD)
    assert not any(n for name, n in again.as_dict().items() if not name.endswith("_unchanged"))


def test_what_others_may_ask(database: Database) -> None:
    store(database)
    store(database, "boost-1.9.0", MODULES[:1])
    with database.session() as session:
        assert [release.version for release in services.stored_releases(session)] == ["boost-1.86.0", "boost-1.9.0"]
        found = services.released_libraries(session, ["boost-1.86.0"])
        assert [(library.name, library.key, library.repository) for library in found] == [
            ("Swap", "utility/swap", "boostorg/utility"),
            ("asio", "asio", "boostorg/asio"),
            ("utility", "utility", "boostorg/utility"),
        ]
        assert next(library.version for library in services.released_libraries(session)) == "boost-1.9.0"
        assert services.released_libraries(session, []) == []
