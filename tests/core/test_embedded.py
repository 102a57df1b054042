"""The embedded server: shared, outliving its starter, mended after accidents, closed to strangers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
import pytest

from boost_collectors.core.database import server_account
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.database.server_account import Account
from boost_collectors.core.errors import ConfigurationError

START = """
import json, sys
from pathlib import Path
from boost_collectors.core.database.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
with server.connect() as connection:
    started = connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()[0]
print(json.dumps([server.url("x"), started]))
"""
PROJECT = Path(server_account.__file__).resolve().parents[3]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter; the server in its ``postgres`` is removed afterwards."""
    with tempfile.TemporaryDirectory() as name:
        parent = Path(name)
        parent.chmod(0o755)
        yield parent / "postgres"
        parent.chmod(0o755)
        EmbeddedPostgres(parent / "postgres").remove()


@pytest.fixture
def server(folder: Path) -> EmbeddedPostgres:
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    return server


def starter(folder: Path, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        **{"cwd": PROJECT, "env": {**os.environ, "PYTHONPATH": str(PROJECT)}} | options,
    )


def finished(process: subprocess.Popen[str]) -> list[str]:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    answer: list[str] = json.loads(output)
    return answer


def data_of(server: EmbeddedPostgres) -> Path:
    with server.connect() as connection:
        return Path(ask(connection, "SHOW data_directory"))


def ask(connection: psycopg.Connection, question: str) -> Any:
    row = connection.execute(question).fetchone()  # type: ignore[arg-type]  # the questions are this file's own
    assert row is not None
    return row[0]


def server_pid(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def kill_server(data: Path) -> None:
    pid = server_pid(data)
    os.kill(pid, signal.SIGKILL)
    # A dead process that nobody has waited for still has a folder, but no command line.
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        pass


def test_it_starts_once_and_stops_once(folder: Path) -> None:
    server = EmbeddedPostgres(folder, durable=False)
    assert not server.is_running
    server.stop()
    assert not folder.exists()
    with pytest.raises(ConfigurationError, match="is not running"):
        server.url("x")
    server.start()
    url = server.url("x")
    assert server.is_running
    server.start()
    EmbeddedPostgres(folder).start()
    assert server.url("x") == url
    server.stop()
    server.stop()
    assert not server.is_running


def test_databases_are_made_once_and_outlive_a_restart(server: EmbeddedPostgres) -> None:
    url = server.url("new").replace("+psycopg", "")
    server.ensure_database("new")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE fruit AS SELECT 7 AS price")
    server.ensure_database("new")
    server.stop()
    server.start()
    assert server.url("new").replace("+psycopg", "") == url  # port and password stay
    with psycopg.connect(url) as connection:
        assert ask(connection, "SELECT price FROM fruit") == 7


def test_strangers_do_not_get_in(server: EmbeddedPostgres) -> None:
    url = server.url("postgres").replace("+psycopg", "")
    password = url.partition("postgres:")[2].partition("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(password, "guess"))
    kept = data_of(server) / "password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    with server.connect() as connection:
        assert ask(connection, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(connection, "SHOW unix_socket_directories") == ""
        assert ask(connection, "SHOW max_connections") == "200"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads a process's environment from /proc")
def test_the_server_is_not_told_our_environment(folder: Path) -> None:
    secret = {**os.environ, "PYTHONPATH": str(PROJECT), "GITHUB_TOKEN": "very-secret", "PGPORT": "1"}
    finished(starter(folder, env=secret))
    pid = server_pid(data_of(EmbeddedPostgres(folder)))
    assert b"very-secret" not in Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
def test_only_a_server_for_tests_is_careless(folder: Path, durable: bool, fsync: str) -> None:
    server = EmbeddedPostgres(folder, durable=durable)
    server.start()
    with server.connect() as connection:
        assert ask(connection, "SHOW fsync") == fsync


def test_many_processes_share_one_server_that_outlives_them(folder: Path) -> None:
    answers = [finished(process) for process in [starter(folder) for _ in range(5)]]
    assert [answers[0]] * 5 == answers
    assert EmbeddedPostgres(folder).is_running


def test_a_killed_server_is_started_again_with_its_data(server: EmbeddedPostgres) -> None:
    server.ensure_database("kept")
    data = data_of(server)
    kill_server(data)
    assert not server.is_running
    server.start()
    with server.connect() as connection:
        assert ask(connection, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == 1


def test_the_pid_of_a_dead_server_may_belong_to_somebody_else(server: EmbeddedPostgres) -> None:
    data = data_of(server)
    owner = data.stat()
    kill_server(data)
    # A process of the server's own user: the case in which PostgreSQL by itself refuses to start.
    as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **as_owner) as other:  # type: ignore[call-overload]
        pid_file = data / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        assert not server.is_running
        server.start()
        assert other.poll() is None
        other.kill()
    assert server.is_running


def test_a_starter_killed_at_work_leaves_nothing_in_the_way(folder: Path) -> None:
    process = starter(folder)
    while not any(folder.parent.glob("postgres/new-*/data/PG_VERSION")):
        assert process.poll() is None
    process.kill()
    process.communicate()
    EmbeddedPostgres(folder, durable=False).start()
    assert not list(folder.glob("new-*"))
    assert EmbeddedPostgres(folder).is_running


def test_a_port_that_is_taken_is_left_alone(server: EmbeddedPostgres) -> None:
    port = int(server.url("x").rpartition(":")[2].partition("/")[0])
    server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        server.start()
        assert f":{port}/" not in server.url("x")
    server.connect().close()


def test_a_server_that_cannot_start_says_why(server: EmbeddedPostgres) -> None:
    data = data_of(server)
    server.stop()
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ConfigurationError, match=r"(?s)initialized by PostgreSQL version 9.*EMBEDDED_POSTGRES_DIR"):
        server.start()


def test_a_place_that_is_no_folder_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="EMBEDDED_POSTGRES_DIR"):
        EmbeddedPostgres(tmp_path / "file/postgres").start()


def test_removing_leaves_no_file(server: EmbeddedPostgres) -> None:
    data = data_of(server)
    server.remove()
    assert not data.exists()
    assert not server.directory.exists()
    server.remove()


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "may"),
    [(0o755, 1, 1, True), (0o700, 1, 1, False), (0o750, 1, 0, True), (0o605, 1, 0, False), (0o500, 0, 0, True)],
)
@needs_root
def test_who_may_enter_a_folder(folder: Path, mode: int, uid: int, gid: int, may: bool) -> None:
    inner = folder / "inner"
    inner.mkdir(parents=True)
    folder.chmod(mode)
    assert Account(uid, gid).may_enter(inner) is may
    folder.chmod(0o755)
    shutil.rmtree(folder)


