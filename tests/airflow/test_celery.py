"""Production's shape: the services of docker-compose.yaml with a real queue and two workers, one of which is killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psutil
import pytest
from sqlalchemy import select

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.models import Run, RunStatus
from boost_collectors.core.settings import Settings
from include.deploy.smoke import smoke
from include.sandbox import Sandbox
from tests.airflow.composed import Composed
from tests.airflow.local_stack import START_SECONDS, eventually
from tests.airflow.rest_api import RestApi
from tests.conftest import DatabaseServer
from tests.contract.content import Content, content

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed"),
]

WORKERS = ("one", "two")
GROUP = "everything"
MAPPED = "run_boost_github_activity_tracker"
MAILING_LISTS = "run_boost_mailing_list_tracker"
SECOND_LIST = "/archives/api/list/boost-users*"
SCHEDULE = """
groups:
  everything:
    default_time: "{quiet:%H:%M}"
    tasks:
      - {{command: run_boost_github_activity_tracker, schedule: daily}}
      - {{command: run_boost_mailing_list_tracker, schedule: daily}}
"""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    root = tmp_path_factory.mktemp("deployment")
    root.chmod(0o755)
    quiet = datetime.now(UTC) + timedelta(hours=12)
    with Sandbox() as sandbox:
        composed = Composed(root, sandbox, schedule=SCHEDULE.format(quiet=quiet))
        try:
            composed.start(WORKERS)
            eventually("everything is alive", lambda: composed.all_up(WORKERS), START_SECONDS)
            yield composed
        finally:
            composed.stop()


@pytest.fixture(scope="module")
def api(deployment: Composed) -> Iterator[RestApi]:
    with RestApi(deployment.url, deployment.password()) as api:
        yield api


@pytest.fixture(scope="module")
def undisturbed(
    deployment: Composed, database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Content:
    """What the group's commands store without Airflow."""
    with database_server.database() as url, Database(url) as database:
        folder = tmp_path_factory.mktemp("direct")
        given = {"DATABASE_URL": url, "WORKSPACE_DIR": str(folder), **deployment.sandbox.environment()}
        settings = Settings.load(given, env_file=None)
        for command in (MAPPED, MAILING_LISTS):
            execute(registry.find(command), Request(), settings=settings)
        return content(database)


def test_health_lists_both_workers(deployment: Composed) -> None:
    answer = httpx.get(f"{deployment.url}/health/", trust_env=False)
    assert answer.status_code == 200, answer.text
    found = answer.json()["checks"]["celery_workers"]
    assert found == {"ok": True, "workers": ["celery@one", "celery@two"], "responded": 2, "expected": 1}


def test_a_worker_killed_in_the_middle_of_a_task_loses_and_doubles_nothing(
    deployment: Composed, api: RestApi, undisturbed: Content
) -> None:
    api.login()
    deployment.sandbox.faults.add(SECOND_LIST, "latency", seconds=300)
    eventually("the DAG is known", lambda: api.dags() or api.import_errors())
    assert api.import_errors() == []
    run_id = api.ask_for(GROUP)
    eventually("the second list is asked for", lambda: deployment.sandbox.faults.list()[0]["seen"], 120)
    victim = worker_of(deployment, api.task(GROUP, run_id, MAILING_LISTS)["pid"])
    for process in [*victim.children(recursive=True), victim]:
        process.kill()

    def over() -> str:
        state = api.run_state(GROUP, run_id)
        return state if state in ("success", "failed") else ""

    assert eventually("the run ends", over, 180) == "success", api.states(GROUP, run_id)
    assert api.task(GROUP, run_id, MAILING_LISTS)["try_number"] == 2
    assert api.states(GROUP, run_id)[f"{MAPPED}[0]"] == "success"
    with deployment.database() as database:
        assert content(database) == undisturbed
        assert statuses(database, MAILING_LISTS) == [RunStatus.INTERRUPTED, RunStatus.SUCCESS]


def test_the_smoke_test_of_a_deployment_passes_with_the_worker_that_is_left(deployment: Composed, api: RestApi) -> None:
    smoke(api, GROUP)


def worker_of(deployment: Composed, pid: int) -> psutil.Process:
    """The worker that runs the process of a task."""
    parents = {process.pid for process in psutil.Process(pid).parents()}
    (found,) = [name for name in WORKERS if deployment.process(name).pid in parents]
    return psutil.Process(deployment.process(found).pid)


def statuses(database: Database, command: str) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(Run.status).where(Run.command == command).order_by(Run.id)))
