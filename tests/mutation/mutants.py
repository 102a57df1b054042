"""Mutants of a module, by the operators of cosmic-ray, as lines of JSON: ``python mutants.py FILE ...``.

Runs where cosmic-ray is installed, which is not where the tests run. Annotations are left alone, as they are never
evaluated, and arguments that only guard against mistakes of ours, as ``strict`` of ``zip``. Of the many ways in which
cosmic-ray changes one operator into others one is drawn, by the seed.
"""

from __future__ import annotations

import ast
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

Place = tuple[int, int]
_GUARDS = ("strict", "frozen", "slots")
# These take arguments of their own, or change nothing.
_OTHERS = ("VariableReplacer", "VariableInserter", "NoOp", "no-op")


def mutants(path: Path) -> Iterator[dict[str, Any]]:
    """Every mutant of a module: operator, line and the whole changed source."""
    source = path.read_text(encoding="utf-8")
    left_out = list(_left_out(source))
    drawn: dict[tuple[str, Place], list[tuple[str, int]]] = {}
    for name in (name for name in operator_names() if not name.endswith(_OTHERS)):
        for occurrence, place in enumerate(_places(source, name)):
            if not any(start <= place < end for start, end in left_out):
                drawn.setdefault((name.partition("_")[0], place), []).append((name, occurrence))
    for (_, place), ways in drawn.items():
        name, occurrence = random.Random(f"{path}{place}").choice(ways)
        changed = mutate_code(source, get_operator(name)(), occurrence)
        if changed and changed != source and _compiles(changed):
            yield {"file": str(path), "operator": name, "line": place[0], "source": changed}


def _places(source: str, name: str) -> Iterator[Place]:
    operator = get_operator(name)()
    for node in ast_nodes(get_ast(source)):
        for start, _ in operator.mutation_positions(node):
            yield start


def _left_out(source: str) -> Iterator[tuple[Place, Place]]:
    for node in ast.walk(ast.parse(source)):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.keyword) and node.arg in _GUARDS:
            parts.append(node.value)
        for found in parts:
            if isinstance(found, ast.expr):
                yield (found.lineno, found.col_offset), (found.end_lineno or 0, found.end_col_offset or 0)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        for mutant in mutants(Path(argument)):
            print(json.dumps(mutant))
