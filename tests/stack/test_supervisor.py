"""The supervisor with small modules in place of Airflow's components: what it starts it also ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.stack.errors import ComponentDied, StackError, StopRequested
from include.stack.folder import Folder
from include.stack.processes import members
from include.stack.signals import Signals
from include.stack.supervisor import Supervisor

PROJECT = Path(__file__).parents[2]
SLEEPER = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
# A child in a session of its own, which the signal to its parent's group does not reach.
BREEDER = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {SLEEPER!r}, sys.argv[1]], start_new_session=True).wait()
"""
QUICK = "print('one'); print('two'); raise SystemExit(7)"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "stack")
    folder.create()
    return folder


@pytest.fixture
def supervisor(folder: Folder) -> Iterator[Supervisor]:
    with Signals() as signals:
        supervisor = Supervisor(folder, signals, stop_seconds=0.5)
        yield supervisor
        supervisor.stop()


@pytest.fixture
def start(supervisor: Supervisor, tmp_path: Path) -> Callable[[str, str], None]:
    """Starts a module with that text and returns when it runs."""

    def start(name: str, text: str, *, wait: bool = True) -> None:
        (tmp_path / f"{name}.py").write_text(text)
        touched = tmp_path / f"{name}.runs"
        supervisor.start(name, [name, str(touched)], os.environ | {"PYTHONPATH": str(tmp_path)})
        while wait and not touched.exists():
            supervisor.pause(0.02)

    return start


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("text", [SLEEPER, STUBBORN, BREEDER])
def test_stop_leaves_no_process(supervisor: Supervisor, folder: Folder, start: Callable[..., None], text: str) -> None:
    start("component", text)
    assert list(members(folder.root))
    supervisor.stop()
    assert list(members(folder.root)) == []


def test_a_second_signal_ends_the_patience(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    with Signals() as signals:
        supervisor = Supervisor(folder, signals, stop_seconds=600)
        supervisor.start("stubborn", ["stubborn", str(tmp_path / "runs")], os.environ | {"PYTHONPATH": str(tmp_path)})
        while not (tmp_path / "runs").exists():
            supervisor.pause(0.02)
        timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
        timer.start()
        supervisor.stop()
        timer.join()
    assert list(members(folder.root)) == []


def test_a_dead_component_is_named_with_the_end_of_its_log(supervisor: Supervisor, start: Callable[..., None]) -> None:
    start("sleeper", SLEEPER)
    start("quick", QUICK, wait=False)
    with pytest.raises(ComponentDied, match=r"quick ended with code 7\.\n.*quick\.log:\n  one\n  two$") as died:
        supervisor.pause(30)
    assert died.value.name == "quick"


def test_a_killed_component_is_told_with_the_signal(
    supervisor: Supervisor, folder: Folder, start: Callable[..., None]
) -> None:
    start("sleeper", SLEEPER)
    (pid,) = members(folder.root)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ComponentDied, match="sleeper was killed by signal 9"):
        supervisor.pause(30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_pause_at_once(supervisor: Supervisor, number: signal.Signals) -> None:
    timer = threading.Timer(0.1, os.kill, [os.getpid(), number])
    timer.start()
    begun = time.monotonic()
    with pytest.raises(StopRequested, match=number.name) as stop:
        supervisor.pause(600)
    timer.join()
    assert stop.value.signal_number == number
    assert time.monotonic() - begun < 30


def test_handlers_are_put_back(supervisor: Supervisor) -> None:
    inner = signal.getsignal(signal.SIGTERM)
    with Signals():
        assert signal.getsignal(signal.SIGTERM) != inner
    assert signal.getsignal(signal.SIGTERM) == inner


def test_a_module_beside_a_block_must_succeed(supervisor: Supervisor, tmp_path: Path) -> None:
    (tmp_path / "quick.py").write_text(QUICK)
    (tmp_path / "fine.py").write_text("print('done')")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    with supervisor.running("fine", ["fine"], environment):
        pass
    with (
        pytest.raises(StackError, match=r"quick failed with code 7(.|\n)*two"),
        supervisor.running("quick", ["quick"], environment),
    ):
        pass


SUPERVISE = """
import sys
from pathlib import Path
from include.stack.errors import StopRequested
from include.stack.folder import Folder
from include.stack.signals import Signals
from include.stack.supervisor import Supervisor
import os
folder = Folder(Path(sys.argv[1])); folder.create()
with Signals() as signals, folder.held():
    supervisor = Supervisor(folder, signals)
    print("leftovers", supervisor.remove_leftovers(), flush=True)
    supervisor.start("sleeper", ["sleeper", sys.argv[2]], os.environ)
    try:
        supervisor.pause(600)
    except StopRequested as reason:
        print(reason, flush=True)
    supervisor.stop()
"""


@pytest.fixture
def supervise(folder: Folder, tmp_path: Path) -> list[str]:
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    return [sys.executable, "-c", SUPERVISE, str(folder.root), str(tmp_path / "runs")]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(PROJECT), str(tmp_path)])}


def test_leftovers_of_a_killed_supervisor_are_ended_by_the_next(
    folder: Folder, supervise: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    with subprocess.Popen(supervise, env=environment, stdout=subprocess.DEVNULL) as first:
        wait_until((tmp_path / "runs").exists)
        first.kill()
    (orphan,) = members(folder.root)
    (tmp_path / "runs").unlink()
    with subprocess.Popen(supervise, env=environment, stdout=subprocess.PIPE, text=True) as second:
        assert second.stdout is not None
        assert second.stdout.readline() == "leftovers 1\n"
        wait_until((tmp_path / "runs").exists)
        assert orphan not in list(members(folder.root))
        second.terminate()
        assert second.communicate()[0] == "received SIGTERM\n"
    assert second.returncode == 0
    assert list(members(folder.root)) == []


def test_the_stack_ends_when_the_process_that_started_it_is_gone(
    folder: Folder, supervise: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    shell = ["bash", "-c", '"$@" & wait', "bash", *supervise]
    with subprocess.Popen(shell, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        wait_until((tmp_path / "runs").exists)
        parent.kill()
        assert parent.stdout is not None
        assert parent.stdout.read() == "leftovers 0\nthe process that started this one is gone\n"
    assert list(members(folder.root)) == []
