"""One stack per folder, and the note of who runs."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from include.stack.airflow import USER, Ports, Secrets, airflow_settings, password_file, process_environment
from include.stack.errors import StackError, tail
from include.stack.folder import Folder, Running
from include.stack.ports import free_ports, is_free
from include.stack.processes import started_at


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "stack")
    folder.create()
    return folder


def me(**urls: str) -> Running:
    started = started_at(os.getpid())
    assert started is not None
    return Running("demo", os.getpid(), started, urls)


def test_a_second_stack_is_told_what_runs(folder: Folder) -> None:
    with folder.held():
        folder.note(me(Airflow="http://127.0.0.1:1/"))
        already = rf"`make demo` already runs here \(process {os.getpid()}\)"
        with pytest.raises(StackError, match=already) as refused, folder.held():
            pytest.fail("the folder was taken twice")
        assert "Airflow: http://127.0.0.1:1/" in str(refused.value)
        assert "make down" in str(refused.value)
    with folder.held():
        assert folder.running() is None


def test_a_second_stack_during_the_start_is_refused_too(folder: Folder) -> None:
    with folder.held(), pytest.raises(StackError, match="is starting"), folder.held():
        pytest.fail("the folder was taken twice")


def test_a_note_counts_only_while_its_very_process_lives(folder: Folder) -> None:
    folder.note(me())
    assert folder.running() == me()
    folder.note(Running("demo", os.getpid(), 1.0))
    assert folder.running() is None
    folder.note(Running("demo", 2**22 + 1, 1.0))
    assert folder.running() is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"kind": "demo"}'])
def test_a_damaged_note_is_nobody(folder: Folder, text: str) -> None:
    (folder.root / "stack.json").write_text(text)
    assert folder.running() is None


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match=r"file/stack cannot be used: .*WORKSPACE_DIR"):
        Folder(tmp_path / "file" / "stack").create()


def test_secrets_are_made_once_and_private(folder: Folder) -> None:
    first = Secrets.of(folder)
    assert Secrets.of(folder) == first
    assert len(first.jwt_secret) >= 64
    other = Folder(folder.root / "other")
    other.create()
    assert Secrets.of(other).password != first.password
    for path in (folder.airflow_home / "secrets.json", password_file(folder)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert password_file(folder).read_text() == f'{{"{USER}": "{first.password}"}}'


def test_ports_are_free_and_different() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(is_free(port) for port in ports)


def test_ports_stay_the_same_while_they_are_free(folder: Folder) -> None:
    first = Ports.choose(folder)
    assert Ports.choose(folder) == first
    with socket.create_server(("127.0.0.1", first.sandbox)):
        second = Ports.choose(folder)
    assert second.sandbox != first.sandbox
    assert (second.api, second.task_logs) == (first.api, first.task_logs)


def test_the_ui_listens_on_this_machine_only_where_it_was_told(folder: Folder, tmp_path: Path) -> None:
    ports = Ports.choose(folder, api=12345)
    settings = airflow_settings(folder, ports, Secrets.of(folder), metadata_url="postgresql://x", dags=tmp_path)
    assert settings["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert settings["AIRFLOW__API__PORT"] == "12345"
    assert settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:12345/execution/"
    assert settings["AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT"] == str(ports.task_logs)
    assert len(set(vars_of(ports))) == 4


def test_no_proxy_stands_between_the_components() -> None:
    environment = process_environment({"no_proxy": "intranet.example", "PYTHONPATH": "/elsewhere"})
    assert environment["NO_PROXY"] == environment["no_proxy"] == "intranet.example,127.0.0.1,localhost"
    assert environment["PYTHONPATH"].endswith(f"{os.pathsep}/elsewhere")


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "thing.log"
    log.write_bytes(b"\n".join(b"line %d" % number for number in range(50)) + b"\n\xff\n")
    assert tail(log, 3).splitlines()[1:] == ["  line 48", "  line 49", "  \N{REPLACEMENT CHARACTER}"]
    assert "gone.log" in tail(tmp_path / "gone.log")


def vars_of(ports: Ports) -> tuple[int, ...]:
    return ports.api, ports.task_logs, ports.trigger_logs, ports.sandbox
