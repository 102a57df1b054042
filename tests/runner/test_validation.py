"""Every rule of the schedule file, alone and together, with the line it names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from boost_collectors.runner.schedule import LoadedSchedule, Problem, ScheduleKind, Task
from boost_collectors.runner.validation import normalise_weekday, to_integer, validate
from boost_collectors.runner.yaml_reader import Document, read

KNOWN = ("run_one", "run_two", "collect_boost_libraries")


def check(text: str, commands: tuple[str, ...] | None = KNOWN) -> LoadedSchedule:
    return validate(read(text), commands)


def task_text(*lines: str, time: str = '"04:10"') -> str:
    head = ["groups:", "  g:", f"    default_time: {time}", "    tasks:", "      - command: run_one"]
    return "\n".join(head + [f"        {line}" for line in lines])


def only_task(*lines: str) -> Task:
    schedule = check(task_text(*lines))
    assert schedule.problems == ()
    return schedule.groups["g"].tasks[0]


def only_problem(text: str, commands: tuple[str, ...] | None = KNOWN) -> Problem:
    schedule = check(text, commands)
    (problem,) = schedule.problems
    assert problem.group is None or problem.group not in schedule.groups
    return problem


@pytest.mark.parametrize(("value", "minutes"), [("1", 1), ("'90'", 90), ("10080", 10080)])
def test_a_deadline_is_a_number_of_minutes(value: str, minutes: int) -> None:
    schedule = check(f"groups:\n  g: {{default_time: 4:10, deadline_minutes: {value}, tasks: []}}")
    assert schedule.groups["g"].deadline == timedelta(minutes=minutes)


@pytest.mark.parametrize("value", ["0", "10081", "-5", "1.5", "true", "soon", "null"])
def test_a_deadline_that_is_none(value: str) -> None:
    problem = only_problem(f"groups:\n  g:\n    default_time: 4:10\n    tasks: []\n    deadline_minutes: {value}")
    assert "'deadline_minutes' must be a whole number, 1-10080" in problem.message
    assert (problem.key, problem.line) == ("deadline_minutes", 5)


@pytest.mark.parametrize("text", ["", "null", "[]", "- a", "word", "5", "true"])
def test_a_document_that_is_no_mapping(text: str) -> None:
    problem = only_problem(text)
    assert "Schedule YAML must be a dict with 'groups'" in problem.message
    assert problem.group is None


@pytest.mark.parametrize("text", ["other: 1", "groups:", "groups: null", "groups: {}", "groups: []", "groups: x"])
def test_groups_must_be_a_mapping_with_something_in_it(text: str) -> None:
    problem = only_problem(text)
    assert "Schedule YAML must have 'groups' (dict)" in problem.message
    assert (problem.group, problem.line) == (None, 1)


@pytest.mark.parametrize("key", ["5", '""', '"  "', "null", "1.5", "true"])
def test_a_group_id_must_be_text(key: str) -> None:
    problem = only_problem(f'groups:\n  ? {key}\n  : {{default_time: "04:10", tasks: []}}')
    assert "Group id must be a non-empty string" in problem.message
    assert problem.line == 2


@pytest.mark.parametrize("key", ["a b", "a/b", "ä", "x" * 65, '" padded "', '"line\\n"', "a:b"])
def test_a_group_id_must_fit_airflow_and_the_status_table(key: str) -> None:
    problem = only_problem(f'groups:\n  {key}: {{default_time: "04:10", tasks: []}}')
    assert problem.message.startswith("Group id ")
    assert "64 at most" in problem.message


@pytest.mark.parametrize("key", ["x" * 64, "A-b_c.9", '"5"', "on", "no"])
def test_group_ids_that_fit(key: str) -> None:
    schedule = check(f'groups:\n  {key}: {{default_time: "04:10", tasks: []}}')
    assert schedule.problems == ()
    assert tuple(schedule.groups) == schedule.declared == (key.strip('"'),)


@pytest.mark.parametrize("value", ["null", "[]", "word", "5"])
def test_a_group_must_be_a_mapping(value: str) -> None:
    problem = only_problem(f"groups:\n  g: {value}")
    assert "Group 'g' must be a dict" in problem.message
    assert (problem.group, problem.line) == ("g", 2)


@pytest.mark.parametrize("value", ["", "null", '""', '"  "', "970", "[]", "1.5"])
def test_default_time_must_be_text(value: str) -> None:
    problem = only_problem(f"groups:\n  g:\n    tasks: []\n    default_time: {value}")
    assert "Group 'g' must have 'default_time'" in problem.message
    assert (problem.key, problem.line) == ("default_time", 4)


def test_a_number_as_time_is_told_to_be_quoted() -> None:
    schedule = validate(Document({"groups": {"g": {"default_time": 970, "tasks": []}}}))
    assert "quote the time" in schedule.problems[0].message
    assert schedule.problems[0].line is None
    assert str(schedule.problems[0]) == schedule.problems[0].message


def test_a_missing_default_time_names_the_group_line() -> None:
    problem = only_problem("groups:\n\n  g:\n    tasks: []")
    assert "must have 'default_time'" in problem.message
    assert problem.line == 3


@pytest.mark.parametrize(
    "value",
    [
        "not-time",
        "04:10:00",
        "25:00",
        "24:00",
        "23:60",
        "4",
        ":",
        "4:",
        "+4:10",
        "4:1_0",
        "-1:00",
        "004:10",
        "04:100",
        "\u0664:\u0665",
    ],
)
def test_a_time_that_is_none(value: str) -> None:
    problem = only_problem(f'groups:\n  g:\n    default_time: "{value}"\n    tasks: []')
    assert "Invalid time" in problem.message
    assert "Group 'g'" in problem.message
    assert (problem.key, problem.line) == ("default_time", 3)


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("16:10", "16:10"),
        ("04:10", "04:10"),
        ("00:05", "00:05"),
        ("4:5", "04:05"),
        ('" 4:5 "', "04:05"),
        ("23:59", "23:59"),
    ],
)
def test_a_time_quoted_or_not(value: str, time: str) -> None:
    schedule = check(f"groups:\n  g:\n    default_time: {value}\n    tasks: []")
    assert schedule.groups["g"].time == time


@pytest.mark.parametrize("value", ["", "null", "{}", "word"])
def test_tasks_must_be_a_list(value: str) -> None:
    problem = only_problem(f"groups:\n  g:\n    default_time: 4:10\n    tasks: {value}")
    assert "Group 'g' must have 'tasks' (list)" in problem.message
    assert (problem.key, problem.line) == ("tasks", 4)


@pytest.mark.parametrize("value", ["[a]", "word", "null", "5"])
def test_a_task_must_be_a_mapping(value: str) -> None:
    problem = only_problem(f"groups:\n  g:\n    default_time: 4:10\n    tasks:\n    - {value}")
    assert "Task in group 'g' must be a dict" in problem.message
    assert problem.line == 5


@pytest.mark.parametrize("command", ["command: null", "command: ''", "command: 5", "command: [a]", "enabled: true"])
def test_a_task_must_have_a_command(command: str) -> None:
    problem = only_problem(f"groups:\n  g:\n    default_time: 4:10\n    tasks:\n    - schedule: daily\n      {command}")
    assert "Task in group 'g' must have 'command' (non-empty string)" in problem.message
    assert problem.key == "command"
    assert problem.line == (5 if command == "enabled: true" else 6)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "schedule: null",
        "schedule: Daily",
        "schedule: hourly",
        "schedule: default",
        "schedule: [daily]",
        "schedule: 1",
    ],
)
def test_a_schedule_must_be_one_of_five(line: str) -> None:
    problem = only_problem(task_text(line))
    assert "Task 'run_one' in group 'g': 'schedule' must be one of" in problem.message
    assert (problem.command, problem.key, problem.line) == ("run_one", "schedule", 6 if line else 5)


@pytest.mark.parametrize(
    "line", ["", "on: someday", "on: 1", "on: true", "on: null", "on: ''", "on: [monday]", "day_of_week: m"]
)
def test_weekly_needs_a_weekday(line: str) -> None:
    problem = only_problem(task_text("schedule: weekly", line))
    assert "'schedule: weekly' requires 'on'" in problem.message
    assert problem.line == (7 if line else 5)


@pytest.mark.parametrize(
    ("lines", "weekday"),
    [
        (("on: monday",), "monday"),
        (("on: ' TUE '",), "tuesday"),
        (("true: Wed",), "wednesday"),
        (("day_of_week: thursday",), "thursday"),
        (("on: fri", "day_of_week: sat"), "friday"),
        (("on: ''", "day_of_week: sat"), "saturday"),
        (("on: null", "day_of_week: Sunday"), "sunday"),
    ],
)
def test_weekly_takes_on_when_it_says_something(lines: tuple[str, ...], weekday: str) -> None:
    assert only_task("schedule: weekly", *lines).weekday == weekday


@pytest.mark.parametrize(
    "line",
    [
        "",
        "on: null",
        "on: 0",
        "on: 32",
        "on: -1",
        "on: '0'",
        "on: monday",
        "on: 1.0",
        "on: true",
        "on: .inf",
        "on: '1_5'",
        "on: '\u0663'",
        "day_of_month: 32",
    ],
)
def test_monthly_needs_a_day(line: str) -> None:
    problem = only_problem(task_text("schedule: monthly", line))
    assert "'schedule: monthly' requires 'on' (1-31" in problem.message
    assert problem.line == (7 if line else 5)


def test_monthly_does_not_look_further_than_on() -> None:
    problem = only_problem(task_text("schedule: monthly", "on: null", "day_of_month: 3"))
    assert "'schedule: monthly' requires 'on' (1-31" in problem.message


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (("on: 1",), 1),
        (("on: '15'",), 15),
        (("on: ' 08 '",), 8),
        (("on: 010",), 10),
        (("day_of_month: 31",), 31),
        (("on: 2", "day_of_month: 3"), 2),
    ],
)
def test_monthly_takes_numbers_and_number_like_text(lines: tuple[str, ...], day: int) -> None:
    assert only_task("schedule: monthly", *lines).day == day


@pytest.mark.parametrize(
    ("line", "token"),
    [
        ("", "'schedule: interval' requires 'minutes'"),
        ("minutes: null", "'schedule: interval' requires 'minutes'"),
        ("minutes: soon", "'minutes' must be an integer"),
        ("minutes: 1.5", "'minutes' must be an integer"),
        ("minutes: 60.0", "'minutes' must be an integer"),
        ("minutes: true", "'minutes' must be an integer"),
        ("minutes: .inf", "'minutes' must be an integer"),
        ("minutes: [60]", "'minutes' must be an integer"),
        ("minutes: 99999999999999999999", "'minutes' must be an integer"),
        ("minutes: 0", "'minutes' must be 1-180"),
        ("minutes: 181", "'minutes' must be 1-180"),
        ("minutes: -5", "'minutes' must be 1-180"),
    ],
)
def test_interval_needs_minutes(line: str, token: str) -> None:
    problem = only_problem(task_text("schedule: interval", line))
    assert token in problem.message
    assert (problem.key, problem.line) == ("minutes", 7 if line else 5)


@pytest.mark.parametrize(("line", "minutes"), [("minutes: 1", 1), ("minutes: 180", 180), ("minutes: '60'", 60)])
def test_interval_takes_minutes(line: str, minutes: int) -> None:
    assert only_task("schedule: interval", line).minutes == minutes


@pytest.mark.parametrize("value", ["null", '"yes"', "1", "[]", "''"])
def test_enabled_must_be_boolean(value: str) -> None:
    problem = only_problem(task_text("schedule: daily", f"enabled: {value}"))
    assert "'enabled' must be boolean" in problem.message
    assert (problem.key, problem.line) == ("enabled", 7)


@pytest.mark.parametrize(("value", "enabled"), [("true", True), ("yes", True), ("false", False), ("off", False)])
def test_enabled(value: str, enabled: bool) -> None:
    assert only_task("schedule: daily", f"enabled: {value}").enabled is enabled


@pytest.mark.parametrize("value", ["null", "word", "{a: b}", "5"])
def test_args_must_be_a_list(value: str) -> None:
    problem = only_problem(task_text("schedule: daily", f"args: {value}"))
    assert "'args' must be a list of strings" in problem.message
    assert problem.key == "args"


def test_each_element_of_args_must_be_text() -> None:
    schedule = check(task_text("schedule: daily", "args:", "- ok", "- 5", "- null", "- [a]"))
    assert [(p.key, p.line) for p in schedule.problems] == [("args[1]", 9), ("args[2]", 10), ("args[3]", 11)]
    assert "'args[1]' must be a string" in schedule.problems[0].message


def test_args_are_kept_verbatim() -> None:
    assert only_task("schedule: daily", "args: ['--a', ' b ', 2026-01-01, 16:10]").args == (
        "--a",
        " b ",
        "2026-01-01",
        "16:10",
    )


def test_disabled_tasks_are_validated_too() -> None:
    assert (
        "'minutes' must be 1-180"
        in only_problem(task_text("schedule: interval", "minutes: 0", "enabled: false")).message
    )


def test_an_unknown_command_stops_an_enabled_task() -> None:
    problem = only_problem(task_text("schedule: daily").replace("run_one", "run_ones"))
    assert "there is no command 'run_ones'; did you mean 'run_one'?" in problem.message
    assert (problem.command, problem.key, problem.line) == ("run_ones", "command", 5)


def test_an_unknown_command_in_a_disabled_task_is_a_warning() -> None:
    schedule = check(task_text("schedule: daily", "enabled: false").replace("run_one", "run_later"))
    assert schedule.problems == ()
    assert "there is no command 'run_later'" in schedule.warnings[0].message
    assert schedule.groups["g"].enabled_tasks == ()


def test_without_a_registry_any_command_will_do() -> None:
    assert check(task_text("schedule: daily").replace("run_one", "anything"), None).problems == ()


@pytest.mark.parametrize(
    ("lines", "key", "hint"),
    [
        (("schedule: daily", "enable: false"), "enable", "did you mean 'enabled'?"),
        (("schedule: daily", "Args: []"), "Args", "did you mean 'args'?"),
        (("schedule: daily", "frobnicate: 1"), "frobnicate", ""),
        (("schedule: daily", "5: 1"), "5", ""),
    ],
)
def test_unknown_keys_of_a_task_are_warned_of(lines: tuple[str, ...], key: str, hint: str) -> None:
    schedule = check(task_text(*lines))
    (warning,) = schedule.warnings
    assert "unknown key" in warning.message
    assert warning.message.endswith(hint)
    assert (warning.group, warning.command, warning.key, warning.line) == ("g", "run_one", key, 7)
    assert "g" in schedule.groups


def test_unknown_keys_of_a_group_and_of_the_file_are_warned_of() -> None:
    schedule = check("group: 1\ngroups:\n  g:\n    default_tme: 4:10\n    default_time: 4:10\n    tasks: []\n")
    assert [(w.line, w.key, w.group) for w in schedule.warnings] == [(1, "group", None), (4, "default_tme", "g")]
    assert "did you mean 'groups'?" in schedule.warnings[0].message
    assert "did you mean 'default_time'?" in schedule.warnings[1].message


def test_a_timing_key_that_does_nothing_is_warned_of() -> None:
    (warning,) = check(task_text("schedule: daily", "on: monday")).warnings
    assert "'on' means nothing with 'schedule: daily'" in warning.message
    assert check(task_text("schedule: weekly", "on: monday", "day_of_week: mon")).warnings == ()


def test_a_group_defined_twice_is_an_error_and_neither_loads() -> None:
    empty = "{default_time: 4:10, tasks: []}"
    schedule = check(f"groups:\n  g: {empty}\n  h: {empty}\n  g: {empty}\n")
    (problem,) = schedule.problems
    assert "Group 'g' is defined twice; the first is on line 2" in problem.message
    assert (problem.line, problem.group) == (4, "g")
    assert list(schedule.groups) == ["h"]


@pytest.mark.parametrize(
    ("text", "line", "group"),
    [
        ("groups: {}\ngroups: {}", 2, None),
        ("groups:\n  g:\n    default_time: 4:10\n    default_time: 4:11\n    tasks: []", 4, "g"),
        (task_text("schedule: daily", "schedule: weekly", "on: monday"), 7, "g"),
        (task_text("schedule: weekly", "on: monday", "on: tuesday"), 8, "g"),
    ],
)
def test_a_key_that_stands_twice_is_an_error(text: str, line: int, group: str | None) -> None:
    problem = next(p for p in check(text).problems if "twice" in p.message)
    assert (problem.line, problem.group) == (line, group)


def test_the_very_same_task_twice_is_an_error() -> None:
    schedule = check(
        task_text("schedule: daily", "args: [x]") + "\n      - {command: run_one, schedule: daily, args: [x]}"
    )
    (problem,) = schedule.problems
    assert "Task 'run_one' in group 'g' repeats the task on line 5" in problem.message
    assert problem.line == 8


def test_a_task_repeated_in_plain_data_is_told_by_its_number() -> None:
    task = {"command": "run_one", "schedule": "daily"}
    schedule = validate(Document({"groups": {"g": {"default_time": "1:00", "tasks": [task, task]}}}))
    assert "repeats task 1" in schedule.problems[0].message


def test_every_problem_is_reported_and_healthy_groups_load() -> None:
    text = """\
