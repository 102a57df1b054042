"""Which tasks a run is for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from boost_collectors.runner.normalised import get_groups_and_tasks, get_tasks_for_schedule
from boost_collectors.runner.schedule import ScheduleConfigurationError
from boost_collectors.runner.selection import Selection, select_tasks
from boost_collectors.runner.validation import validate
from boost_collectors.runner.yaml_reader import Document

DATA: dict[str, Any] = {
    "groups": {
        "g1": {
            "default_time": "4:5",
            "tasks": [
                {"command": "d1", "schedule": "daily", "args": ["x"], "note": "kept"},
                {"command": "off", "schedule": "daily", "enabled": False},
                {"command": "mon", "schedule": "weekly", True: "MON"},
                {"command": "m15", "schedule": "monthly", "on": "15"},
                {"command": "m31", "schedule": "monthly", "day_of_month": 31},
                {"command": "i15", "schedule": "interval", "minutes": "15"},
                {"command": "r1", "schedule": "on_release"},
            ],
        },
        "g2": {
            "default_time": "16:10",
            "tasks": [
                {"command": "i15b", "schedule": "interval", "minutes": 15},
                {"command": "i60", "schedule": "interval", "minutes": 60},
                {"command": "d2", "schedule": "daily", "enabled": True},
            ],
        },
        "idle": {"default_time": "01:00", "tasks": [{"command": "off2", "schedule": "daily", "enabled": False}]},
        "empty": {"default_time": "01:00", "tasks": []},
    }
}


def commands(kind: str, **query: Any) -> list[str]:
    return [task["command"] for _group, task in get_tasks_for_schedule(kind, data=DATA, **query)]


@pytest.mark.parametrize(
    ("kind", "query", "expected"),
    [
        ("daily", {}, ["d1", "d2"]),
        ("daily", {"group_id": "g2"}, ["d2"]),
        ("daily", {"group_id": "nowhere"}, []),
        ("daily", {"day_of_month": 99, "interval_minutes": "x"}, ["d1", "d2"]),
        ("weekly", {"day_of_week": " Monday "}, ["mon"]),
        ("weekly", {"day_of_week": "tue"}, []),
        ("monthly", {"day_of_month": 15, "month": 3, "year": 2024}, ["m15"]),
        ("monthly", {"day_of_month": 31, "month": 3, "year": 2024}, ["m31"]),
        ("monthly", {"day_of_month": 10, "month": 3, "year": 2024}, []),
        ("monthly", {"day_of_month": 28, "month": 2, "year": 2023}, ["m31"]),
        ("monthly", {"day_of_month": 29, "month": 2, "year": 2024}, ["m31"]),
        ("monthly", {"day_of_month": 28, "month": 2, "year": 2024}, []),
        ("monthly", {"day_of_month": 31, "month": 4, "year": 2024}, []),
        ("monthly", {"day_of_month": 30, "month": 4, "year": 2024}, ["m31"]),
        ("monthly", {"day_of_month": "31"}, ["m31"]),
        ("monthly", {"day_of_month": 30}, []),
        ("interval", {"interval_minutes": 15}, ["i15", "i15b"]),
        ("interval", {"interval_minutes": 15, "group_id": "g1"}, ["i15"]),
        ("interval", {"interval_minutes": 15, "group_id": "g2"}, ["i15b"]),
        ("interval", {"interval_minutes": 30}, []),
        ("on_release", {}, ["r1"]),
        ("default", {"group_id": "g1", "day_of_week": "monday", "day_of_month": 15}, ["d1", "mon", "m15", "r1"]),
        ("default", {"group_id": "g1", "day_of_week": "tuesday", "day_of_month": 31}, ["d1", "m31", "r1"]),
        ("default", {}, ["d1", "r1", "d2"]),
    ],
)
def test_tasks_for_a_schedule(kind: str, query: dict[str, Any], expected: list[str]) -> None:
    assert commands(kind, **query) == expected


@pytest.mark.parametrize(
    ("kind", "query", "token"),
    [
        ("hourly", {}, "schedule kind must be one of"),
        ("weekly", {}, "day_of_week must be monday..sunday or mon..sun"),
        ("weekly", {"day_of_week": "xx"}, "day_of_week must be monday..sunday or mon..sun"),
        ("default", {"day_of_week": "xx"}, "day_of_week must be monday..sunday or mon..sun"),
        ("monthly", {}, "day_of_month must be an integer"),
        ("monthly", {"day_of_month": "x"}, "day_of_month must be an integer"),
        ("monthly", {"day_of_month": 0}, "day_of_month must be 1-31"),
        ("monthly", {"day_of_month": 32}, "day_of_month must be 1-31"),
        ("default", {"day_of_month": 32}, "day_of_month must be 1-31"),
        ("interval", {}, "interval_minutes must be an integer"),
        ("interval", {"interval_minutes": 1.5}, "interval_minutes must be an integer"),
        ("interval", {"interval_minutes": 0}, "interval_minutes must be 1-180"),
        ("interval", {"interval_minutes": 181}, "interval_minutes must be 1-180"),
    ],
)
def test_a_question_that_makes_no_sense(kind: str, query: dict[str, Any], token: str) -> None:
    with pytest.raises(ValueError, match=token):
        commands(kind, **query)


def test_tasks_are_copies_with_their_timing_resolved() -> None:
    tasks = {task["command"]: task for group, _time, items in get_groups_and_tasks(DATA) for task in items}
    assert tasks["d1"] == {
        "command": "d1",
        "schedule": "daily",
        "args": ["x"],
        "note": "kept",
        "enabled": True,
        "_group_id": "g1",
    }
    assert tasks["mon"]["day_of_week"] == "monday"
    assert tasks["m15"]["day_of_month"] == 15
    assert tasks["m31"]["day_of_month"] == 31
    assert tasks["i15"]["minutes"] == 15
    assert "_group_id" not in DATA["groups"]["g1"]["tasks"][0]
    assert DATA["groups"]["g1"]["tasks"][5]["minutes"] == "15"


def test_groups_come_in_file_order_without_the_idle_ones() -> None:
    groups = get_groups_and_tasks(DATA)
    assert [(group, time) for group, time, _tasks in groups] == [("g1", "04:05"), ("g2", "16:10")]
    assert [task["command"] for task in groups[0][2]] == ["d1", "mon", "m15", "m31", "i15", "r1"]


def test_data_that_is_not_valid_is_refused() -> None:
    with pytest.raises(ScheduleConfigurationError, match="must have 'groups'"):
        get_groups_and_tasks({})


def test_a_batch_is_everything_due_on_its_day() -> None:
    groups = validate(Document(DATA)).groups.values()
    for day, expected in (
        (date(2026, 11, 22), ["d1", "r1"]),
        (date(2026, 11, 23), ["d1", "mon", "r1"]),
        (date(2026, 11, 15), ["d1", "m15", "r1"]),
        (date(2026, 11, 30), ["d1", "mon", "m31", "r1"]),
    ):
        assert [task.command for task in select_tasks(groups, Selection.batch(day), "g1")] == expected
