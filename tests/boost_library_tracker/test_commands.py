"""The maintenance commands: releases to be asked for, dependencies alone, files and their libraries."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.__main__ import run as run_process
from boost_collectors.boost_library_tracker import services
from boost_collectors.boost_library_tracker.file_csv import library_name
from boost_collectors.boost_library_tracker.file_fill import normalised
from boost_collectors.boost_library_tracker.records import LibraryRecord
from boost_collectors.boost_library_tracker.services import RepositoryLibraries
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError, PermanentError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker.services import ensure_files, ensure_repository, update_file_states
from tests.boost_library_tracker.conftest import LibraryBench, library, published

Serve = Callable[..., LibraryBench]
A, B = library("a"), library("b", "a")


def run(name: str, settings: Settings, *arguments: str) -> None:
    execute(registry.find(name), Request(arguments=arguments), settings=settings)


def test_the_exit_code_says_whether_there_is_a_new_release(
    bench: Serve, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    releases = published(_80={"a": A}, _81={"a": A})
    served = bench(releases)
    for name, value in {**served.sandbox.environment(), "DATABASE_URL": served.settings().database_url or ""}.items():
        monkeypatch.setenv(name, value)
    spec = registry.find("check_new_boost_release")
    served.collect("--limit", "1")
    assert run_process(spec, ()) == 0
    assert "boost-1.81.0" in capfd.readouterr().out
    served.collect()
    assert run_process(spec, ()) == 1
    monkeypatch.setenv("GITHUB_GIT_URL", "http://127.0.0.1:1/git")
    assert run_process(spec, ()) == 2


def test_dependencies_alone_and_the_rest_later(bench: Serve) -> None:
    served = bench(published(_80={"a": A}, _81={"a": A, "b": B}))
    run("import_boost_dependencies", served.settings())
    assert served.dependencies("boost-1.81.0") == [("b", "a")]
    assert served.headers() == {}
    counts = served.collect()
    assert (counts["units"], counts.get("dependencies_inserted", 0), len(served.headers())) == (2, 0, 2)
    assert served.collect()["units"] == 0


def test_which_releases_dependencies_are_imported_of(
    bench: Serve, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    served = bench(published(_80={"a": A}, _81={"a": A, "b": B}, _82={"a": A, "b": B}))
    clones = tmp_path / "clones"
    caplog.set_level("INFO")
    run("import_boost_dependencies", served.settings(), "--boost-version", "81", "--clone-dir", str(clones))
    assert served.versions == ["boost-1.81.0"]
    assert (clones / "boostorg" / "b.git").is_dir()
    run("import_boost_dependencies", served.settings(), "--dry-run")
    assert "Tags to process: 2" in caplog.text
    assert served.versions == ["boost-1.81.0"]
    run("import_boost_dependencies", served.settings(), "--boost-version", "all")
    assert "Tags to process: 1" in caplog.text
    run("import_boost_dependencies", served.settings())
    caplog.clear()
    run("import_boost_dependencies", served.settings())
    assert "No tags to process" in caplog.text


def test_a_failed_import_is_not_a_success(bench: Serve) -> None:
    served = bench(published(_80={"a": A}, _81={}))
    with pytest.raises(PermanentError, match=r"boost-1\.81\.0"):
        run("import_boost_dependencies", served.settings())
    assert served.versions == ["boost-1.80.0"]


@pytest.fixture
def files(database: Database) -> None:
    """Repositories with one library, two, none that is known, and several of which ``math`` is one."""
    held = {"asio": ["asio"], "core": ["core", "Swap"], "math": ["Math ", "Math Octonion"], "swap": ["Swap"]}
    modules = [RepositoryLibraries(f"boostorg/{repo}", [LibraryRecord(n) for n in held[repo]]) for repo in held]
    with database.session() as session:
        version_id, _ = services.store_version(session, "boost-1.81.0", None)
        services.store_libraries(session, version_id, modules)
        for repo in (*held, "other"):
            repo_id = ensure_repository(session, "boostorg", repo)
            ensure_files(session, [(repo_id, path) for path in ("include/boost/x.hpp", "doc/x.md", "gone.md")])
            update_file_states(session, repo_id, ["include/boost/x.hpp", "doc/x.md"])


def links(served: LibraryBench) -> list[Any]:
    return served.rows(
        "SELECT r.repo_name, f.filename, l.name FROM boost_library_tracker_boostfile b"
        " JOIN github_activity_tracker_githubfile f ON f.id = b.github_file_id"
        " JOIN github_activity_tracker_githubrepository r ON r.id = f.repo_id"
        " JOIN boost_library_tracker_boostlibrary l ON l.id = b.library_id ORDER BY 1, 2"
    )


@pytest.mark.usefixtures("files")
def test_files_are_given_to_the_only_library(bench: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    served = bench()
    left = served.settings().workspace_dir / "boost_library_tracker" / "missing_library_files.csv"
    run("fill_boost_files", served.settings(), "--dry-run")
    assert "files linked: 6 (dry run" in capsys.readouterr().out
    assert links(served) == []
    assert len(left.read_text().splitlines()) == 1 + 8
    run("fill_boost_files", served.settings())
    output = capsys.readouterr().out
    assert "repos processed: 4, repos with chosen library: 3" in output
    assert "files linked: 6" in output
    assert [(repo, name) for repo, _, name in links(served)] == [
        *[("asio", "asio")] * 2,
        *[("math", "Math ")] * 2,
        *[("swap", "Swap")] * 2,
    ]
    rows = list(csv.reader(left.read_text().splitlines()))
    assert rows[0] == ["repo_id", "repo_name", "file_name"]
    assert [row[1:] for row in rows[1:]] == [["core", "doc/x.md"], ["core", "include/boost/x.hpp"]]
    run("fill_boost_files", served.settings())
    assert "files linked: 0" in capsys.readouterr().out


def test_how_names_are_normalised() -> None:
    assert normalised(" Math / Lib ") == "math___lib"


@pytest.mark.usefixtures("files")
def test_links_from_a_csv_file(bench: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    served = bench()
    run("fill_boost_files", served.settings())
    given = tmp_path / "files.csv"
    given.write_text(
        " Library_Name , FILE_NAME\n"
        "asio,include/boost/x.hpp\n"
        "core,include/boost/x.hpp\n"
        "math octonion,doc/x.md\n"
        "Math Octonion,doc/x.md\n"
        "swap,include/boost/x.hpp\n"
        "asio,include/x.hpp\n"
        "asio,\n"
        ",doc/x.md\n",
        encoding="utf-8-sig",
    )
    run("import_boost_file_from_csv", served.settings(), str(given), "--dry-run")
    before = links(served)
    assert ("core", "include/boost/x.hpp", "core") not in before
    run("import_boost_file_from_csv", served.settings(), str(given))
    assert "rows processed: 7, files linked: 3, files not found: 1, skipped: 2" in capsys.readouterr().out
    after = links(served)
    assert ("core", "include/boost/x.hpp", "core") in after
    assert ("math", "doc/x.md", "Math Octonion") in after
    assert (tmp_path / "files_errors.csv").read_text().splitlines() == [
        "library_name,file_name,path_not_found,library_not_found,supported_files",
        "math octonion,doc/x.md,,math octonion,",
        "swap,include/boost/x.hpp,,swap (ambiguous),",
        "asio,include/x.hpp,include/x.hpp,,include/boost/x.hpp",
    ]


@pytest.mark.parametrize(("text", "name"), [("String Algo", "String Algo"), ("UBLAS", "uBLAS"), ("asio", "asio")])
def test_how_a_csv_file_spells_libraries(text: str, name: str) -> None:
    assert library_name(text) == name


@pytest.mark.parametrize(("content", "words"), [(None, "not found"), ("a,b\n", "has no column library_name")])
def test_a_csv_file_that_cannot_be_used(bench: Serve, tmp_path: Path, content: str | None, words: str) -> None:
    given = tmp_path / "files.csv"
    if content is not None:
        given.write_text(content)
    with pytest.raises(CommandError, match=words):
        run("import_boost_file_from_csv", bench().settings(), "--csv-file", str(given))
