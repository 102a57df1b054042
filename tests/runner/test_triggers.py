"""The table of recurring triggers."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.settings import PROJECT_ROOT
from boost_collectors.runner.schedule import ScheduleConfigurationError
from boost_collectors.runner.triggers import get_beat_schedule, iter_beat_schedule_entry_keys

TASK = "boost_collector_runner.tasks.run_scheduled_collectors_task"
TEXT = """\
groups:
  batch:
    default_time: 4:5
    tasks:
      - {command: migrate, schedule: daily}
      - {command: adopt, schedule: interval, minutes: 60}
  releases:
    default_time: 16:10
    tasks:
      - {command: migrate, schedule: on_release}
  often:
    default_time: 1:00
    tasks:
      - {command: migrate, schedule: interval, minutes: 5}
      - {command: adopt, schedule: interval, minutes: 60}
  disabled:
    default_time: 2:00
    tasks:
      - {command: migrate, schedule: daily, enabled: false}
      - {command: adopt, schedule: interval, minutes: 7, enabled: false}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "s.yaml"
    path.write_text(TEXT)
    return path


def test_one_trigger_per_batch_and_one_per_period(path: Path) -> None:
    assert get_beat_schedule(strict=True, yaml_path=path) == {
        "boost-collector-group-batch-04-05": {
            "task": TASK,
            "schedule": "5 4 * * *",
            "kwargs": {"schedule_kind": "default", "group_id": "batch"},
        },
        "boost-collector-group-releases-16-10": {
            "task": TASK,
            "schedule": "10 16 * * *",
            "kwargs": {"schedule_kind": "default", "group_id": "releases"},
        },
        "boost-collector-interval-5min": {
            "task": TASK,
            "schedule": {"minutes": 5},
            "kwargs": {"schedule_kind": "interval", "interval_minutes": 5},
        },
        "boost-collector-interval-60min": {
            "task": TASK,
            "schedule": {"minutes": 60},
            "kwargs": {"schedule_kind": "interval", "interval_minutes": 60},
        },
    }


def test_the_keys_come_from_plain_data_too() -> None:
    data: dict[str, Any] = {
        "groups": {
            "g": {
                "default_time": "4:5",
                "tasks": [
                    {"command": "a", "schedule": "daily"},
                    {"command": "b", "schedule": "interval", "minutes": "60"},
                ],
            }
        }
    }
    assert list(iter_beat_schedule_entry_keys(data)) == [
        "boost-collector-group-g-04-05",
        "boost-collector-interval-60min",
    ]


@pytest.mark.parametrize("strict", [True, None])
def test_a_missing_file_stops_a_strict_start(
    tmp_path: Path, strict: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "false")
    with pytest.raises(ScheduleConfigurationError, match="not found"):
        get_beat_schedule(strict=strict, yaml_path=tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (None, "not found"),
        ("groups: [", "Invalid YAML"),
        ("{}", "must have 'groups'"),
        ("groups: {g: 1}", "must be a dict"),
    ],
)
def test_a_bad_file_is_a_warning_and_no_triggers_when_not_strict(
    tmp_path: Path, text: str | None, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "s.yaml"
    if text is not None:
        path.write_text(text)
    with caplog.at_level(logging.WARNING, "boost_collectors.runner"):
        assert get_beat_schedule(strict=False, yaml_path=path) == {}
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert token in record.getMessage()


def test_the_path_comes_from_the_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOST_COLLECTOR_SCHEDULE_YAML", str(path))
    assert "boost-collector-group-batch-04-05" in get_beat_schedule()


def test_the_shipped_schedule_has_triggers() -> None:
    shipped = PROJECT_ROOT / "include/schedule/boost_collector_schedule.yaml"
    assert list(get_beat_schedule(strict=True, yaml_path=shipped)) == [
        "boost-collector-group-github-00-05",
        "boost-collector-group-mailing_list-00-10",
        "boost-collector-group-boost_library_docs-16-20",
        "boost-collector-group-slack-16-30",
        "boost-collector-group-discord-16-40",
        "boost-collector-group-reddit-17-00",
        "boost-collector-group-youtube-17-10",
        "boost-collector-group-people-18-30",
        "boost-collector-group-maintenance-03-30",
        "boost-collector-interval-60min",
    ]
