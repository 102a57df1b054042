"""Every command says what it is: options, documentation, a place in the schedule."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from boost_collectors.core.commands import BaseCommand, CommandSpec
from boost_collectors.core.database.migrations import all_tables
from boost_collectors.core.options import build_parser, flag


def _docs(pytestconfig: Any, name: str) -> str:
    """The section of the docs that is headed by the command's name."""
    for page in sorted((pytestconfig.rootpath / "docs").rglob("*.md")):
        match = re.search(rf"^## {re.escape(name)}$(.*?)(?=^## |\Z)", page.read_text(), re.MULTILINE | re.DOTALL)
        if match:
            return match.group(1)
    return ""


def test_its_class_can_be_loaded_and_declares_its_options(spec: CommandSpec) -> None:
    command = spec.load()
    assert issubclass(command, BaseCommand)
    parser = build_parser(spec.name, spec.help, command.options, collects=True)
    assert all(option.help for option in parser.params if hasattr(option, "help"))


def test_its_page_has_a_heading_and_names_every_flag(spec: CommandSpec, pytestconfig: Any) -> None:
    section = _docs(pytestconfig, spec.name)
    assert section, f"no page of docs/ has the heading '## {spec.name}'"
    missing = [name for name in spec.load().options.model_fields if flag(name) not in section]
    assert missing == []


def test_the_schedule_or_its_example_names_it(spec: CommandSpec, pytestconfig: Any) -> None:
    folder: Path = pytestconfig.rootpath / "include" / "schedule"
    named = set()
    for file in folder.glob("boost_collector_schedule.yaml*"):
        groups = yaml.safe_load(file.read_text())["groups"]
        named |= {task["command"] for group in groups.values() for task in group["tasks"]}
    assert spec.name in named


def test_it_names_tables_that_exist_and_the_column_its_window_bounds(spec: CommandSpec) -> None:
    columns = {f"{table.name}.{column.name}" for table in all_tables().sorted_tables for column in table.columns}
    assert {*spec.tables, *spec.reads} <= {table.name for table in all_tables().sorted_tables}
    assert not spec.history or spec.window_column in columns
