"""``python -m tests.mutation``: how many small changes of the code the tests of its folder notice.

    make mutation ARGS="core runner --sample 20"

Each module is tested by the test files of its folder that import it, or that import what imports it; ``--sample``
mutants of each module are drawn by a seed. Survivors are printed with their line, counts are kept in ``.mutation/``.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from functools import cache
from pathlib import Path

import pytest

from tests.mutation import forks

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / ".mutation"
CODE_AND_TESTS = {
    "core": ("boost_collectors/core", "tests/core"),
    "runner": ("boost_collectors/runner", "tests/runner"),
    "orchestration": ("include/orchestration", "tests/orchestration"),
    "health": ("plugins/health", "tests/plugins/health"),
}
# Declarations of settings: their test compares them with the reference, word by word.
LEFT_OUT = ("settings/sections", "__main__.py")


def main(arguments: Sequence[str]) -> int:
    """Run and print; 0 if at least 85% of the mutants were killed in every folder."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("areas", nargs="*", default=list(CODE_AND_TESTS), metavar="AREA")
    parser.add_argument("--sample", type=int, default=10, help="mutants of each module (default 10)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--databases", action="store_true", help="also with the tests that need a database: slow")
    parser.add_argument("--module", help="only modules whose path this regular expression finds")
    parser.add_argument("--python", default=str(ROOT / ".venv" / "mutation" / "bin" / "python"), help="has cosmic-ray")
    given = parser.parse_args(arguments)
    home = _airflow_home()
    folder = Path(tempfile.mkdtemp(prefix="mutation-"))
    folder.chmod(0o755)
    try:
        shares = [_area(area, folder, given) for area in given.areas]
    finally:
        _remove_server(folder)
        shutil.rmtree(home, ignore_errors=True)
    return 0 if min(shares) >= 0.85 else 1


def _airflow_home() -> str:
    """Airflow is loaded once, here, so its home is made here and not by each test run."""
    home = tempfile.mkdtemp(prefix="mutation-airflow-")
    os.environ |= {
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = "postgresql+psycopg2://nobody@127.0.0.1:1/none"
    return home


def _area(area: str, folder: Path, given: argparse.Namespace) -> float:
    code, tests = CODE_AND_TESTS[area]
    files = [file for file in sorted((ROOT / code).rglob("*.py")) if not any(part in str(file) for part in LEFT_OUT)]
    chosen = {file: found for file in files if (found := _tests_of(file, ROOT / code, ROOT / tests))}
    everything = sorted({name for found in chosen.values() for name in found})
    forks.warm(everything, folder)
    for file in files:
        if file not in chosen and len(file.read_text(encoding="utf-8").splitlines()) > 10:
            print(f"{file.relative_to(ROOT)}: no test file of {tests} imports it", flush=True)
    killed = tried = 0
    for file, found in chosen.items():
        if given.module and not re.search(given.module, str(file)):
            continue
        one = _module(area, file, found, folder, given)
        killed, tried = killed + one[0], tried + one[1]
    print(f"{area}: {killed} of {tried} killed ({killed / max(1, tried):.0%})", flush=True)
    return killed / max(1, tried)


def _module(area: str, file: Path, tests: list[str], folder: Path, given: argparse.Namespace) -> tuple[int, int]:
    name = _module_of(file)
    listed = subprocess.run(
        [given.python, Path(__file__).with_name("mutants.py"), file], check=True, capture_output=True, text=True
    )
    mutants = [json.loads(line) for line in listed.stdout.splitlines()]
    drawn = random.Random(f"{given.seed}{name}").sample(mutants, min(given.sample, len(mutants)))
    if not drawn:
        return 0, 0
    begun = time.monotonic()
    code = forks.outcome(tests, folder, 300, databases=given.databases)
    if code != forks.SURVIVED:
        why = (
            "no test of it does without a database" if code == pytest.ExitCode.NO_TESTS_COLLECTED else "its tests fail"
        )
        print(f"{name}: left out, {why}", flush=True)
        return 0, 0
    limit = 20 + 5 * (time.monotonic() - begun)
    survivors = [
        one
        for one in drawn
        if forks.outcome(tests, folder, limit, (name, file, one["source"]), databases=given.databases) == forks.SURVIVED
    ]
    killed = len(drawn) - len(survivors)
    print(f"{name}: {killed} of {len(drawn)} killed, of {len(mutants)} mutants", flush=True)
    for one in survivors:
        print("".join(f"    {line}" for line in _difference(file, one["source"])), end="", flush=True)
    RESULTS.mkdir(exist_ok=True)
    kept = {"killed": killed, "tried": len(drawn), "mutants": len(mutants)}
    (RESULTS / f"{area}.{name}.json").write_text(json.dumps(kept), encoding="utf-8")
    return killed, len(drawn)


def _difference(file: Path, changed: str) -> Iterator[str]:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    yield from list(unified_diff(lines, changed.splitlines(keepends=True), n=0))[2:]


def _tests_of(file: Path, code: Path, tests: Path) -> list[str]:
    """The test files that import a module or are called after it; else those that import one that imports it."""
    wanted, name = {_module_of(file)}, f"test_{file.stem}"
    for _ in range(3):
        found = [test for test in sorted(tests.rglob("test_*.py")) if test.stem == name or wanted & _imported(test)]
        if found:
            return [str(test.relative_to(ROOT)) for test in found]
        wanted |= {_module_of(other) for other in code.rglob("*.py") if wanted & _imported(other)}
    return []


def _module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def _imported(test: Path) -> frozenset[str]:
    return frozenset(_names(ast.parse(test.read_text(encoding="utf-8"))))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _remove_server(folder: Path) -> None:
    """In a process of its own, because nothing of ours is loaded in this one."""
    code = (
        "import sys; from pathlib import Path; from boost_collectors.core.database.embedded import EmbeddedPostgres; "
        "EmbeddedPostgres(Path(sys.argv[1])).remove()"
    )
    subprocess.run([sys.executable, "-c", code, str(folder / "server")], cwd=ROOT, check=False)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
