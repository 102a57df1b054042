"""Tests on a mutant, in a process forked from one that has loaded everything that is not ours."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

OURS = ("boost_collectors", "include", "plugins", "tests", "benchmarks", "migrations", "conftest")
# What a process has to itself: no plugin that only watches, and no file that others read.
ARGUMENTS = (
    "-x",
    "-q",
    "--no-header",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:cov",
    "--timeout=60",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)
SURVIVED, KILLED = 0, 1
SHARE = 0.75


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, _name: str) -> CodeType:
        return compile(self._source, self.path, "exec")


class _Finder:
    """Finds one module, with another source."""

    def __init__(self, module: str, file: Path, source: str) -> None:
        self._module, self._file, self._source = module, file, source

    def find_spec(self, name: str, _path: Any = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._module:
            return None
        loader = _Loader(name, str(self._file), self._source)
        is_package = [str(self._file.parent)] if self._file.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name, self._file, loader=loader, submodule_search_locations=is_package
        )


class _Session:
    """Gives every process the database server of the first one, and leaves out what takes too long."""

    def __init__(self, folder: Path, *, databases: bool) -> None:
        self._folder = folder
        self._heavy = {"airflow_metadata", "stack", "browser", *(() if databases else ("database_server",))}

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: Any) -> None:
        config.workerinput = {"database_folder": str(self._folder)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A module that is tested by means of a database in the main has no fair test without one: none is left."""
        light = [item for item in items if not self._heavy & set(getattr(item, "fixturenames", ()))]
        items[:] = light if len(light) >= SHARE * len(items) else []


def warm(tests: Sequence[str], folder: Path) -> None:
    """Load here what these tests load, but for what is ours: a child that collects them says what that is."""
    listing = folder / "modules"
    child = os.fork()
    if not child:
        _run(["--collect-only", *tests], folder, databases=True)
        listing.write_text("\n".join(list(sys.modules)), encoding="utf-8")
        os._exit(0)
    os.waitpid(child, 0)
    for name in listing.read_text(encoding="utf-8").splitlines():
        if name.partition(".")[0] not in OURS and name not in sys.modules:
            try:
                importlib.import_module(name)
            except BaseException:  # a child will load it, or not
                continue


def outcome(
    tests: Sequence[str], folder: Path, limit: float, mutant: tuple[str, Path, str] | None = None, *, databases: bool
) -> int:
    """SURVIVED if the tests pass, KILLED if one fails or they take longer than so many seconds, else pytest's code."""
    child = os.fork()
    if not child:
        os.setsid()
        if mutant:
            sys.meta_path.insert(0, _Finder(*mutant))
        os._exit(_run(tests, folder, databases=databases))
    until = time.monotonic() + limit
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else KILLED
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return KILLED


def _run(tests: Sequence[str], folder: Path, *, databases: bool) -> int:
    silence = os.open(os.devnull, os.O_WRONLY)
    if not os.environ.get("MUTATION_VERBOSE"):
        os.dup2(silence, 1)
        os.dup2(silence, 2)
    code = pytest.main([*ARGUMENTS, *tests], plugins=[_Session(folder, databases=databases)])
    # A mutant that breaks a conftest or the collection is found as surely as one that fails a test.
    return KILLED if code in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR) else int(code)
