"""Finds writes to a table outside the services of its owner, by reading the source.

The runtime guard of the contract suite (``tests/contract/write_guard.py``) sees what really reaches the database; this
check needs no run, and sees code that no test executes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WRITING_FUNCTIONS = {"insert", "update", "delete", "merge", "bulk_merge"}
WRITING_METHODS = {"add", "add_all", "delete", "merge", "bulk_save_objects", "bulk_insert_mappings"}
SESSIONS = {"session", "self._session"}
WRITING_SQL = ("INSERT ", "UPDATE ", "DELETE ", "TRUNCATE ", "MERGE ", "COPY ")
# The spine's own tables have an owner file each instead of a services module.
CORE_OWNERS = {"checkpoints.py", "run_log.py", "pending.py", "problems.py", "http_cache.py", "locks.py", "ledger.py"}


@dataclass(frozen=True, order=True)
class Finding:
    file: str
    line: int
    what: str


def find_writes(package: Path) -> list[Finding]:
    """Every write in the package that does not stand where it belongs."""
    found: list[Finding] = []
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package)
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        imports = _imports(tree)
        for line, what, target in _writes(tree, imports):
            if not _allowed(relative, imports.get(target, "")):
                found.append(Finding(str(relative), line, what))
    return found


def _allowed(file: Path, target_module: str) -> bool:
    app = file.parts[0]
    if app == "core":
        return file.parts[1] == "database" or file.name in CORE_OWNERS
    is_service = file.name == "services.py" or "services" in file.parts
    foreign = "models" in target_module.split(".") and f".{app}." not in target_module
    return is_service and not foreign


def _writes(tree: ast.AST, imports: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        target = _root(node.args[0]) if node.args else ""
        if name in WRITING_FUNCTIONS and imports.get(name, "").startswith(("sqlalchemy", "boost_collectors.core")):
            position = 1 if "merge" in name and len(node.args) > 1 else 0
            yield node.lineno, f"{name}(…)", _root(node.args[position]) if node.args else ""
        elif isinstance(node.func, ast.Attribute) and node.func.attr in WRITING_METHODS:
            if ast.unparse(node.func.value) in SESSIONS:
                yield node.lineno, f"session.{node.func.attr}(…)", target
        elif name in ("text", "sqlalchemy.text", "exec_driver_sql") and _is_writing_sql(node):
            yield node.lineno, "writing SQL text", ""


def _is_writing_sql(node: ast.Call) -> bool:
    return bool(node.args) and any(
        isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and part.value.lstrip().upper().startswith(WRITING_SQL)
        for part in ast.walk(node.args[0])
    )


def _root(node: ast.expr) -> str:
    """The name an expression starts from: ``Model.__table__`` is ``Model``."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _imports(tree: ast.AST) -> dict[str, str]:
    """The module each imported name comes from, wherever in the file it is imported; aliases of tables followed."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: node.module for alias in node.names}
    for node in ast.walk(tree):
        target = (
            node.target
            if isinstance(node, ast.AnnAssign)
            else node.targets[0]
            if isinstance(node, ast.Assign)
            else None
        )
        if isinstance(target, ast.Name) and node.value is not None and _root(node.value) in names:  # type: ignore[attr-defined]
            names.setdefault(target.id, names[_root(node.value)])  # type: ignore[attr-defined]
    return names
