"""No credential of any source leaves the headers it is sent in, whatever the source answers."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectorError
from boost_collectors.core.settings import Settings, known_variables
from include.sandbox import Sandbox
from tests.contract.conftest import CANARY

pytestmark = pytest.mark.reads_a_source

MEANT = frozenset(
    {"DATABASE_URL", "DB_PASSWORD", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "GITHUB_ETAG_REDIS_URL"}
)
"""Where a made-up value would keep the command from running."""
OTHER_WAY_IN = frozenset({"GITHUB_APP_PRIVATE_KEY", "REDDIT_BEARER_TOKEN", "REDDIT_SESSION_COOKIE"})
"""Would be used instead of the credentials that the sandbox knows."""
SHIM = '#!/bin/sh\nprintf "%s\\n" "$*" >> "$GIT_ARGUMENTS"\nexec {git} "$@"\n'


@pytest.fixture
def git_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with every command line of git, as the process list would show them."""
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(git=shutil.which("git")))
    shim.chmod(0o755)
    log = tmp_path / "git-arguments"
    log.touch()
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GIT_ARGUMENTS", str(log))
    return log


@pytest.fixture
def marked(sandbox: Sandbox, make_settings: Callable[..., Settings], database_url: str) -> Settings:
    """Settings with a value that can be found for every secret there is."""
    secret = {variable.name for variable in known_variables() if variable.secret and "<" not in variable.name}
    marks = {name: f"{CANARY}-{name.lower()}" for name in secret - MEANT - OTHER_WAY_IN}
    hooks = {name: f"https://hooks.invalid/{mark}" for name, mark in marks.items() if name.endswith("_WEBHOOK_URL")}
    variables = {**marks, **hooks, **sandbox.environment(), "DATABASE_URL": database_url}
    return make_settings(**variables, HTTP_MAX_ATTEMPTS="1", HTTP_MAX_WAIT_SECONDS="0.05")


def test_no_secret_is_written_anywhere(
    spec: CommandSpec,
    collect: Any,
    sandbox: Sandbox,
    marked: Settings,
    project: Database,
    git_arguments: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    secrets = _secrets(sandbox)
    sandbox.faults.add("*", "status", status=500, echoes=True, times=1, after=2)
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(CollectorError) as failure:
            collect(marked)
        collect(marked)
    printed = capfd.readouterr()
    assert not _told(secrets, [str(failure.value), caplog.text, printed.out, printed.err])
    assert not _told(secrets, _rows(project))
    assert not _told(secrets, (item.url for item in sandbox.requests))
    assert not _told(secrets, [git_arguments.read_text(encoding="utf-8")])
    assert _files_with(Path(marked.workspace_dir), secrets) == []


def _secrets(sandbox: Sandbox) -> list[str]:
    given = sandbox.environment()
    known = [given[variable.name] for variable in known_variables() if variable.secret and variable.name in given]
    return [CANARY, *known]


def _told(secrets: Iterable[str], texts: Iterable[str]) -> list[str]:
    everything = "\n".join(texts)
    return [secret for secret in secrets if secret in everything]


def _rows(database: Database) -> list[str]:
    """Every row of every table, as text."""
    with database.engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        return [
            row for table in tables for row in connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()
        ]


def _files_with(folder: Path, secrets: Iterable[str]) -> list[Path]:
    needles = [secret.encode() for secret in secrets]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if (content := path.read_bytes()) and any(needle in content for needle in needles)]
