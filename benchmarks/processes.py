"""What benchmarks need besides their own process: a PostgreSQL server, a sandbox, and a process's peak of memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.database.migrations import upgrade

ROOT = Path(__file__).parents[1]


@contextmanager
def server() -> Iterator[EmbeddedPostgres]:
    """A durable server without databases, which is gone after the block."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # the server may run as another user
        made = EmbeddedPostgres(Path(name) / "postgres")
        made.start()
        try:
            yield made
        finally:
            made.remove()


def new_database(server: EmbeddedPostgres, name: str = "benchmark") -> str:
    """The URL of a new, migrated database."""
    server.ensure_database(name)
    upgrade(server.url(name))
    return server.url(name)


@dataclass(frozen=True, slots=True)
class SandboxProcess:
    """A sandbox server that has a process to itself: its settings by variable name, and its process id."""

    environment: dict[str, str]
    pid: int

    @property
    def peak_memory(self) -> int:
        """Bytes, so far."""
        return peak_memory(str(self.pid))


@contextmanager
def sandbox(*arguments: str) -> Iterator[SandboxProcess]:
    """``python -m include.sandbox`` with these arguments; it ends with the block."""
    command = [sys.executable, "-m", "include.sandbox", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        try:
            assert process.stdout is not None
            lines = (process.stdout.readline().strip() for _ in range(_settings_count() + 1))
            found = dict(line.split("=", 1) for line in lines if "=" in line)
            yield SandboxProcess(found, process.pid)
        finally:
            process.terminate()


def _settings_count() -> int:
    from include.sandbox.server import environment

    return len(environment("http://127.0.0.1"))


def environment(**variables: str) -> dict[str, str]:
    """The variables of a child process: these, and what any process needs."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | variables


def own_peak_memory() -> int:
    """The most bytes that this process ever had."""
    if Path("/proc/self/status").exists():  # Linux's ru_maxrss counts the memory of the process that started this one
        return peak_memory("self")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak_memory(pid: str) -> int:
    """The most bytes that a running process had so far; Linux only."""
    status = Path("/proc", pid, "status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
