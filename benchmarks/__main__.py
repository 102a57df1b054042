"""``python -m benchmarks [NAME ...]``: run the benchmarks, all of them without names; exit 1 if a figure is missed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from benchmarks.figures import Figure, show


def main(names: Sequence[str]) -> int:
    """Run the named benchmarks and print their figures. Returns the exit code."""
    kept = [_run(name, module) for name, module in _chosen(names).items()]
    return 0 if all(kept) else 1


def _run(name: str, module: ModuleType) -> bool:
    """Run one benchmark; True if it keeps its bounds. One that prints by itself returns just that."""
    outcome: list[Figure] | bool = module.run()
    if isinstance(outcome, bool):
        return outcome
    show(name, outcome)
    return all(figure.is_met for figure in outcome)


def _chosen(names: Sequence[str]) -> dict[str, ModuleType]:
    found = [path.stem for path in sorted(Path(__file__).parent.glob("*.py")) if not path.stem.startswith("_")]
    modules = {name: import_module(f"benchmarks.{name}") for name in found}
    benchmarks = {name: module for name, module in modules.items() if hasattr(module, "run")}
    unknown = set(names) - benchmarks.keys()
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(sorted(unknown))}; there are: {', '.join(benchmarks)}")
    return {name: module for name, module in benchmarks.items() if not names or name in names}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
