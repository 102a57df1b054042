"""The health endpoint: method, token, shape, every check and its error codes, against a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from boost_collectors.core import checkpoints
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker.models import CountedKind
from boost_collectors.github_activity_tracker.services import ensure_repository, note_completeness
from boost_collectors.runner.services import record_group_failure, record_group_success
from boost_collectors.slack_event_handler.services import NewJob, note_connection, note_event
from boost_collectors.slack_event_handler.services import queue as queue_jobs
from plugins.health.report import HealthReport, run_health_checks
from plugins.health.web import create_app

SECRET = "postgresql://collector:hunter22@db/boost"
SCHEDULE = """
groups:
  mailing_list:
    default_time: "00:10"
    tasks:
      - command: run_boost_mailing_list_tracker
        schedule: daily
  papers:
    default_time: "00:20"
    tasks:
      - command: run_wg21_paper_tracker
        schedule: weekly
        on: monday
"""
NOW = datetime.now(UTC)


@pytest.fixture
def schedule(tmp_path: Path) -> Path:
    path = tmp_path / "schedule.yaml"
    path.write_text(SCHEDULE)
    return path


@pytest.fixture
def ask(
    schedule: Path, database_url: str, make_settings: Callable[..., Settings]
) -> Iterator[Callable[..., FlaskClient]]:
    """A client of an endpoint with these settings, whose workers are what ``workers`` returns."""
    reports = ExitStack()

    def client(workers: Callable[[float], list[str]] = lambda _: ["celery@a"], **env: str) -> FlaskClient:
        given = {"BOOST_COLLECTOR_SCHEDULE_YAML": str(schedule), "DATABASE_URL": database_url} | env
        report = HealthReport(make_settings(**given), find_workers=workers, latest_runs=lambda _: {}, cached=False)
        reports.callback(report.close)
        return create_app(report).test_client()

    with reports:
        yield client


def test_a_fresh_deployment_is_healthy(ask: Any, database: Database) -> None:
    with database.session() as session:
        record_group_success(session, "mailing_list", when=NOW)
    answer = ask().get("/health/")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.json["status"] == "healthy"
    assert set(answer.json["checks"]) == {
        "database",
        "celery_workers",
        "collector_groups",
        "collector_meta",
        "pinecone_sync",
    }
    assert answer.json["checks"]["database"]["ok"] is True
    assert isinstance(answer.json["checks"]["database"]["latency_ms"], int)
    assert answer.json["checks"]["celery_workers"] == {
        "ok": True,
        "workers": ["celery@a"],
        "responded": 1,
        "expected": 1,
    }
    assert answer.json["checks"]["collector_meta"] == {
        "any_stale": False,
        "enforce_freshness": True,
        "error": None,
        "skipped": None,
    }


@pytest.mark.parametrize(
    ("age", "enforce", "status", "stale"),
    [
        (timedelta(hours=25), "true", 200, False),
        (timedelta(hours=48), "true", 503, True),
        (None, "true", 503, True),
        (timedelta(hours=48), "false", 200, True),
    ],
)
def test_staleness_of_a_daily_group(
    ask: Any, database: Database, age: timedelta | None, enforce: str, status: int, stale: bool
) -> None:
    if age is not None:
        with database.session() as session:
            record_group_success(session, "mailing_list", when=NOW - age)
    answer = ask(HEALTH_ENFORCE_COLLECTOR_FRESHNESS=enforce).get("/health/")
    assert answer.status_code == status
    assert answer.json["checks"]["collector_groups"]["mailing_list"]["stale"] is stale
    assert answer.json["checks"]["collector_meta"]["any_stale"] is stale
    assert answer.json["checks"]["collector_meta"]["error"] is None
    assert answer.json["ready"] is True


def test_groups_without_daily_tasks_appear_once_they_ran_and_are_not_judged(ask: Any, database: Database) -> None:
    with database.session() as session:
        record_group_success(session, "mailing_list", when=NOW)
    assert "papers" not in ask().get("/health/").json["checks"]["collector_groups"]
    with database.session() as session:
        record_group_failure(session, "papers", exit_code=3, when=NOW)
    papers = ask().get("/health/").json["checks"]["collector_groups"]["papers"]
    assert papers["stale"] is None
    assert papers["last_success_at"] is None
    assert papers["last_exit_code"] == 3


def test_a_stale_group_names_the_command_that_repairs_it(ask: Any, database: Database) -> None:
    group = ask().get("/health/").json["checks"]["collector_groups"]["mailing_list"]
    assert group["repair"] == "airflow dags trigger mailing_list"


@pytest.mark.parametrize("header", [None, "Bearer wrong", "bearer right", "Bearer  right", "Bearer right "])
def test_the_token_must_match_exactly(ask: Any, database: Database, header: str | None) -> None:
    client = ask(HEALTH_CHECK_TOKEN=" right ")
    headers = {"Authorization": header} if header else {}
    answer = client.get("/health/", headers=headers)
    assert answer.status_code == 401
    assert answer.json == {"status": "unauthorized", "detail": "Invalid or missing token"}


def test_the_right_token_is_let_in(ask: Any, database: Database) -> None:
    client = ask(HEALTH_CHECK_TOKEN="right", HEALTH_ENFORCE_COLLECTOR_FRESHNESS="false")
    assert client.get("/health/", headers={"Authorization": "Bearer right"}).status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_get_is_answered_and_that_before_the_token(ask: Any, method: str) -> None:
    answer = ask(HEALTH_CHECK_TOKEN="right").open("/health/", method=method)
    assert answer.status_code == 405


def test_without_the_slash_there_is_nothing(ask: Any) -> None:
    assert ask().get("/health").status_code in (308, 404)


def test_no_workers(ask: Any, database: Database) -> None:
    answer = ask(lambda _: []).get("/health/")
    assert answer.status_code == 503
    assert answer.json["checks"]["celery_workers"] == {"ok": False, "workers": [], "responded": 0, "expected": 1}


def test_a_worker_check_that_breaks_says_so_and_keeps_its_secret(ask: Any, database: Database) -> None:
    def broken(_: float) -> list[str]:
        raise OSError(f"cannot reach {SECRET}")

    answer = ask(broken, HEALTH_CELERY_MIN_WORKERS="2").get("/health/")
    assert answer.json["checks"]["celery_workers"] == {
        "ok": False,
        "workers": [],
        "responded": 0,
        "expected": 2,
        "error": "celery_check_failed",
    }
    assert "hunter22" not in answer.text


def test_zero_expected_workers_is_always_enough(ask: Any, database: Database) -> None:
    answer = ask(lambda _: [], HEALTH_CELERY_MIN_WORKERS="0", HEALTH_ENFORCE_COLLECTOR_FRESHNESS="false")
    assert answer.get("/health/").status_code == 200


@pytest.mark.parametrize("value", ["several", "nan", "1.5"])
def test_an_impossible_number_of_workers(ask: Any, database: Database, value: str) -> None:
    answer = ask(HEALTH_CELERY_MIN_WORKERS=value).get("/health/")
    assert answer.status_code == 503
    assert answer.json["checks"]["celery_workers"]["error"] == "celery_settings_invalid"
    assert answer.json["checks"]["celery_workers"]["expected"] == 1


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400", "soon"])
def test_impossible_stale_hours(ask: Any, database: Database, value: str) -> None:
    answer = ask(HEALTH_COLLECTOR_STALE_HOURS=value).get("/health/")
    assert answer.status_code == 503
    assert answer.json["checks"]["collector_meta"]["error"] == "collector_settings_invalid"
    assert answer.json["checks"]["collector_groups"] == {}


def test_a_database_that_is_down(ask: Any) -> None:
    answer = ask(DATABASE_URL="postgresql://user:hunter22@127.0.0.1:1/boost").get("/health/")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"] == {"ok": False, "error": "database_check_failed"}
    assert answer.json["checks"]["collector_groups"] == {}
    assert answer.json["checks"]["collector_meta"]["skipped"] == "database check failed"
    assert answer.json["checks"]["pinecone_sync"] == {"skipped": "database check failed"}
    assert answer.json["completeness"] == {"skipped": "database check failed"}
    assert answer.json["slack_events"] == {"skipped": "database check failed"}
    assert "hunter22" not in answer.text


@pytest.mark.parametrize("content", [None, "groups: []", "groups: {a: {default_time: '25:00', tasks: []}}"])
def test_a_schedule_that_cannot_be_used(ask: Any, database: Database, schedule: Path, content: str | None) -> None:
    if content is None:
        schedule.unlink()
    else:
        schedule.write_text(content)
    answer = ask().get("/health/")
    assert answer.status_code == 503
    assert answer.json["checks"]["collector_meta"]["error"] == "collector_schedule_unavailable"
    assert answer.json["checks"]["collector_meta"]["any_stale"] is False


def test_statuses_that_cannot_be_read(ask: Any, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE boost_collector_runner_collectorgrouprunstatus"))
    answer = ask(HEALTH_ENFORCE_COLLECTOR_FRESHNESS="false").get("/health/")
    assert answer.status_code == 200
    assert answer.json["checks"]["collector_meta"]["error"] == "collector_check_failed"


def test_vector_syncs_are_listed_and_never_turn_the_status(ask: Any, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO cppa_pinecone_sync_pineconesyncstatus (app_type, final_sync_at, created_at, updated_at)"
                " VALUES ('slack', now(), now(), now()), ('mailing', NULL, now(), now())"
            )
        )
    client = ask(HEALTH_ENFORCE_COLLECTOR_FRESHNESS="false")
    syncs = client.get("/health/").json["checks"]["pinecone_sync"]
    assert list(syncs) == ["mailing", "slack"]
    assert syncs["mailing"] == {"final_sync_at": None}
    assert datetime.fromisoformat(syncs["slack"]["final_sync_at"]).tzinfo is not None
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE cppa_pinecone_sync_pineconesyncstatus"))
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json["checks"]["pinecone_sync"] == {"error": "pinecone_sync_check_failed"}


def test_gaps_of_repositories_are_listed_and_never_turn_the_status(ask: Any, database: Database) -> None:
    with database.session() as session:
        record_group_success(session, "mailing_list", when=NOW)
    client = ask()
    empty = {"checked": 0, "gaps": 0, "worst": [], "oldest_check": None}
    assert client.get("/health/").json["completeness"] == empty
    with database.session() as session:
        for name, stored in (("system", 9), ("config", 10)):
            repo_id = ensure_repository(session, "boostorg", name)
            note_completeness(session, repo_id, CountedKind.ISSUES, 10, stored, NOW)
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json["completeness"] == {
        "checked": 2,
        "gaps": 1,
        "worst": [
            {
                "repository": "boostorg/system",
                "kind": "issues",
                "at_source": 10,
                "stored": 9,
                "checked_at": NOW.isoformat(),
                "repair": "python -m boost_collectors run_boost_github_activity_tracker --mode full "
                "--only boostorg/system",
            }
        ],
        "oldest_check": NOW.isoformat(),
    }
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE github_activity_tracker_completeness"))
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json["completeness"] == {"error": "completeness_check_failed"}


def test_a_gap_names_the_command_and_the_window_that_close_it(ask: Any, database: Database) -> None:
    with database.session() as session:
        system, llvm = (ensure_repository(session, *key.split("/")) for key in ("boostorg/system", "llvm/llvm-project"))
        checkpoints.save(session, "run_clang_github_tracker", "llvm/llvm-project#done", {})
        note_completeness(session, system, CountedKind.COMMITS, 9, 7, NOW, since=NOW)
        note_completeness(session, llvm, CountedKind.ISSUES, 9, 8, NOW)
    worst = ask().get("/health/").json["completeness"]["worst"]
    assert [gap["repair"] for gap in worst] == [
        f"python -m boost_collectors run_boost_github_activity_tracker --since {NOW.isoformat()} "
        "--only boostorg/system",
        "python -m boost_collectors run_clang_github_tracker --mode full",
    ]


def test_the_slack_event_handler_tells_of_its_queue_and_its_connections(ask: Any, database: Database) -> None:
    with database.session() as session:
        record_group_success(session, "mailing_list", when=NOW)
    client = ask()
    queue = {"waiting": 0, "dead": 0, "oldest_due_seconds": 0.0}
    assert client.get("/health/").json["slack_events"] == {"queue": queue, "workspaces": []}
    with database.session() as session:
        note_connection(session, "T1", "connected")
        note_connection(session, "T2", "waiting", "xoxb-secret")
        note_event(session, "T1")
        queue_jobs(session, [NewJob("one", "reply", "T1", "lane", {})])
    answer = client.get("/health/")
    assert answer.status_code == 200
    told = answer.json["slack_events"]
    assert (told["queue"]["waiting"], told["queue"]["dead"]) == (1, 0)
    first, second = told["workspaces"]
    assert (first["team_id"], first["state"]) == ("T1", "connected")
    assert datetime.fromisoformat(first["last_event_at"]).tzinfo is not None
    assert second == {"team_id": "T2", "state": "waiting", "connected_at": None, "last_event_at": None}
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE slack_event_handler_listener"))
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json["slack_events"] == {"error": "slack_events_check_failed"}


def test_a_failure_nobody_foresaw_is_503_json(make_settings: Callable[..., Settings]) -> None:
    class Broken(HealthReport):
        def run(self) -> Any:
            raise RuntimeError(SECRET)

    answer = create_app(Broken(make_settings())).test_client().get("/health/")
    assert answer.status_code == 503
    assert answer.json["status"] == "unhealthy"
    assert "hunter22" not in answer.text


def test_the_checks_can_be_run_without_http(schedule: Path, make_settings: Any, database_url: str) -> None:
    settings = make_settings(BOOST_COLLECTOR_SCHEDULE_YAML=str(schedule), DATABASE_URL=database_url)
    payload, status = run_health_checks(settings)
    assert status == 503  # no Airflow here: no worker, and nothing ever ran
    assert payload["checks"]["database"]["ok"] is True


def test_every_field_is_documented(ask: Any, database: Database, pytestconfig: Any) -> None:
    page = (pytestconfig.rootpath / "docs" / "health.md").read_text()
    payload = ask().get("/health/").json
    fields = [key for key in payload if key != "checks"] + [f"checks.{key}" for key in payload["checks"]]
    assert [field for field in fields if f"\n## {field}\n" not in page] == []
