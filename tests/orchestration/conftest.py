"""Airflow for tests: a home of its own, a metadata database on the tests' PostgreSQL, and DAG runs in this process.

Airflow reads its configuration when it is imported, so the environment is set here, before any test module is.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import DatabaseServer

_HOME = Path(tempfile.mkdtemp(prefix="airflow-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_ENVIRONMENT = {
    "AIRFLOW_HOME": str(_HOME),
    "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_FOLDER": str(_HOME / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(_HOME / "plugins"),
    # Nothing listens here: parsing must not need a database, and a test that does asks for the fixture.
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
}
for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)


@pytest.fixture(scope="session")
def airflow_metadata(database_server: DatabaseServer) -> Iterator[None]:
    """Airflow's own database, on the tests' PostgreSQL; every test of this process shares it."""
    from airflow import settings
    from airflow.utils import db

    with database_server.database("template0") as url, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", url.replace("+psycopg:", "+psycopg2:"))
        settings.configure_vars()
        settings.configure_orm()
        db.initdb()
        yield
        settings.dispose_orm(do_log=False)


@contextmanager
def _created_as(run_type: str) -> Iterator[None]:
    """``dag.test()`` only knows manual runs; this makes them the type that the scheduler or a backfill gives."""
    from airflow.models import DagRun
    from sqlalchemy import event

    def set_type(_mapper: object, _connection: object, run: DagRun) -> None:
        run.run_type = run_type

    event.listen(DagRun, "before_insert", set_type)
    try:
        yield
    finally:
        event.remove(DagRun, "before_insert", set_type)


@dataclass
class GroupRun:
    """How a DAG run ended: its state and its tasks' states, mapped ones as ``id[index]``."""

    state: str
    states: dict[str, str]
    instances: dict[str, Any]
    dag_run: Any


class Airflow:
    """Runs one group of a schedule, by a name of the test's own, with real tasks on real databases."""

    def __init__(self, dags_folder: Path, schedule_file: Path, workspace: Path) -> None:
        self._dags_folder, self._schedule_file, self.workspace = dags_folder, schedule_file, workspace
        self.group = f"group_{uuid.uuid4().hex[:12]}"

    def run(
        self,
        *tasks: str,
        date: datetime | None = None,
        conf: dict[str, Any] | None = None,
        run_type: str = "manual",
        minutes: int | None = None,
    ) -> GroupRun:
        """One run of the group's batch (or of its tasks of that period), for a logical date or, without one, for now.

        ``tasks`` are the entries of the schedule file, each as the inside of a YAML mapping.
        """
        from airflow.dag_processing.dagbag import DagBag

        lines = "\n".join(f"      - {{{task}}}" for task in tasks)
        text = f'groups:\n  {self.group}:\n    default_time: "06:00"\n    tasks:\n{lines}\n'
        self._schedule_file.write_text(text, encoding="utf-8")
        bag = DagBag(self._dags_folder, bundle_path=self._dags_folder, bundle_name="dags-folder")
        assert bag.import_errors == {}
        dag_id = self.group if minutes is None else f"{self.group}__every_{minutes}min"
        with _created_as(run_type):
            return self._ended(bag.dags[dag_id].test(logical_date=date, run_conf=conf))

    def _ended(self, run: Any) -> GroupRun:
        instances = {
            ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]": ti for ti in run.get_task_instances()
        }
        return GroupRun(str(run.state), {name: str(ti.state) for name, ti in instances.items()}, instances, run)

    def notes(self) -> list[dict[str, Any]]:
        """What the sample commands were asked."""
        from tests.orchestration.sample_commands import read_notes

        return read_notes(self.workspace)


_DAG_FILE = '''
"""An Airflow DAG file like dags/collector_groups.py, but a failed try is repeated at once."""

from datetime import timedelta

from boost_collectors.core.settings import Settings
from boost_collectors.runner.schedule_config import load_schedule
from include.orchestration.dag_factory import TASK_DEFAULTS, build_dags

defaults = {**TASK_DEFAULTS, "retries": 1, "retry_delay": timedelta(0)}
schedule = load_schedule(Settings.load().boost_collector_schedule_yaml, strict=True)
globals().update(build_dags(schedule, task_defaults=defaults))
'''


@pytest.fixture
def airflow(airflow_metadata: None, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Airflow:
    """Airflow with the sample commands in the registry, a project database and a workspace of the test's own."""
    from boost_collectors import registry
    from tests.orchestration.sample_commands import sample_specs

    for name, spec in sample_specs().items():
        monkeypatch.setitem(registry.COMMANDS, name, spec)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GITHUB_TOKEN", "")
    monkeypatch.setenv("WORKSPACE_DIR", str(tmp_path / "workspace"))
    monkeypatch.setenv("BOOST_COLLECTOR_SCHEDULE_YAML", str(tmp_path / "schedule.yaml"))
    folder = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    folder.mkdir(exist_ok=True)
    (folder / "groups.py").write_text(_DAG_FILE, encoding="utf-8")
    return Airflow(folder, tmp_path / "schedule.yaml", tmp_path / "workspace")