groups:
  broken:
    default_time: "25:00"
    tasks:
      - command: run_one
        schedule: weekly
        on: someday
        enabled: "yes"
        args: [1]
      - schedule: hourly
      - nonsense
  healthy:
    default_time: "04:10"
    tasks:
      - {command: run_one, schedule: daily}
      - {command: run_two, schedule: monthly, on: 15}
  also broken: []
"""
    schedule = check(text)
    assert list(schedule.groups) == ["healthy"]
    assert schedule.declared == ("broken", "healthy", "also broken")
    assert [problem.line for problem in schedule.problems] == [3, 7, 8, 9, 10, 10, 11, 17, 17]
    assert len(schedule.problems_of("broken")) == 7
    assert schedule.problems_of("healthy") == ()
    assert [task.schedule for task in schedule.groups["healthy"].tasks] == [ScheduleKind.DAILY, ScheduleKind.MONTHLY]


def test_huge_values_are_cut_in_messages() -> None:
    problem = only_problem(task_text("schedule: daily", f"enabled: {'x' * 10_000}"))
    assert len(problem.message) < 300


@pytest.mark.parametrize(
    ("value", "weekday"), [("MONDAY", "monday"), (" thu ", "thursday"), ("mond", None), (1, None), (None, None)]
)
def test_weekdays(value: Any, weekday: str | None) -> None:
    assert normalise_weekday(value) == weekday


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        ("5", 5),
        (" -5 ", -5),
        ("+5", 5),
        ("", None),
        ("5.0", None),
        (5.0, None),
        (True, None),
        (None, None),
        ("9" * 30, None),
    ],
)
def test_integers(value: Any, number: int | None) -> None:
    assert to_integer(value) == number
