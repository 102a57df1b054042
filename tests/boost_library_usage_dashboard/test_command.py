"""The command: its phases, what it leaves out, what it publishes, and that nothing is done twice."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.boost_library_usage_dashboard import site
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace import write_atomic
from include.sandbox import Sandbox
from tests.boost_library_usage_dashboard.conftest import World

COMMAND = "run_boost_library_usage_dashboard"
OUTPUT = "boost_library_usage_dashboard"
ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
RECIPE = """
push_token: the-write-token
default_branch: trunk
people: {pub: Pub <pub@example.org>}
commits:
  - {id: start, branch: trunk, by: pub, at: 2024-01-02T10:00:00Z, message: Start,
      write: {%s, develop/libraries/gone.html: old, develop/notes.txt: old, other/kept.html: kept}}
"""


@dataclass
class Bench:
    """The command over the small world, and the repository it publishes to."""

    world: World
    settings: Settings
    cache: Path

    @property
    def folder(self) -> Path:
        return self.settings.workspace_dir / OUTPUT

    def run(self, *arguments: str) -> Any:
        return execute(registry.find(COMMAND), Request(arguments), settings=self.settings)

    def files(self) -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in self.folder.rglob("*") if path.is_file()}

    def git(self, *arguments: str) -> str:
        (repository,) = self.cache.glob("git/pub/pages-*.git")
        command = ["git", f"--git-dir={repository}", *arguments]
        return subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout

    def published(self, branch: str = "main") -> list[str]:
        return self.git("ls-tree", "-r", "--name-only", branch).splitlines()

    def log(self, branch: str = "main") -> list[str]:
        return self.git("log", "--format=%s", branch).splitlines()


@pytest.fixture
def make_bench(
    small_world: World, make_settings: Callable[..., Settings], database_url: str, tmp_path: Path
) -> Iterator[Callable[..., Bench]]:
    opened: list[Sandbox] = []

    def make(start: str = "index.html: versions", **variables: str) -> Bench:
        samples = tmp_path / "samples"
        (samples / "git" / "pub").mkdir(parents=True)
        (samples / "git" / "pub" / "pages.yaml").write_text(RECIPE % start, encoding="utf-8")
        sandbox = Sandbox(samples=samples, cache=tmp_path / "cache")
        opened.append(sandbox.__enter__())
        target = {"BOOST_LIBRARY_USAGE_DASHBOARD_PUBLISH_" + name: value
                  for name, value in {"OWNER": "pub", "REPO": "pages"}.items()}  # fmt: skip
        given = {"GITHUB_TOKEN_WRITE": "the-write-token", "WORKSPACE_DIR": str(tmp_path / "workspace"), **target}
        settings = make_settings(DATABASE_URL=database_url, GITHUB_GIT_URL=f"{sandbox.url}/git", **given | variables)
        return Bench(small_world, settings, tmp_path / "cache")

    yield make
    for sandbox in opened:
        sandbox.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


def test_a_run_publishes_its_pages_and_a_second_one_does_nothing(bench: Bench) -> None:
    assert dict(bench.run().counts) == {"repos_analyzed": 5}
    report = bench.folder / "Boost_Usage_Report_total.md"
    assert "# Boost Usage Analysis Report" in report.read_text()
    published = bench.published()
    assert "develop/libraries/asio.html" in published
    assert "develop/assets/dashboard.css" in published
    assert {"index.html", "other/kept.html"} <= set(published)
    assert not {"develop/libraries/gone.html", "develop/notes.txt", "develop/dashboard_data.json"} & set(published)
    index = bench.git("show", "main:develop/index.html")
    assert '<a href="../index.html">' in index
    assert bench.log()[0].startswith("Update Boost library usage dashboard artifacts (20")
    before, commits = bench.files(), bench.log()
    assert dict(bench.run().counts) == {"repos_analyzed": 5}
    assert bench.files() == before
    assert bench.log() == commits
    assert len(commits) == 2  # the branch was made, from the default branch's
    assert bench.log("trunk") == ["Start"]


def test_a_change_in_the_data_is_found_and_published(bench: Bench) -> None:
    bench.run()
    before = bench.files()
    bench.world.write(
        "UPDATE github_activity_tracker_githubrepository SET stars = 21 WHERE repo_name = 'two'",
        "DELETE FROM boost_library_tracker_boostlibrary WHERE name = 'old'",
    )
    bench.run()
    changed = {path.name for path, at in bench.files().items() if before.get(path) != at}
    assert {"index.html", "asio.html", "dashboard_data.json"} <= changed
    assert "beast.html" not in changed
    assert "develop/libraries/old.html" not in bench.published()
    assert len(bench.log()) == 3


CHANGES = (
    "UPDATE boost_usage_tracker_boostusage SET excepted_at = '2026-01-01' WHERE repo_id = 13",
    "DELETE FROM boost_usage_tracker_boostusage WHERE repo_id = 13",
    "UPDATE cppa_user_tracker_identity SET display_name = 'Ada Other'",
    "UPDATE cppa_user_tracker_githubaccount SET username = 'ada2' WHERE username = 'ada'",
    "UPDATE github_activity_tracker_githubfile SET filename = 'include/boost/asio/other.hpp' WHERE id = 2",
    "UPDATE github_activity_tracker_createdreposbylanguage SET all_repos = all_repos + 1",
    "UPDATE github_activity_tracker_gitcommit SET commit_at = '2026-02-01' WHERE id = 1",
    "DELETE FROM github_activity_tracker_gitcommitfilechange WHERE commit_id = 1",
    "DELETE FROM boost_library_tracker_boostdependency WHERE client_library_id = 4",
    "UPDATE boost_library_tracker_boostlibraryversion SET description = 'New words' WHERE library_id = 1",
    "UPDATE boost_library_tracker_boostversion SET version_created_at = '2024-05-02' WHERE id = 2",
    "UPDATE boost_usage_tracker_boostexternalrepository SET boost_version = '' WHERE githubrepository_ptr_id = 11",
)


def test_no_change_that_shows_is_overlooked(bench: Bench) -> None:
    bench.run("--skip-publish")
    for statement in CHANGES:
        before = bench.files()
        bench.world.write(statement)
        bench.run("--skip-publish")
        assert bench.files() != before, statement


def test_a_page_that_was_lost_or_spoiled_is_made_again(bench: Bench) -> None:
    bench.run("--skip-publish")
    page, index = bench.folder / "libraries" / "asio.html", bench.folder / "index.html"
    content = page.read_bytes(), index.read_bytes()
    page.unlink()
    index.write_text("spoiled")
    bench.run("--skip-publish")
    assert (page.read_bytes(), index.read_bytes()) == content


def test_a_run_that_breaks_off_is_made_good_by_the_next(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.run("--skip-publish")
    bench.world.write("UPDATE github_activity_tracker_githubrepository SET stars = stars + 7 WHERE id > 10")
    written = []

    def break_off(path: Path, *arguments: Any, **options: Any) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        write_atomic(path, *arguments, **options)

    monkeypatch.setattr(site, "write_atomic", break_off)
    with pytest.raises(KeyboardInterrupt):
        bench.run("--skip-publish")
    monkeypatch.undo()
    bench.run("--skip-publish")
    mended = _contents(bench.folder)
    shutil.rmtree(bench.folder)
    bench.run("--skip-publish")
    assert _contents(bench.folder) == mended


def _contents(folder: Path) -> dict[str, str]:
    """Every file, without the time at which the figures changed last and what follows from it."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "dashboard_state.json"]
    return {str(path): re.sub(r"[\d-]+ [\d:]+ UTC", "", path.read_text(encoding="utf-8")) for path in files}


