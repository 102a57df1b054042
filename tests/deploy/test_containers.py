"""What runs in containers besides Airflow: secrets out of files, Celery's settings, health checks."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import Settings
from boost_collectors.slack_event_handler.services import note_connection
from include.deploy import alive, entrypoint, make_secrets
from include.deploy.secret_files import with_secret_files
from include.stack.airflow import PROJECT

CELERY = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor"}


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(" s3cret\n", encoding="utf-8")
    names = ("DATABASE_URL", "SLACK_BOT_TOKEN_T1", "AIRFLOW__CORE__FERNET_KEY")
    given = {f"{name}_FILE": str(path) for name in names} | {"GITHUB_TOKEN_FILE": "", "LOG_FILE": "a.log"}
    found = with_secret_files(given | {"YOUTUBE_COOKIES_FILE": "cookies.txt"})
    assert found == dict.fromkeys(names, "s3cret") | {"LOG_FILE": "a.log", "YOUTUBE_COOKIES_FILE": "cookies.txt"}


@pytest.mark.parametrize(
    ("content", "others", "message"),
    [
        (None, {}, "GITHUB_TOKEN_FILE={path}: cannot be read: No such file or directory"),
        ("\n", {}, "GITHUB_TOKEN_FILE={path}: the file is empty"),
        ("a", {"GITHUB_TOKEN": "b"}, "GITHUB_TOKEN and GITHUB_TOKEN_FILE are both set; keep one of them"),
    ],
)
def test_a_wrong_file_is_named(content: str | None, others: dict[str, str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        with_secret_files({"GITHUB_TOKEN_FILE": str(path), **others})
    assert str(error.value) == message.format(path=path)


def test_celery_gets_our_settings_and_airflows_own_win() -> None:
    given = {"CELERY_BROKER_URL": "redis://queue:6379/3", "CELERY_MAX_TASKS_PER_CHILD": "7"}
    found = entrypoint.environment(CELERY | given | {"AIRFLOW__CELERY__RESULT_BACKEND": "db+postgresql://x/y"})
    assert found["AIRFLOW__CELERY__BROKER_URL"] == "redis://queue:6379/3"
    assert found["AIRFLOW__CELERY__RESULT_BACKEND"] == "db+postgresql://x/y"
    assert json.loads(found["AIRFLOW__CELERY__EXTRA_CELERY_CONFIG"]) == {"worker_max_tasks_per_child": 7}
    assert entrypoint.environment(given) == given


def test_a_container_that_started_as_root_must_be_allowed_to() -> None:
    with pytest.raises(ConfigurationError, match="ALLOW_ROOT_ENTRYPOINT=true"):
        entrypoint.give_up_root({})
    with pytest.raises(ConfigurationError, match="no user 'nobody-of-that-name'"):
        entrypoint.give_up_root({"ALLOW_ROOT_ENTRYPOINT": "true"}, "nobody-of-that-name")


AS_ITS_USER = """
import os, sys
from include.deploy import entrypoint
if os.geteuid() == 0: os.setuid(65534)
sys.exit(entrypoint.main(sys.argv[1:]))
"""


def test_a_container_becomes_its_command_with_what_the_files_hold() -> None:
    # Not in a folder of the test's own, which another user could not enter.
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as secret:
        secret.write("redis://:s3cret@queue:6379/0\n")
        secret.flush()
        Path(secret.name).chmod(0o644)
        given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), **CELERY}
        given["CELERY_BROKER_URL_FILE"] = secret.name
        told = 'echo "$AIRFLOW__CELERY__BROKER_URL $0 $1"; test $(id -u) != 0 && exit 7'
        command = [sys.executable, "-c", AS_ITS_USER, "/bin/sh", "-c", told, "first", "second"]
        done = subprocess.run(command, cwd=PROJECT, env=given, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("redis://:s3cret@queue:6379/0 first second\n", 7), done.stderr


def test_made_secrets_are_kept_and_only_the_owner_gets_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = make_secrets.make_secrets(folder)
    before = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert set(before) == set(made)
    assert len(set(before.values())) == len(made)
    assert f":{before['airflow_db_password']}@" in before["airflow_database_url"]
    assert f":{before['redis_password']}@" in before["celery_broker_url"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / "redis_password").unlink()
    assert make_secrets.make_secrets(folder) == ["redis_password"]
    assert {path.name for path in folder.iterdir()} == set(before)


@pytest.mark.parametrize("service", ["api-server", "scheduler", "worker", "slack-events"])
def test_a_service_that_cannot_be_reached_is_not_alive_and_no_secret_is_told(service: str) -> None:
    given = {
        "AIRFLOW__API__PORT": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://u:s3cret@127.0.0.1:1/a",
        "CELERY_BROKER_URL": "redis://:s3cret@127.0.0.1:1/0",
        "DATABASE_URL": "postgresql://u:s3cret@127.0.0.1:1/b",
    }
    found = alive.problem(service, given)
    assert found.startswith("no answer: ")
    assert "s3cret" not in found


def test_the_slack_service_is_alive_when_it_is_connected_to_every_workspace(
    database: Database, make_settings: Callable[..., Settings], database_url: str
) -> None:
    tokens = {f"SLACK_{kind}_TOKEN_{team}": "x" * 8 for kind in ("BOT", "APP") for team in ("T1", "T2")}
    given = {"DATABASE_URL": database_url, "SLACK_TEAM_IDS": "T1,T2,T3", **tokens}
    with database.session() as session:
        note_connection(session, "T1", "connected")
        note_connection(session, "T2", "waiting")
    assert alive.problem("slack-events", given) == "not connected to T2"
    with database.session() as session:
        note_connection(session, "T2", "connected")
    assert alive.problem("slack-events", given) == ""
