"""What the operations page reads and shows, against a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core import pending
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.github.models import GitHubQuota, GitHubToken
from boost_collectors.core.models import Run
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_user_tracker.models import IdentityProposal, TmpIdentity
from boost_collectors.cppa_user_tracker.services import get_or_create_mailing_list_profile
from boost_collectors.cppa_youtube_script_tracker.services import book
from boost_collectors.github_activity_tracker.models import CountedKind
from boost_collectors.github_activity_tracker.services import ensure_repository, note_completeness
from boost_collectors.runner.services import record_group_success
from include.sandbox import Sandbox
from plugins.operations import board, pages, run_rows, sources
from plugins.operations.group_runs import BY_HAND

COMMAND = "run_wg21_paper_tracker"
NOW = datetime.now(UTC)
SCHEDULE = """
groups:
  papers:
    default_time: "00:20"
    tasks:
      - {command: run_wg21_paper_tracker, schedule: daily}
  calendar:
    default_time: "00:30"
    tasks:
      - {command: run_boost_mailing_list_tracker, schedule: weekly, on: monday}
"""


@pytest.fixture
def scheduled(tmp_path: Path, database_url: str, make_settings: Callable[..., Settings]) -> Settings:
    path = tmp_path / "schedule.yaml"
    path.write_text(SCHEDULE)
    return make_settings(DATABASE_URL=database_url, BOOST_COLLECTOR_SCHEDULE_YAML=str(path))


def run(database: Database, started: datetime, **values: Any) -> int:
    """A row of the run log."""
    given = {
        "command": COMMAND,
        "group_id": "papers",
        "run_id": "a",
        "window_mode": "incremental",
        "units": [],
        "version": "1",
        "status": "success",
        "counts": {},
        "errors": [],
        "message": "",
        "started_at": started,
        "finished_at": started + timedelta(minutes=1),
    }
    with database.session() as session:
        row = Run(**(given | values))
        session.add(row)
        session.flush()
        return row.id


def source(found: board.Board, command: str = COMMAND) -> sources.Source:
    return next(entry for entry in found.sources if entry.command == command)


def test_an_empty_database_has_a_page(database: Database, scheduled: Settings) -> None:
    found = board.read(database, scheduled)
    assert [(group.name, group.stale) for group in found.groups] == [("papers", True)]
    assert found.rows == 0
    assert [entry.command for entry in found.sources] == [s.name for s in registry.COMMANDS.values() if s.collects]
    page = pages.render("board.html", board=found)
    assert "airflow dags trigger papers" in page
    assert "Nothing waits." in page


def test_a_source_shows_what_its_tables_hold(
    database: Database, scheduled: Settings, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    with Sandbox() as sandbox:
        variables = sandbox.environment() | {"DATABASE_URL": scheduled.database_url}
        execute(registry.find(COMMAND), Request(run_id="x"), settings=make_settings(**variables))
    found = source(board.read(database, scheduled))
    with database.session() as session:
        for table in registry.find(COMMAND).tables:
            stored = session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()
            assert next(entry for entry in found.tables if entry.name == table) == sources.Table(table, stored, True)
        table, _, column = registry.find(COMMAND).window_column.partition(".")
        newest = session.execute(text(f'SELECT max("{column}")::text FROM "{table}"')).scalar_one()
        finished = session.execute(text("SELECT finished_at FROM core_run")).scalar_one()
    assert found.rows > 0
    assert found.last_status == "success"
    assert found.last_success_at == finished
    assert found.newest == newest[:16] != ""


def test_large_tables_are_estimated(database: Database, scheduled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "COUNTED_BYTES", -1)
    found = board.read(database, scheduled)
    assert not source(found).exact
    assert "about 0" in pages.render("board.html", board=found)


def test_runs_of_a_group_are_summed_over_their_parts(database: Database, scheduled: Settings) -> None:
    start = NOW - timedelta(hours=3)
    run(database, start, run_id="a", counts={"papers_inserted": 5, "papers_updated": 2, "requests": 7})
    run(
        database,
        start + timedelta(minutes=2),
        run_id="a",
        status="failed",
        counts={"mails_inserted": 1, "github_requests": 3},
    )
    run(database, NOW - timedelta(hours=1), run_id="b", status="running", finished_at=None)
    run(database, NOW - timedelta(hours=2), run_id="c", group_id=None)
    with database.session() as session:
        record_group_success(session, "papers", when=NOW - timedelta(hours=5))
    found = {group.name: group for group in board.read(database, scheduled).groups}
    assert list(found) == ["papers", BY_HAND]
    newest, before = found["papers"].runs
    assert (newest.run_id, newest.state, newest.took) == ("b", "running", None)
    assert (before.state, before.took) == ("failed", timedelta(minutes=3))
    assert (before.parts, before.failed, before.inserted, before.updated, before.requests) == (2, 1, 6, 2, 10)
    assert found["papers"].stale is False
    assert [entry.run_id for entry in found[BY_HAND].runs] == ["c"]


def test_only_the_newest_runs_are_shown(database: Database, scheduled: Settings) -> None:
    for number in range(7):
        run(database, NOW - timedelta(hours=number), run_id=f"run {number}")
    run(database, NOW - timedelta(days=100), run_id="old", group_id="calendar")
    (papers,) = board.read(database, scheduled).groups
    assert [entry.run_id for entry in papers.runs] == [f"run {number}" for number in range(5)]


def test_gaps_quota_and_what_waits(database: Database, scheduled: Settings) -> None:
    reset = NOW + timedelta(minutes=30)
    with database.session() as session:
        repository = ensure_repository(session, "boostorg", "asio")
        note_completeness(session, repository, CountedKind.ISSUES, 12, 10, NOW)
        session.add(GitHubToken(fingerprint="f", owner="ada", checked_at=NOW, rejected_at=NOW))
        session.add(GitHubQuota(owner="ada", bucket="core", points=5000, free=1250, reset_at=reset))
        session.add(GitHubQuota(owner="ada", bucket="search", points=30, free=1, reset_at=NOW - timedelta(hours=1)))
        book(session, "p" * 64, NOW.date(), 2500, limit=10_000)
        pending.add(session, COMMAND, "u", "k", "broken")
        pending.quarantine(session, COMMAND, "u", "l", "broken")
    found = board.read(database, scheduled)
    page = pages.render("board.html", board=found)
    assert "--mode full --only boostorg/asio" in page
    core, search, youtube = found.quotas
    assert (core.left, core.limit, core.share, core.reset_at) == (1250, 5000, 0.25, reset)
    assert core.note == "1 token rejected"
    assert (search.left, search.reset_at) == (30, None)
    assert (youtube.left, youtube.limit) == (7500, 10_000)
    assert [(entry.count, entry.repair) for entry in found.waiting] == [
        (1, f"python -m boost_collectors {COMMAND}")
    ] * 2
    assert "items set aside" in page


def test_identities_that_wait_for_somebody_are_counted(database: Database, scheduled: Settings) -> None:
    with database.session() as session:
        people = [get_or_create_mailing_list_profile(session, name, f"{name}@x.org")[0] for name in ("ada", "bob")]
        staged = TmpIdentity(display_name="Ada")
        session.add(staged)
        session.flush()
        sides = {"left_profile_id": people[0].id, "right_profile_id": people[1].id}
        session.add(IdentityProposal(tmpidentity_id=staged.id, **sides, score=0.8, evidence=[]))
    (entry,) = board.read(database, scheduled).waiting
    assert (entry.count, entry.repair) == (1, "python -m boost_collectors list_identity_proposals")


def test_a_broken_schedule_is_told_and_hides_nothing_else(database: Database, scheduled: Settings) -> None:
    Path(scheduled.boost_collector_schedule_yaml).write_text("groups: 7")
    run(database, NOW)
    page = pages.render("board.html", board=board.read(database, scheduled))
    assert "The schedule cannot be read" in page
    assert "papers" in page


def test_the_run_log_is_searched_and_escaped(database: Database) -> None:
    wanted = run(
        database, NOW, units=["boostorg/asio", "boostorg/beast"], message="<script>x</script>", errors=["a & b"]
    )
    run(database, NOW, run_id="b", units=["boostorg/asio"])
    run(database, NOW, command="run_boost_mailing_list_tracker", units=["boostorg/asio"])
    run(database, NOW, group_id=None)
    asked = run_rows.Asked(command=COMMAND, run_id="a", group="papers", unit="boostorg/beast")
    with database.session() as session:
        runs = run_rows.find(session, asked)
        assert [entry.id for entry in runs] == [wanted]
        assert len(run_rows.find(session, run_rows.Asked())) == 4
        assert len(run_rows.find(session, run_rows.Asked(group=BY_HAND))) == 1
        assert run_rows.find(session, run_rows.Asked(unit="nobody's")) == []
    page = pages.render("runs.html", asked=asked, runs=runs)
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "a &amp; b" in page


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.25, "0.2 s"), (61, "1 min 1 s"), (120, "2 min"), (3_660, "1 h 1 min"), (90_000, "1 d 1 h"), (86_400, "1 d")],
)
def test_durations_are_told_in_two_units(seconds: float, shown: str) -> None:
    assert pages.duration(timedelta(seconds=seconds)) == shown
