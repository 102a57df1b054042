"""A real repository that uses Boost, by way of a real clone, against what other programs find in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from include.sandbox import Sandbox
from include.sandbox.github.repository import Repository
from tests.boost_usage_tracker.scan.test_includes import COMPILER

DATA = Path(__file__).parents[3] / "shared" / "data"
BUNDLE = DATA / "external-repos" / "XRPLF-clio.bundle"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not BUNDLE.exists():
        pytest.skip(f"there is no real repository at {BUNDLE}")
    folder = tmp_path_factory.mktemp("clio") / "clio"
    subprocess.run(["git", "clone", "--quiet", str(BUNDLE), str(folder)], check=True)
    return folder


@pytest.fixture
def collected(files: Path, tmp_path: Path, database: Database, database_url: str, make_settings: Any) -> Database:
    real = tmp_path / "real" / "git"
    real.mkdir(parents=True)
    shutil.copy(BUNDLE, real / BUNDLE.name)
    (tmp_path / "samples" / "github").mkdir(parents=True)
    with Sandbox(real.parent, samples=tmp_path / "samples") as sandbox:
        world = sandbox.github.world
        facts: dict[str, Any] = {"languages": {"C++": 1}, "stars": 500, "pushed_at": "2024-10-24T15:50:26Z"}
        world.add_repository(Repository(id=1, owner=world.login("XRPLF"), name="clio", git="XRPLF/clio", **facts))
        settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url)
        result = execute(
            registry.find("run_boost_usage_tracker"), Request(["--task", "monitor_stars"]), settings=settings
        )
        assert result is not None
        assert result.success
        api = [request for request in sandbox.requests if request.path.startswith("/github-api")]
        assert len(api) <= 6  # whatever the number of files
    return database


def test_exactly_the_uses_that_grep_and_a_compiler_find(collected: Database, files: Path) -> None:
    with collected.engine.connect() as connection:
        stored = connection.exec_driver_sql(
            "SELECT f.filename, m.header_name FROM boost_usage_tracker_boostmissingheadertmp m"
            " JOIN boost_usage_tracker_boostusage u ON u.id = m.usage_id AND u.excepted_at IS NULL"
            " JOIN github_activity_tracker_githubfile f ON f.id = u.file_path_id"
        )
        found = {(path, header) for path, header in stored}
        external = connection.exec_driver_sql(
            "SELECT is_boost_used, is_boost_embedded, boost_version FROM boost_usage_tracker_boostexternalrepository"
        ).one()
    assert found == _by_grep(files)
    assert len({path for path, _ in found}) == 350
    assert len({header for _, header in found}) == 152
    assert tuple(external) == (True, False, "1.82.0")
    if COMPILER:
        _confirm(files, found)


def test_files_are_dated_as_git_log_dates_them(collected: Database, files: Path) -> None:
    with collected.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT f.filename, extract(epoch FROM u.last_commit_date)::bigint FROM boost_usage_tracker_boostusage u"
            " JOIN github_activity_tracker_githubfile f ON f.id = u.file_path_id ORDER BY 1 LIMIT 25"
        )
        dates = {row[0]: row[1] for row in rows}
    for path, seconds in dates.items():
        log = ["git", "-C", str(files), "log", "-1", "--format=%ct", "--", path]
        assert int(subprocess.run(log, check=True, capture_output=True).stdout) == seconds, path


def _by_grep(folder: Path) -> set[tuple[str, str]]:
    """Lines that look like an include, which in this repository is all there is."""
    command = ["git", "-C", str(folder), "grep", "-E", r'^\s*#\s*include\s*[<"]boost/']
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    pairs = (line.partition(":") for line in lines)
    return {(path, re.findall(r'[<"](boost/[^>"]+)', text)[0]) for path, _, text in pairs}


def _confirm(folder: Path, found: set[tuple[str, str]]) -> None:
    """A compiler would open the same headers: asked for every tenth file, as if all headers were missing."""
    for path in sorted({path for path, _ in found})[::10]:
        command = [
            str(COMPILER),
            "-x",
            "c++",
            "-std=gnu++20",
            "-nostdinc",
            "-I",
            str(folder / ".git"),
            "-E",
            "-M",
            "-MG",
        ]
        rule = subprocess.run([*command, "-w", path], cwd=folder, capture_output=True, text=True, check=False).stdout
        opened = {word for word in rule.replace("\\\n", " ").split() if word.startswith("boost/")}
        assert opened == {header for name, header in found if name == path}, path