def test_without_the_page_of_versions_there_is_no_link_to_it(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench("README.md: hello")
    bench.run("--branch", "pages")
    index = bench.git("show", "pages:develop/index.html")
    assert "../index.html" not in index
    assert "version-selector" not in index


def test_the_branch_comes_from_the_flag_else_from_the_setting(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(BOOST_LIBRARY_USAGE_DASHBOARD_PUBLISH_BRANCH="trunk")
    bench.run()
    assert len(bench.log("trunk")) == 2
    bench.run("--branch", "other")
    assert bench.git("branch", "--format=%(refname:short)").split() == ["other", "trunk"]


def test_phases_can_be_left_out(bench: Bench) -> None:
    with pytest.raises(FileNotFoundError, match="not found"):
        bench.run("--skip-collect", "--skip-publish")
    with pytest.raises(CommandError, match="no HTML artifacts"):
        bench.run("--skip-render")
    names = {path.name for path in bench.folder.iterdir()}
    assert names == {"dashboard_data.json", "Boost_Usage_Report_total.md"}
    before = bench.files()
    assert dict(bench.run("--skip-collect", "--skip-publish").counts) == {}
    after = bench.files()
    assert {path: after[path] for path in before} == before
    assert (bench.folder / "libraries" / "asio.html").exists()
    assert not list(bench.cache.glob("git/pub/pages-*.git"))


def test_without_a_target_nothing_is_published(make_bench: Callable[..., Bench], caplog: Any) -> None:
    bench = make_bench(BOOST_LIBRARY_USAGE_DASHBOARD_PUBLISH_REPO="")
    with caplog.at_level(logging.WARNING):
        assert bench.run().success
    assert "not published" in caplog.text
    assert (bench.folder / "index.html").exists()


@pytest.mark.parametrize("name", ["foo/bar", "..", "bad name", "_x", ".github", "a-"])
def test_invalid_names_of_targets_are_refused_before_any_work(name: str, bench: Bench) -> None:
    with pytest.raises(CommandError, match="Invalid GitHub owner"):
        bench.run("--owner", name)
    with pytest.raises(CommandError, match="Invalid GitHub repo"):
        bench.run("--repo", name)
    assert not bench.folder.exists()


def test_a_refused_push_leaves_the_remote_alone_and_fails(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(GITHUB_TOKEN_WRITE="a-wrong-token")
    with pytest.raises(CommandError) as failure:
        bench.run()
    assert "a-wrong-token" not in str(failure.value)
    assert bench.git("branch", "--format=%(refname:short)").split() == ["trunk"]


def test_the_run_log_has_a_row_with_the_counts(bench: Bench) -> None:
    bench.run("--skip-publish")
    with bench.world.database.engine.connect() as connection:
        row = connection.execute(text("SELECT command, status, counts FROM core_run")).one()
    assert tuple(row) == (COMMAND, "success", {"repos_analyzed": 5})
