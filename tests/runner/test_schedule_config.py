"""The schedule that is shipped, the names others rely on, and the check at start."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from boost_collectors import registry
from boost_collectors.core.options import flag
from boost_collectors.core.settings import PROJECT_ROOT
from boost_collectors.runner import schedule_config
from boost_collectors.runner.command import ScheduledOptions
from boost_collectors.runner.schedule_config import LoadedSchedule, get_groups_and_tasks, load_config, load_schedule
from boost_collectors.runner.validation import GROUP_KEYS, TASK_KEYS

FOLDER = PROJECT_ROOT / "include" / "schedule"
SHIPPED = FOLDER / "boost_collector_schedule.yaml"
EXAMPLE = FOLDER / "boost_collector_schedule.yaml.example"
PRODUCTION_COMMANDS = {
    "run_boost_usage_tracker",
    "run_update_created_repos_by_language",
    "run_boost_github_activity_tracker",
    "run_boost_library_usage_dashboard",
    "run_clang_github_tracker",
    "collect_boost_libraries",
    "run_wg21_paper_tracker",
    "run_cppa_slack_tracker",
    "run_discord_activity_tracker",
    "run_boost_mailing_list_tracker",
}


@pytest.fixture(params=[SHIPPED, EXAMPLE], ids=["shipped", "example"])
def schedule(request: pytest.FixtureRequest) -> LoadedSchedule:
    return load_schedule(request.param, strict=True)


def test_each_enabled_command_is_registered(schedule: LoadedSchedule) -> None:
    enabled = [task for group in schedule.groups.values() for task in group.enabled_tasks]
    assert enabled
    assert {task.command for task in enabled} <= set(registry.COMMANDS)


def test_only_commands_to_come_are_warned_of(schedule: LoadedSchedule) -> None:
    assert all("there is no command" in warning.message for warning in schedule.warnings)


def test_the_shipped_groups_and_times() -> None:
    groups = load_schedule(SHIPPED).groups.values()
    assert {group.id: group.time for group in groups} == {
        "github": "00:05",
        "mailing_list": "00:10",
        "wg21": "00:20",
        "boost_library_docs": "16:20",
        "slack": "16:30",
        "discord": "16:40",
        "reddit": "17:00",
        "youtube": "17:10",
        "people": "18:30",
        "maintenance": "03:30",
    }


def test_every_production_command_stands_in_the_example_or_the_shipped_file() -> None:
    commands = {
        task["command"]
        for path in (SHIPPED, EXAMPLE)
        for group in load_config(path)["groups"].values()
        for task in group["tasks"]
    }
    assert commands >= PRODUCTION_COMMANDS


def test_the_example_shows_every_kind() -> None:
    kinds = {task.schedule for group in load_schedule(EXAMPLE).groups.values() for task in group.tasks}
    assert kinds == set(schedule_config.ScheduleKind)


def test_the_configured_file_is_read_when_no_data_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("groups: {mine: {default_time: 1:02, tasks: [{command: x, schedule: daily}]}}")
    monkeypatch.setenv("BOOST_COLLECTOR_SCHEDULE_YAML", str(path))
    assert [(group, time) for group, time, _tasks in get_groups_and_tasks()] == [("mine", "01:02")]
    monkeypatch.setenv("BOOST_COLLECTOR_SCHEDULE_YAML", str(tmp_path / "none.yaml"))
    with pytest.raises(FileNotFoundError):
        get_groups_and_tasks()


def test_constants() -> None:
    assert schedule_config.INTERVAL_MINUTES_MAX == 180
    assert schedule_config.DEFAULT_GROUP_BATCH_SCHEDULE_KIND == "default"
    assert all(hasattr(schedule_config, name) for name in schedule_config.__all__)


def test_the_docs_have_every_key_and_every_flag() -> None:
    page = (PROJECT_ROOT / "docs" / "schedule.md").read_text()
    assert [key for key in (*GROUP_KEYS, *TASK_KEYS) if f"### `{key}`\n" not in page] == []
    assert [name for name in ScheduledOptions.model_fields if f"| `{flag(name)}` |" not in page] == []


START = """
import logging, sys
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
from boost_collectors.runner import schedule_config as config
print(config.SCHEDULE_STARTUP_OK)
answers = [config.ensure_schedule_yaml_loaded(sys.argv[1]) for _ in range(2)]
print(answers, config.SCHEDULE_STARTUP_OK)
"""


def start(path: Path) -> list[str]:
    command = [sys.executable, "-c", START, str(path)]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_start_is_summed_up_once_per_process(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "groups:\n"
        "  b: {default_time: 1:02, tasks: [{command: migrate, schedule: daily, enabel: true}]}\n"
        "  a:\n"
        "    default_time: 1:02\n"
        "    tasks: [{command: migrate, schedule: daily}, {command: adopt, schedule: on_release}]\n"
        "  c: {default_time: 1:02, tasks: [{command: migrate, schedule: daily, enabled: false}]}\n"
    )
    before, summary, warning, after = start(path)
    assert (before, after) == ("None", "[True, True] True")
    assert summary == (
        f"INFO Schedule {path}: 2 groups, 3 tasks, 2 triggers: "
        "boost-collector-group-a-01-02, boost-collector-group-b-01-02"
    )
    assert warning.startswith(f"WARNING Schedule {path}: line 2: ")


def test_a_start_without_a_usable_file_is_one_error(tmp_path: Path) -> None:
    before, error, after = start(tmp_path / "none.yaml")
    assert (before, after) == ("None", "[False, False] False")
    assert error.startswith("ERROR ")
    assert "not found" in error


def test_a_file_of_warnings_is_usable(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("grups: 1\ngroups: {g: {default_time: 1:02, tasks: []}}")
    with caplog.at_level(logging.INFO):
        assert schedule_config._log_summary(path)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
