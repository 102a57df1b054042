"""Reading the file: all that can be wrong with it, and that nothing else ever comes out."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from boost_collectors.core.settings import PROJECT_ROOT, Settings
from boost_collectors.runner.loading import is_schedule_strict, load_config, load_schedule, parse_schedule
from boost_collectors.runner.schedule import ScheduleConfigurationError

GOOD = """\
groups:
  g:
    default_time: 16:10
    tasks:
      - command: migrate
        schedule: weekly
        on: monday
"""

MANY_WRONG = 'groups:\n  g: {default_time: "25:00", tasks: {}}\n  h: []\n  i: {default_time: 4:10, tasks: []}\n'


def test_a_good_file(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(GOOD)
    schedule = load_schedule(path, strict=True)
    assert schedule.path == path
    assert schedule.groups["g"].tasks[0].weekday == "monday"
    assert load_schedule(str(path)) == schedule
    assert load_config(path) == {
        "groups": {
            "g": {"default_time": "16:10", "tasks": [{"command": "migrate", "schedule": "weekly", "on": "monday"}]}
        }
    }


def test_broken_groups_do_not_hide_the_healthy_ones(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(MANY_WRONG)
    schedule = load_schedule(path)
    assert list(schedule.groups) == ["i"]
    with pytest.raises(ScheduleConfigurationError) as caught:
        load_schedule(path, strict=True)
    assert caught.value.problems == schedule.problems
    assert len(schedule.problems) == 3
    assert str(path) in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    (problem,) = load_schedule(path).problems
    assert problem.message == f"Schedule YAML not found: {path}"
    with pytest.raises(FileNotFoundError, match=r"Schedule YAML not found: .*none\.yaml"):
        load_config(path)
    with pytest.raises(ScheduleConfigurationError, match="not found"):
        load_schedule(path, strict=True)


def test_no_path() -> None:
    with pytest.raises(ValueError, match="load_config requires a path"):
        load_config(None)


def test_a_folder(tmp_path: Path) -> None:
    assert "Schedule YAML cannot be read" in load_schedule(tmp_path).problems[0].message
    with pytest.raises(OSError, match="directory"):
        load_config(tmp_path)


def test_a_path_that_no_system_takes() -> None:
    assert "Schedule YAML cannot be read" in load_schedule("a\0b").problems[0].message


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(b"groups:\n  # caf\xe9\n")
    (problem,) = load_schedule(path).problems
    assert "not UTF-8" in problem.message
    assert problem.line == 2
    with pytest.raises(UnicodeDecodeError):
        load_config(path)


def test_a_byte_order_mark_is_let_through() -> None:
    assert parse_schedule(b"\xef\xbb\xbf" + GOOD.encode()).problems == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [("groups:\n  g: [\n", 3), ("a: b\nc: d: e\n", 2), ("a: 1\nb: \x07\n", 2), ("a: 1\n---\nb: 1\n", 2)],
)
def test_yaml_that_is_none_names_the_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text)
    (problem,) = load_schedule(path).problems
    assert problem.message.startswith("Invalid YAML: ")
    assert problem.line == line
    with pytest.raises(yaml.YAMLError):
        load_config(path)


def test_load_config_tells_every_problem_and_knows_no_commands(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(MANY_WRONG)
    with pytest.raises(ValueError, match=r"Invalid time.*must have 'tasks' \(list\).*must be a dict"):
        load_config(path)
    path.write_text(GOOD.replace("migrate", "whatever"))
    assert load_config(path)["groups"]["g"]["tasks"][0]["command"] == "whatever"
    assert "there is no command 'whatever'" in load_schedule(path).problems[0].message


@pytest.mark.parametrize(
    ("variables", "given", "strict"),
    [
        ({}, None, True),
        ({"DEBUG": "true"}, None, False),
        ({"DEBUG": "true", "BOOST_COLLECTOR_SCHEDULE_STRICT": "true"}, None, True),
        ({"DEBUG": "false", "BOOST_COLLECTOR_SCHEDULE_STRICT": "false"}, None, True),
        ({"DEBUG": "true"}, True, True),
        ({}, False, False),
    ],
)
def test_strictness(variables: dict[str, str], given: bool | None, strict: bool) -> None:
    settings = Settings.load(variables, env_file=None)
    assert is_schedule_strict(given, settings=settings) is strict


WORDS = st.sampled_from(
    [
        *("groups", "g", "default_time", "tasks", "command", "schedule", "on", "true", "minutes", "enabled", "args"),
        *("daily", "weekly", "monthly", "interval", "monday", "15", "4:10", "migrate", "null", ".inf", "1.5", "<<"),
        *("&a", "*a", "!!str", "- ", ": ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ",", "'", '"', "#", "|", ">"),
        *("? ", "---", "%", "\t", "é", "\x00", "\ud800", "\u2028"),
    ]
)
SCALARS: Any = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["daily", "monthly", "weekly", "interval", "monday", "4:10", "16:10", "migrate", "15"]),
    st.text(st.characters(codec="utf-8"), max_size=10),
)
KEYS = st.one_of(
    st.sampled_from(["command", "schedule", "on", "day_of_week", "day_of_month", "minutes", "enabled", "args"]), SCALARS
)
TASK = st.one_of(st.dictionaries(KEYS, st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=6), SCALARS)
GROUP = st.one_of(
    SCALARS,
    st.fixed_dictionaries(
        {}, optional={"default_time": SCALARS, "tasks": st.one_of(st.lists(TASK, max_size=4), SCALARS)}
    ),
)
FILES = st.one_of(
    SCALARS, st.fixed_dictionaries({"groups": st.one_of(st.dictionaries(SCALARS, GROUP, max_size=4), SCALARS)})
)


def assert_sound(content: bytes | str) -> None:
    schedule = parse_schedule(content)
    assert schedule.problems or schedule.groups
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    lines = max(len(text.splitlines()), text.count("\n")) + 1
    for problem in (*schedule.problems, *schedule.warnings):
        assert problem.line is not None
        assert 1 <= problem.line <= lines
        assert problem.message
    assert not {problem.group for problem in schedule.problems} & set(schedule.groups)
    if any(problem.group is None for problem in schedule.problems):
        assert schedule.groups == {}


@given(st.lists(st.one_of(WORDS, st.text(max_size=5)), max_size=60).map("".join))
@example("groups:\n  g: &a\n    default_time: 4:10\n    tasks: [*a]\n")
def test_any_text_gives_groups_or_problems_with_lines(text: str) -> None:
    assert_sound(text)


@given(st.binary(max_size=200))
def test_any_bytes_give_groups_or_problems(content: bytes) -> None:
    assert_sound(content)


@given(FILES, st.booleans())
def test_any_data_gives_groups_or_problems_with_lines(data: Any, flow: bool) -> None:
    assert_sound(yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True))


def test_problems_in_a_thousand_groups_are_found_in_linear_time() -> None:
    text = "groups:\n" + "".join(f"  g{n}:\n    default_time: '99:00'\n    tasks: [x]\n" for n in range(2000))
    started = time.process_time()
    schedule = parse_schedule(text)
    assert [problem.line for problem in schedule.problems[-2:]] == [6000, 6001]
    assert time.process_time() - started < 5


def test_importing_and_loading_touch_no_heavy_library() -> None:
    code = """
import sys
from boost_collectors.runner.schedule_config import load_schedule
load_schedule(sys.argv[1], strict=True)
heavy = {"sqlalchemy", "httpx", "pydantic", "pydantic_settings", "psycopg", "click", "rich", "airflow", "alembic"}
print(sorted(heavy & set(sys.modules)))
"""
    shipped = PROJECT_ROOT / "include/schedule/boost_collector_schedule.yaml"
    done = subprocess.run(
        [sys.executable, "-c", code, str(shipped)], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