@needs_root
def test_a_project_in_a_private_home_works(folder: Path) -> None:
    folder.parent.chmod(0o700)
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    data = data_of(server)
    assert data.parent.parent == server_account.STAGING_ROOT
    assert data.stat().st_uid != 0
    server.ensure_database("kept")
    server.stop()
    # The data stays where it is, even when the project could now hold it.
    folder.parent.chmod(0o755)
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    assert data_of(server) == data
    server.remove()
    assert not data.parent.exists()


@needs_root
def test_a_folder_that_somebody_else_prepared_is_refused(folder: Path) -> None:
    folder.parent.chmod(0o700)
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    home = data_of(server).parent
    server.remove()
    for prepared in (home, home / "data"):
        prepared.mkdir()
        os.chown(prepared, 65534, 65534)
        with pytest.raises(ConfigurationError, match=r"was not made by this user: remove it, or set EMBEDDED"):
            EmbeddedPostgres(folder).start()
    shutil.rmtree(home)


@pytest.fixture
def private_installation() -> Iterator[Path]:
    """The server's files in a folder that only root may enter, as in a virtual environment below /root."""
    installed = server_account._installation()
    with tempfile.TemporaryDirectory(dir=installed.parent) as name:
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            if (installed / part).exists():
                shutil.copytree(installed / part, Path(name, part), copy_function=os.link)
        yield Path(name)


@needs_root
def test_an_installation_in_a_private_home_works(folder: Path, private_installation: Path) -> None:
    path = os.pathsep.join([str(private_installation), str(PROJECT)])
    finished(starter(folder, env={**os.environ, "PYTHONPATH": path}))
    program = Path(f"/proc/{server_pid(data_of(EmbeddedPostgres(folder)))}/exe").readlink()
    staged = server_account.STAGING_ROOT / program.relative_to(server_account.STAGING_ROOT).parts[0]
    EmbeddedPostgres(folder).remove()
    assert staged.stat().st_uid == 0
    shutil.rmtree(staged)


def start_as(account: Account, folder: Path) -> None:
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    EmbeddedPostgres(folder, durable=False).start()


@needs_root
def test_an_ordinary_user_runs_it_himself_and_root_can_use_it(folder: Path) -> None:
    nobody = Account(65534, 65534)
    folder.mkdir()
    os.chown(folder, nobody.uid, nobody.gid)
    process = get_context("fork").Process(target=start_as, args=(nobody, folder))
    process.start()
    process.join()
    assert process.exitcode == 0
    server = EmbeddedPostgres(folder)
    data = data_of(server)
    assert data.is_relative_to(folder)
    assert data.stat().st_uid == nobody.uid
    server.stop()
    server.start()
    assert server.is_running
