"""The results that are kept: for each command line its last figures, and where and when they were taken."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from pydantic import TypeAdapter

from benchmarks.figures import Figure
from benchmarks.processes import ROOT

RESULTS = Path(__file__).with_name("results.json")
_SIZE = "_BENCHMARK_"


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures by the clock depend on."""

    cores: int
    processor: str
    memory_gib: int

    @classmethod
    def this(cls) -> Machine:
        """The one this runs on. ``processor`` is empty where it cannot be told."""
        information = Path("/proc/cpuinfo")
        lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return cls(os.cpu_count() or 1, names[0] if names else "", round(memory / 2**30))


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one command line. ``load`` is the number of other processes that wanted to run at its start."""

    benchmark: str
    command: str
    date: str
    commit: str
    machine: Machine
    load: float | None
    seconds: float | None
    figures: tuple[Figure, ...]
    trouble: str = ""
    """Why a later try gave no figures; these are then those of the try before."""


_ADAPTER = TypeAdapter(list[Result])


def kept(file: Path = RESULTS) -> list[Result]:
    """All results that were kept; none where there is no file. Raises pydantic's ValidationError on another content."""
    return _ADAPTER.validate_json(file.read_bytes()) if file.exists() else []


def keep(result: Result, file: Path = RESULTS) -> list[Result]:
    """Put a result in the place of the last one of its command; a try without figures keeps those. Returns all."""
    before = {other.command: other for other in kept(file)}
    old = before.get(result.command)
    if result.trouble and old is not None:
        result = replace(old, trouble=result.trouble)
    before[result.command] = result
    return write(before.values(), file)


def write(results: Iterable[Result], file: Path = RESULTS) -> list[Result]:
    """Write these results, in order, and return them so."""
    ordered = sorted(results, key=lambda result: (result.benchmark, result.command))
    file.write_bytes(_ADAPTER.dump_json(ordered, indent=1, exclude_defaults=True) + b"\n")
    return ordered


def started(benchmark: str) -> Result:
    """An empty result with what must be known before the benchmark begins; takes half a second."""
    return Result(
        benchmark=benchmark,
        command=command_line(benchmark, os.environ),
        date=today(),
        commit=_commit(),
        machine=Machine.this(),
        load=others_running(),
        seconds=None,
        figures=(),
    )


def command_line(benchmark: str, environment: Mapping[str, str]) -> str:
    """The command as it can be typed again, with the sizes that the environment sets."""
    sizes = [f"{name}={value}" for name, value in sorted(environment.items()) if _SIZE in name]
    return " ".join([*sizes, "python -m benchmarks", benchmark])


def today() -> str:
    """The day, UTC."""
    return datetime.now(UTC).date().isoformat()


def others_running(samples: int = 10, pause: float = 0.05) -> float | None:
    """How many other processes want to run now, on average; None where the system does not tell.

    The load average would still count what an earlier benchmark did.
    """
    source = Path("/proc/loadavg")
    if not source.exists():
        return None
    found = []
    for _ in range(samples):
        running, _, _ = source.read_text(encoding="ascii").split()[3].partition("/")
        found.append(max(0, int(running) - 1))  # one of them is this one
        time.sleep(pause)
    return round(fmean(found), 1)


def _commit() -> str:
    command: Sequence[str] = ("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
