"""``collect_boost_libraries`` on made-up releases: what it stores, what it costs, and what goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError, PermanentError, TransientError
from boost_collectors.core.partial_clone import PartialClone
from include.sandbox.git_releases import generated_releases
from tests.boost_library_tracker.conftest import LibraryBench, library, metadata, published

Serve = Callable[..., LibraryBench]

A, B, C = library("a"), library("b", "a"), library("c", "b")
UTILITY = {
    "meta/libraries.json": metadata(
        {"key": "utility", "name": "Utility"}, {"key": "utility/swap", "name": "Swap", "authors": "Bo"}
    ),
    "include/boost/utility.hpp": b"",
    "include/boost/utility/swap.hpp": b"",
    "test/include/boost/none.hpp": b"",
}
NESTED = {
    "meta/libraries.json": metadata({"key": "numeric/grid", "name": "Grid"}),
    "fine/meta/libraries.json": metadata({"key": "numeric/grid/fine", "name": "Fine"}),
    "include/boost/numeric/grid.hpp": b"#include <boost/utility.hpp>\n",
    "src/grid.cpp": b'#include "boost/a.hpp"\n',
}


def test_a_release_is_stored_as_its_files_say(bench: Serve) -> None:
    run = bench(published(_81={"a": A, "utility": UTILITY, "numeric/grid": NESTED}))
    counts = run.collect()
    assert counts["units"] == 1
    assert run.libraries("boost-1.81.0") == [
        ("a", "a", "a"),
        ("numeric_grid", "Fine", "numeric/grid/fine"),
        ("numeric_grid", "Grid", "numeric/grid"),
        ("utility", "Swap", "utility/swap"),
        ("utility", "utility", "utility"),
    ]
    assert run.headers() == {
        "include/boost/a.hpp": "a",
        "include/boost/numeric/grid.hpp": "Grid",
        "include/boost/utility.hpp": "utility",
        "include/boost/utility/swap.hpp": "Swap",
    }
    assert run.dependencies("boost-1.81.0") == [("Grid", "a"), ("Grid", "utility")]


def test_no_request_is_made_to_the_api_and_few_to_git_whatever_the_number_of_releases(bench: Serve) -> None:
    releases, libraries = 76, 5
    run = bench(generated_releases(releases, libraries))
    counts = run.collect()
    assert counts["units"] == releases
    assert len(run.versions) == releases
    assert counts["requests"] == 0
    assert [request.path for request in run.sandbox.requests if not request.path.startswith("/git/")] == []
    # Commits and files of each repository, however many releases name it.
    assert counts["git_fetches"] == 2 * (libraries + 1)
    assert run.rows("SELECT count(*) FROM boost_library_tracker_boostlibraryversion") == [releases * libraries]
    assert run.rows("SELECT count(*) FROM boost_library_tracker_boostdependency") == [releases * (libraries - 1)]


def test_nothing_is_fetched_while_a_transaction_is_open(bench: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    run = bench(published(_81={"a": A, "b": B}, _82={"a": A, "b": B, "c": C}))
    others = "datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    open_transactions: list[int] = []
    fetch = PartialClone.fetch_blobs

    def spy(clone: PartialClone, hashes: Iterable[str]) -> int:
        open_transactions.extend(
            run.rows(f"SELECT count(*) FROM pg_stat_activity WHERE {others} AND xact_start IS NOT NULL")
        )
        return fetch(clone, hashes)

    monkeypatch.setattr(PartialClone, "fetch_blobs", spy)
    run.collect()
    assert len(open_transactions) >= 3
    assert set(open_transactions) == {0}


def test_only_what_is_new_is_read_again(bench: Serve) -> None:
    run = bench(published(_81={"a": A, "b": B}))
    run.collect()
    assert run.collect()["units"] == 0
    later = bench(published(_81={"a": A, "b": B}, _82={"a": A, "b": B, "c": C}))
    counts = later.collect()
    assert counts["units"] == 1
    assert later.versions == ["boost-1.81.0", "boost-1.82.0"]
    assert later.rows(
        "SELECT c.name, d.name, g.is_add FROM boost_library_tracker_dependencychangelog g"
        " JOIN boost_library_tracker_boostlibrary c ON c.id = g.client_library_id"
        " JOIN boost_library_tracker_boostlibrary d ON d.id = g.dep_library_id"
    ) == [("c", "b", True)]


@pytest.mark.parametrize("broken", [None, {}, {"a": {"README": b"no metadata"}}])
def test_a_broken_tag_fails_the_run_once_and_costs_no_other_release(
    bench: Serve, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    releases = published(_80={"a": A}, _81={} if broken is None else broken, _82={"a": A, "b": B})
    if broken is None:
        releases[1] = replace(releases[1], modules={"a": A}, gitmodules=b"\xff\xfe")
    run = bench(releases)
    failure = run.fail()
    assert isinstance(failure, PermanentError)
    assert "boost-1.81.0" in str(failure)
    assert run.versions == ["boost-1.80.0", "boost-1.82.0"]
    with caplog.at_level(logging.WARNING):
        again = run.collect()
    assert (again["units"], again["releases_broken"]) == (0, 1)
    assert "boost-1.81.0 is left out" in caplog.text
    assert isinstance(run.fail("--boost-version", "81"), PermanentError)

    mended = bench(published(_80={"a": A}, _81={"a": A}, _82={"a": A, "b": B}))
    assert mended.collect()["units"] >= 1
    assert mended.libraries("boost-1.81.0") == [("a", "a", "a")]


def test_a_commit_that_is_nowhere_breaks_its_release_alone(bench: Serve) -> None:
    releases = published(_80={"a": A}, _81={"a": A, "b": B})
    text = b'[submodule "a"]\npath = libs/a\nurl = ../a.git\n[submodule "b"]\npath = libs/b\nurl = ../a.git\n'
    releases[1] = replace(releases[1], gitmodules=text)
    run = bench(releases)
    assert "boostorg/a does not have the commit" in str(run.fail())
    assert run.versions == ["boost-1.80.0"]


def test_a_repository_that_is_gone_breaks_its_release_alone(bench: Serve) -> None:
    releases = published(_80={"a": A}, _81={"a": A})
    releases[1] = replace(releases[1], gitmodules=b'[submodule "a"]\npath = libs/a\nurl = ../gone.git\n')
    run = bench(releases)
    assert "boostorg/gone does not exist" in str(run.fail())
    assert run.versions == ["boost-1.80.0"]


def test_releases_before_metadata_have_no_libraries_and_are_no_failure(bench: Serve) -> None:
    run = bench(published(_34={}, _56={"a": {"include/boost/a.hpp": b""}}, _57={"a": A}))
    counts = run.collect()
    assert (counts["units"], counts["releases_without_metadata"]) == (3, 2)
    assert run.versions == ["boost-1.34.0", "boost-1.56.0", "boost-1.57.0"]
    assert run.collect()["units"] == 0


def test_a_source_that_fails_leaves_no_empty_release(bench: Serve) -> None:
    run = bench(published(_81={"a": A, "b": B}))
    run.sandbox.faults.add("/git/boostorg/b*", "status", status=502, times=None)
    assert isinstance(run.fail(), TransientError)
    assert run.versions == []
    run.sandbox.faults.clear()
    run.collect()
    assert run.libraries("boost-1.81.0") == [("a", "a", "a"), ("b", "b", "b")]


def test_no_step_hides_the_work_of_another(bench: Serve, database: Database) -> None:
    run = bench(published(_81={"a": A, "b": B}))
    run.collect()
    for step, table in (("dependencies", "boostdependency"), ("headers", "boostfile")):
        with database.session() as session:
            from sqlalchemy import text

            session.execute(text(f"DELETE FROM boost_library_tracker_{table}"))
            session.execute(text("DELETE FROM core_checkpoint WHERE unit = :unit"), {"unit": f"boost-1.81.0/{step}"})
        counts = run.collect()
        assert (counts["units"], counts.get("library_versions_inserted", 0)) == (1, 0)
    assert run.dependencies("boost-1.81.0") == [("b", "a")]
    assert len(run.headers()) == 2


def test_options(bench: Serve, caplog: pytest.LogCaptureFixture) -> None:
    run = bench(published(_80={"a": A}, _81={"a": A}, _82={"a": A}))
    assert run.collect("--limit", "1")["units"] == 1
    assert run.versions == ["boost-1.80.0"]
    assert run.collect("--boost-version", "82")["units"] == 1
    assert run.versions == ["boost-1.80.0", "boost-1.82.0"]
    assert run.collect(dry_run=True)["releases_to_collect"] == 1
    assert run.collect("--boost-version", "ALL")["units"] == 3
    with caplog.at_level(logging.WARNING):
        assert run.collect()["units"] == 0
    assert "No releases" in caplog.text
    for arguments, words in ((("99",), "no such tag"), (("x",), "Invalid release ref"), ((",",), "must be")):
        failure = run.fail("--boost-version", *arguments)
        assert isinstance(failure, CommandError)
        assert words in str(failure)
    assert isinstance(run.fail("--limit", "-1"), CommandError)


def test_a_damaged_clone_is_made_anew(bench: Serve) -> None:
    run = bench(published(_81={"a": A, "b": B}))
    run.collect("--limit", "1")
    clones = run.settings().workspace_dir / "boost_library_tracker" / "clones" / "boostorg"
    for pack in clones.glob("a.git/objects/pack/*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(b"PACK" + bytes(40))
    run.collect("--boost-version", "all")
    assert run.libraries("boost-1.81.0") == [("a", "a", "a"), ("b", "b", "b")]
