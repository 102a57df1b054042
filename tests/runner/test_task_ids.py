"""Task ids: readable, unique in their group, and the same whatever the order of the file."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.runner.schedule import ScheduleKind, Task
from boost_collectors.runner.task_ids import with_ids


def daily(command: str = "run", *args: str) -> Task:
    return Task("g", command, ScheduleKind.DAILY, args=args)


def monthly(command: str = "run", *args: str, day: int = 1) -> Task:
    return Task("g", command, ScheduleKind.MONTHLY, args=args, day=day)


def ids(*tasks: Task) -> list[str]:
    return [task.id for task in with_ids(tasks)]


def test_the_command_is_the_id() -> None:
    assert ids(daily("a"), monthly("b", "--x")) == ["a", "b"]


def test_a_repeated_command_gains_its_schedule() -> None:
    assert ids(daily("a"), daily("run", "x"), monthly("run", "y")) == ["a", "run__daily", "run__monthly"]


def test_then_its_day_weekday_or_minutes() -> None:
    weekly = [Task("g", "run", ScheduleKind.WEEKLY, weekday=day) for day in ("monday", "friday")]
    often = [Task("g", "run", ScheduleKind.INTERVAL, minutes=minutes) for minutes in (5, 60)]
    assert ids(*weekly, *often, monthly(day=1), monthly(day=15)) == [
        "run__weekly_monday",
        "run__weekly_friday",
        "run__interval_5min",
        "run__interval_60min",
        "run__monthly_1",
        "run__monthly_15",
    ]


def test_then_its_arguments() -> None:
    assert ids(daily(), daily("run", "--task", "monitor content"), daily("run", "--task", "stars")) == [
        "run__daily",
        "run__daily__task_monitor_content",
        "run__daily__task_stars",
    ]


def test_arguments_that_look_the_same_are_told_apart_by_a_digest() -> None:
    first, second = ids(daily("run", "a b"), daily("run", "a", "b"))
    assert first != second
    assert first.startswith("run__daily__a_b__")


def test_an_id_that_was_given_once_stays_the_same_for_ever() -> None:
    assert ids(daily("run", "a b"), daily("run", "a", "b")) == [
        "run__daily__a_b__a0d06738",
        "run__daily__a_b__ad5b7016",
    ]
    assert ids(daily(), daily("run", "x" * 81))[1] == f"run__daily__{'x' * 80}"


def test_a_disabled_task_counts_so_that_enabling_it_renames_nothing() -> None:
    off = replace(monthly(), enabled=False)
    assert ids(daily(), off) == ids(daily(), replace(off, enabled=True)) == ["run__daily", "run__monthly"]


TASKS = st.builds(
    Task,
    group=st.just("g"),
    command=st.sampled_from(["run", "run_two", "odd name"]),
    schedule=st.just(ScheduleKind.MONTHLY),
    day=st.integers(1, 3),
    args=st.lists(st.text(alphabet="ab -_é\n", max_size=100), max_size=3).map(tuple),
)


@given(
    st.lists(TASKS, max_size=8, unique=True).flatmap(lambda tasks: st.tuples(st.just(tasks), st.permutations(tasks)))
)
def test_ids_are_unique_valid_and_do_not_depend_on_the_order(lists: tuple[list[Task], list[Task]]) -> None:
    tasks, shuffled = lists
    named = {replace(task, id=""): task.id for task in with_ids(tasks)}
    assert len(set(named.values())) == len(tasks)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]{1,250}", name) for name in named.values())
    assert {replace(task, id=""): task.id for task in with_ids(shuffled)} == named
