"""The whole stack as a user runs it: real Airflow, real PostgreSQL, real signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.settings import known_variables
from include.stack.ports import free_ports
from tests.boost_library_usage_dashboard.plain_figures import PlainFigures

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

PROJECT = Path(__file__).parents[2]
SCHEDULE = """
groups:
  quiet:
    default_time: "23:59"
    tasks:
      - {command: run_wg21_paper_tracker, schedule: daily}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "workspace"
    for folder in (tmp_path / "workspace", tmp_path / "workspace" / "demo"):
        EmbeddedPostgres(folder / "postgres").remove()


@pytest.fixture
def environment(workspace: Path, tmp_path: Path) -> dict[str, str]:
    """No setting of the developer's, and a schedule under which nothing starts by itself."""
    schedule = tmp_path / "schedule.yaml"
    schedule.write_text(SCHEDULE)
    blank = {variable.name: "" for variable in known_variables()}
    ours = {"WORKSPACE_DIR": str(workspace), "BOOST_COLLECTOR_SCHEDULE_YAML": str(schedule)}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**blank, **kept, **ours}


class Process:
    """A ``python -m include.stack`` that is read line by line."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self.popen = popen
        self.lines: list[str] = []

    def read_until(self, text: str) -> str:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return line
        pytest.fail(f"{text!r} did not come:\n" + "\n".join(self.lines))

    def end(self) -> int:
        assert self.popen.stdout is not None
        self.lines += [line.rstrip() for line in self.popen.stdout]
        return self.popen.wait()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def run(environment: dict[str, str]) -> Callable[..., contextmanager[Process]]:
    @contextmanager
    def run(*arguments: str) -> Iterator[Process]:
        command = [sys.executable, "-m", "include.stack", *arguments]
        with subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        ) as popen:
            try:
                yield Process(popen)
            finally:
                popen.terminate()

    return run


def assert_nothing_left(workspace: Path) -> None:
    """No process of the folder lives, the database server included."""
    assert processes_of(workspace) == []
    assert not EmbeddedPostgres(workspace / "postgres").is_running
    assert not EmbeddedPostgres(workspace / "demo" / "postgres").is_running


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that know of the folder: by environment, arguments or open files."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                command = (entry / "cmdline").read_bytes()
                if os.fsencode(folder) in command + (entry / "environ").read_bytes():
                    found.append(command.decode(errors="replace").replace("\0", " "))
    return found


def test_up_refuses_a_second_one_cleans_up_after_a_killed_one_and_ends_by_down(
    run: Callable[..., contextmanager[Process]], workspace: Path
) -> None:
    (port,) = free_ports(1)
    with run("up", "--port", str(port)) as first:
        first.read_until("Running.")
        assert f"http://127.0.0.1:{port}/   (user admin, password " in first.output
        health = httpx.get(f"http://127.0.0.1:{port}/api/v2/monitor/health", trust_env=False).json()
        assert {health[name]["status"] for name in ("metadatabase", "scheduler", "triggerer", "dag_processor")} == {
            "healthy"
        }
        with run("up") as second:
            assert second.end() == 1
            assert f"`make up` already runs here (process {first.popen.pid})" in second.output
            assert f"http://127.0.0.1:{port}/" in second.output
        first.popen.kill()
    assert len(processes_of(workspace)) > 4

    with run("up") as third:
        third.read_until("Running.")
        assert re.search(r"Ended \d+ processes that a killed run had left", third.output)
        with run("down") as down:
            assert down.end() == 0
            assert f"Stopped `make up` (process {third.popen.pid})." in down.output
        assert third.end() == 0
        assert "Asked to stop: received SIGTERM." in third.output
    assert_nothing_left(workspace)
    with run("down") as down:
        assert down.end() == 0
        assert down.output == "Nothing was running."


@pytest.mark.timeout(1800)  # every group, twice
def test_the_demo_collects_and_its_second_run_inserts_nothing_twice(
    run: Callable[..., contextmanager[Process]], workspace: Path
) -> None:
    with run("demo", "--once") as first:
        assert first.end() == 0, first.output
    rows = table(first.output)
    assert rows["github_activity_tracker_gitcommit"][1] > 0
    assert rows["boost_mailing_list_tracker_mailinglistmessage"][1] > 0
    assert rows["wg21_paper_tracker_wg21paper"][1] > 0
    assert rows["clang_github_tracker_commit"][1] > 0
    assert rows["boost_usage_tracker_boostusage"][1] > 0
    assert rows["github_activity_tracker_exporteditem"][1] > rows["clang_github_tracker_issue_item"][1] > 0
    assert "GET /health/ -> 200" in first.output
    assert rows["cppa_pinecone_sync_localtext"] == rows["cppa_pinecone_sync_localembedding"]
    answer = first.output.partition('search "how do I parse')[2]
    first_answer = (
        r"\n1\. (Re: )?\[json\] parsing numbers with many digits\n   mailing · 2024-11-20 · \w+ \w+\n   http://"
    )
    assert re.search(first_answer, answer), first.output
    assert "/list/boost-users@lists.boost.org/message/" in answer

    assert_the_dashboard_tells_of_the_rows(workspace / "demo")

    with run("demo", "--once") as second:
        assert second.end() == 0, second.output
    again = table(second.output)
    domain = rows.keys() - {"core_run", "all"}
    assert {name: again[name] for name in domain} == {name: (0, rows[name][1]) for name in domain}
    assert_nothing_left(workspace)


def assert_the_dashboard_tells_of_the_rows(demo: Path) -> None:
    """Every figure is what its definition makes of the rows that the demo has collected, one by one."""
    pages = demo / "boost_library_usage_dashboard"
    data = json.loads((pages / "dashboard_data.json").read_text(encoding="utf-8"))
    server = EmbeddedPostgres(demo / "postgres")
    server.start()
    try:
        with Database(server.url("boost_dashboard")) as database, database.engine.connect() as connection:
            year = int(data["generated_at"][:4])
            PlainFigures(lambda statement: list(connection.execute(text(statement))), year).check(data)
    finally:
        server.stop()
    assert any(row["repo_count"] for row in data["metrics_by_library"])
    assert len(list((pages / "libraries").glob("*.html"))) == len(data["libraries_page_data"])


def table(output: str) -> dict[str, tuple[int, int]]:
    """Table name to (new, total)."""
    rows = re.findall(r"│ (\w+) +│ +([\d,]+) │ +([\d,]+) │", output)
    return {name: (int(new.replace(",", "")), int(total.replace(",", ""))) for name, new, total in rows}


def test_ctrl_c_while_it_starts_ends_everything(run: Callable[..., contextmanager[Process]], workspace: Path) -> None:
    with run("demo") as demo:
        demo.read_until("Databases at their newest schema")
        demo.popen.send_signal(signal.SIGINT)
        assert demo.end() == 128 + signal.SIGINT
    assert "Stopped before the end: received SIGINT." in demo.output
    assert_nothing_left(workspace)
