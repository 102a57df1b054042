"""What ``startcollector`` would write: every new file, and every existing one with what is added to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from boost_collectors.core.errors import CommandError
from boost_collectors.scaffold import edits
from boost_collectors.scaffold.edits import Edit
from boost_collectors.scaffold.names import check_name, check_target

TEMPLATES = Path(__file__).parent / "templates"
NEW_FILES = {
    "boost_collectors/@name@/__init__.py": "package",
    "boost_collectors/@name@/collector.py": "collector",
    "boost_collectors/@name@/models.py": "models",
    "boost_collectors/@name@/services.py": "services",
    "boost_collectors/@name@/source.py": "source",
    "boost_collectors/core/settings/sections/@name@.py": "settings",
    "docs/sources/@name@.md": "docs",
    "include/sandbox/@name@.py": "sandbox",
    "include/sandbox/data/@name@/items.json": "samples",
    "migrations/sql/@number@_@name@.sql": "tables",
    "migrations/versions/@number@_@name@.py": "migration",
    "tests/@name@/test_collecting.py": "test",
}
GENERATED = (".env.example", "docs/settings.md")
"""Made anew from the settings when all else is written."""


@dataclass(frozen=True, slots=True)
class Plan:
    """New and changed files by path below the root, and the schedule entry to show."""

    root: Path
    files: Mapping[str, str]
    snippet: str


def make_plan(name: str, root: Path) -> Plan:
    """The plan for a collector of that name. Raises CommandError when there cannot be one; writes nothing."""
    check_name(name, root)
    number, before = _next_migration(root)
    words = {"name": name, "Name": pascal(name), "NAME": name.upper(), "number": number, "before": before}
    new = {_filled(path, words): _in_order(_template(template, words)) for path, template in NEW_FILES.items()}
    check_target(name, [root / path for path in new], root)
    changed = {path: _edited(root, path, edit) for path, edit in _edits(words).items()}
    return Plan(root, {**new, **changed}, _template("schedule", words))


def pascal(name: str) -> str:
    """``weather_report`` as ``WeatherReport``."""
    return "".join(part.capitalize() for part in name.split("_"))


def _edits(words: Mapping[str, str]) -> dict[str, Edit]:
    name = words["name"]
    pool = f"    - pool_name: {name}\n      pool_slot: 1\n      pool_description: {words['Name']}, one at a time\n"
    return {
        "airflow_settings.yaml": edits.insert_before("  variables: []\n", pool),
        "boost_collectors/core/settings/model.py": edits.add_section(name, words["Name"]),
        "boost_collectors/registry.py": edits.insert_before(
            '    CommandSpec(\n        name="backfill_discord_activity_tracker",\n', _template("command", words)
        ),
        "deploy/ci.env": edits.append(f"{words['NAME']}_API_URL=http://sandbox:8099/{name}\n"),
        "include/sandbox/server.py": edits.add_source(name),
        "include/schedule/boost_collector_schedule.yaml.example": edits.append(_template("schedule", words)),
        "pyproject.toml": edits.add_layer(name),
    }


def _edited(root: Path, path: str, edit: Edit) -> str:
    try:
        return edit((root / path).read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from error
    except CommandError as error:
        raise CommandError(f"{path} cannot be extended: {error}") from error


def _next_migration(root: Path) -> tuple[str, str]:
    numbers = [path.name[:4] for path in (root / "migrations" / "versions").glob("[0-9][0-9][0-9][0-9]_*.py")]
    if not numbers:
        raise CommandError(f"--path {root}: migrations/versions holds no migration")
    return f"{int(max(numbers)) + 1:04d}", max(numbers)


def _template(template: str, words: Mapping[str, str]) -> str:
    return _filled((TEMPLATES / f"{template}.txt").read_text(encoding="utf-8"), words)


def _in_order(text: str) -> str:
    """The text with its imports of our own packages sorted, which depends on the name."""

    def is_ours(line: str) -> bool:
        return line.startswith(("from boost_collectors", "from include"))

    blocks = groupby(text.splitlines(keepends=True), is_ours)
    return "".join("".join(sorted(lines, key=_module) if ours else lines) for ours, lines in blocks)


def _module(line: str) -> str:
    return line.split()[1]


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@(\w+)@", lambda match: words[match[1]], text)
