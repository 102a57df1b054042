"""``python -m benchmarks``: run benchmarks, keep what they measured, guard it against falling."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from benchmarks import _guard, _page, _results
from benchmarks.figures import MissingError, show
from benchmarks.processes import ROOT


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say. Returns 1 if a benchmark failed or a guarded figure has fallen by more than a quarter.

    A figure that misses its bound is shown as such, here and on the page, and fails nothing.
    """
    given = _parser().parse_args(arguments)
    unknown = set(given.names) - set(_page.benchmarks())
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(sorted(unknown))}; there are: {', '.join(_page.benchmarks())}")
    names = given.names or list(_page.benchmarks())
    kept = [result for result in _results.kept() if result.benchmark in names]
    if given.check:
        return _check(kept)
    if given.accept:
        _guard.accept(kept)
        return 0
    if given.page:
        _page.write(_results.kept())
        return 0
    if len(names) == 1:
        return _run(names[0], write=given.write)
    # A process each: none is slowed down by what another has loaded, and none stops the others.
    flags = ["--write"] * given.write
    return max(_run_apart(name, flags) for name in names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benchmarks; all without names")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", action="store_true", help="keep the results and renew docs/benchmarks.md")
    what.add_argument("--check", action="store_true", help="run nothing; compare what is kept with the baselines")
    what.add_argument("--accept", action="store_true", help="run nothing; make what is kept the baselines")
    what.add_argument("--page", action="store_true", help="run nothing; renew docs/benchmarks.md")
    return parser


def _run_apart(name: str, flags: Sequence[str]) -> int:
    code = subprocess.run([sys.executable, "-m", "benchmarks", name, *flags], cwd=ROOT, check=False).returncode
    if code < 0 and flags:
        _keep(replace(_results.started(name), trouble=f"ended by signal {-code} on {_results.today()}"))
    return abs(code)


def _run(name: str, *, write: bool) -> int:
    """Run one benchmark in this process."""
    result = _measured(name)
    show(result.command, result.figures)
    if result.trouble:
        print(f"{name}: {result.trouble}", file=sys.stderr)
    if write:
        _keep(result)
    failed = result.trouble.startswith("failed")
    return int(failed) or (_check([result]) if write else 0)


def _measured(name: str) -> _results.Result:
    result, begun = _results.started(name), time.perf_counter()
    try:
        figures = tuple(import_module(f"benchmarks.{name}").run())
    except MissingError as error:
        return replace(result, trouble=f"not measured on {result.date}: {error}")
    except Exception as error:  # whatever it is, it is said, and the others go on
        traceback.print_exc()
        return replace(result, trouble=f"failed on {result.date}: {type(error).__name__}")
    return replace(result, figures=figures, seconds=round(time.perf_counter() - begun))


def _keep(result: _results.Result) -> None:
    _page.write(_results.keep(result))


def _check(results: Sequence[_results.Result]) -> int:
    """Print what has fallen. Returns 1 if anything has."""
    fallen = list(_guard.fallen(results, _guard.accepted()))
    for sentence in fallen:
        print(f"fallen by more than a quarter: {sentence}", file=sys.stderr)
    return int(bool(fallen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
