"""The callable entry point, on the real registry."""

from __future__ import annotations

import inspect
import logging
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.runner.services import get_group_status
from boost_collectors.runner.tasks import run_scheduled_collectors_task

TEXT = """\
groups:
  good:
    default_time: 0:05
    tasks:
      - {command: migrate, schedule: daily}
      - {command: migrate, schedule: interval, minutes: 7}
  bad:
    default_time: 0:05
    tasks:
      - {command: migrate, schedule: daily, args: [--what]}
      - {command: migrate, schedule: weekly, on: monday}
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "schedule.yaml"
    path.write_text(TEXT)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("WORKSPACE_DIR", str(tmp_path / "workspace"))
    monkeypatch.setenv("BOOST_COLLECTOR_SCHEDULE_YAML", str(path))


def messages(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    name = "boost_collectors.runner.tasks"
    return [record.getMessage() for record in caplog.records if record.name == name and record.levelno == level]


def test_the_signature_is_the_contract() -> None:
    parameters = inspect.signature(run_scheduled_collectors_task).parameters
    assert [(name, parameter.default) for name, parameter in parameters.items()] == [
        ("schedule_kind", inspect.Parameter.empty),
        ("day_of_week", None),
        ("day_of_month", None),
        ("interval_minutes", None),
        ("group_id", None),
        ("stop_on_failure", False),
        ("strict", False),
    ]


def test_success_is_an_info(caplog: pytest.LogCaptureFixture, database: Database) -> None:
    with caplog.at_level(logging.INFO):
        run_scheduled_collectors_task(schedule_kind="default", group_id="good")
    first, last = messages(caplog, logging.INFO)
    assert first.endswith("--schedule default --group good")
    assert last.endswith("succeeded")
    with database.session() as session:
        assert get_group_status(session, "good") is not None


def test_flags_come_in_their_order_and_only_when_set(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run_scheduled_collectors_task("interval", "monday", 0, 7, "good", stop_on_failure=True, strict=True)
    assert messages(caplog, logging.INFO)[0].endswith(
        "--schedule interval --group good --day-of-week monday --day-of-month 0 --interval-minutes 7"
        " --stop-on-failure --strict"
    )


def test_a_failed_run_is_a_runtime_error(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RuntimeError, match="exited with code 2"):
        run_scheduled_collectors_task(schedule_kind="default", group_id="bad")
    (message,) = messages(caplog, logging.ERROR)
    assert "No such option '--what'" in message


@pytest.mark.parametrize(
    ("arguments", "token"),
    [
        ({"schedule_kind": "default"}, "default requires --group"),
        ({"schedule_kind": "daily", "group_id": "goood"}, "Unknown group 'goood'"),
        ({"schedule_kind": "monthly", "day_of_month": 0}, "day_of_month must be 1-31"),
    ],
)
def test_another_error_is_logged_with_its_category_and_raised_unchanged(
    caplog: pytest.LogCaptureFixture, arguments: dict[str, Any], token: str
) -> None:
    with pytest.raises(CommandError, match=token):
        run_scheduled_collectors_task(**arguments)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    record: Any = next(record for record in errors if record.name == "boost_collectors.runner.tasks")
    assert record.exc_info
    assert record.task == "run_scheduled_collectors"
    assert record.failure_category
