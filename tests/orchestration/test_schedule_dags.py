"""What Airflow shows of a schedule file: healthy groups as DAGs, the others as import errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from boost_collectors.core.settings import PROJECT_ROOT

HEALTHY = """
groups:
  wg21:
    default_time: "00:20"
    tasks:
      - {command: run_wg21_paper_tracker, schedule: daily}
  mail:
    default_time: "00:10"
    tasks:
      - {command: run_boost_mailing_list_tracker, schedule: daily}
"""
BROKEN = (
    HEALTHY
    + """
  late:
    default_time: "25:00"
    tasks:
      - {command: run_wg21_paper_tracker, schedule: fortnightly}
  misspelt:
    default_time: "01:00"
    tasks:
      - {command: run_wg21_paper_trakker, schedule: daily}
"""
)


class Parse:
    """The project's DAG folder, parsed as Airflow does for a given schedule file."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._path, self._environment = path, monkeypatch
        monkeypatch.setenv("BOOST_COLLECTOR_SCHEDULE_YAML", str(path))
        monkeypatch.delenv("BOOST_COLLECTOR_SCHEDULE_STRICT", raising=False)

    def __call__(self, text: str, *, debug: bool, strict: bool = False, only: str | None = None) -> DagBag:
        self._path.write_text(text, encoding="utf-8")
        self._environment.setenv("DEBUG", str(debug))
        self._environment.setenv("BOOST_COLLECTOR_SCHEDULE_STRICT", str(strict))
        if only:
            self._environment.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", only)
        folder = PROJECT_ROOT / "dags"
        return DagBag(folder, bundle_path=folder, bundle_name="tests")


@pytest.fixture
def parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parse:
    return Parse(tmp_path / "schedule.yaml", monkeypatch)


@pytest.mark.parametrize("debug", [True, False])
def test_a_healthy_file_gives_its_dags_and_no_error(parse: Parse, debug: bool) -> None:
    bag = parse(HEALTHY, debug=debug)
    assert set(bag.dag_ids) == {"wg21", "mail"}
    assert bag.import_errors == {}


def test_broken_groups_leave_the_others_and_are_named_in_a_file_of_their_own(parse: Parse) -> None:
    bag = parse(BROKEN, debug=True)
    assert set(bag.dag_ids) == {"wg21", "mail"}
    # An error under collector_groups.py would take the healthy DAGs of that file out of scheduling.
    assert set(bag.import_errors) == {"schedule_problems.py"}
    shown = bag.import_errors["schedule_problems.py"]
    for part in ("schedule.yaml", "late", "25:00", "fortnightly", "misspelt", "run_wg21_paper_trakker", "line "):
        assert part in shown


@pytest.mark.parametrize(("debug", "strict"), [(False, False), (True, True)])
def test_strict_mode_loads_nothing_and_lists_every_problem(parse: Parse, debug: bool, strict: bool) -> None:
    bag = parse(BROKEN, debug=debug, strict=strict)
    assert bag.dag_ids == []
    assert set(bag.import_errors) == {"collector_groups.py"}
    shown = bag.import_errors["collector_groups.py"]
    assert "25:00" in shown
    assert "run_wg21_paper_trakker" in shown


def test_a_running_task_of_a_healthy_group_is_not_stopped_by_a_broken_one(parse: Parse) -> None:
    bag = parse(BROKEN, debug=False, strict=True, only="mail")
    assert bag.dag_ids == ["mail"]
    assert bag.import_errors == {}


def test_a_missing_file_is_an_error_that_names_it(
    parse: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse(HEALTHY, debug=True)
    monkeypatch.setenv("BOOST_COLLECTOR_SCHEDULE_YAML", str(tmp_path / "gone.yaml"))
    folder = PROJECT_ROOT / "dags"
    bag = DagBag(folder, bundle_path=folder, bundle_name="tests")
    assert bag.dag_ids == []
    assert "gone.yaml" in bag.import_errors["schedule_problems.py"]


def test_a_malformed_setting_is_shown_by_name(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    parse(HEALTHY, debug=True)
    monkeypatch.setenv("BOOST_COLLECTOR_SCHEDULE_STRICT", "perhaps")
    folder = PROJECT_ROOT / "dags"
    bag = DagBag(folder, bundle_path=folder, bundle_name="tests")
    assert "BOOST_COLLECTOR_SCHEDULE_STRICT" in bag.import_errors["collector_groups.py"]
