"""One process at a time in a folder."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from boost_collectors.core.errors import TransientError
from boost_collectors.core.file_locks import alone

HOLDER = """
import sys, threading
from pathlib import Path
from boost_collectors.core.file_locks import alone
with alone(Path(sys.argv[1]), "it", wait=0, stop=threading.Event()):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_waits_and_gives_up(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    command = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        stop = threading.Event()
        with pytest.raises(TransientError, match="the folder is in use"), alone(lock, "the folder", wait=0, stop=stop):
            pass
        stop.set()
        with pytest.raises(TransientError), alone(lock, "the folder", wait=60, stop=stop):
            pass
        holder.kill()
        holder.wait()
        # The lock went with its process.
        with alone(lock, "the folder", wait=10, stop=threading.Event()):
            pass
