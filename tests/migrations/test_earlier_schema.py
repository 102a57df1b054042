"""Revision 0001 is the earlier system's schema, to the letter."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from boost_collectors.core.database.adoption import earlier_tables
from boost_collectors.core.database.catalog import TableFacts, read_tables
from boost_collectors.core.database.comparison import compare
from boost_collectors.core.database.migrations import EARLIER, PROJECT, all_tables, connected, upgrade

FACTS = PROJECT.parent / "shared" / "spec" / "schema.json"
# Of all columns, constraints and indexes without their names. It changes only if revision 0001 does, which would
# break the adoption of every existing database.
FINGERPRINT = "d86030812e5013591f85636efcbd6cfa0d988a2a85b5560755728f5a8f7838d4"


@pytest.fixture
def tables(empty_database_url: str) -> dict[str, TableFacts]:
    upgrade(empty_database_url, EARLIER)
    with connected(empty_database_url) as connection:
        found = read_tables(connection, "public")
    return {name: facts for name, facts in found.items() if name != "core_alembic_version"}


def meaning(tables: dict[str, TableFacts]) -> list[Any]:
    return [
        [
            name,
            sorted((column, facts.type, facts.not_null, facts.fills_itself) for column, facts in table.columns.items()),
            sorted(table.constraints.values()),
            sorted((index.definition, index.unique) for index in table.indexes.values()),
        ]
        for name, table in sorted(tables.items())
    ]


def test_it_never_changes(tables: dict[str, TableFacts]) -> None:
    assert len(tables) == 70
    assert hashlib.sha256(json.dumps(meaning(tables)).encode()).hexdigest() == FINGERPRINT


def test_the_copy_that_adoption_compares_with_is_the_same(tables: dict[str, TableFacts], database_url: str) -> None:
    with connected(database_url) as connection:
        path = connection.scalar(text("SHOW search_path"))
        copy = earlier_tables(connection)
        assert connection.scalar(text("SHOW search_path")) == path
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname LIKE 'pg_temp%'")) == 0
    assert meaning(copy) == meaning(tables)
    difference = compare(copy, tables)
    assert (difference.problems, difference.notes, difference.changes) == ([], [], [])


def test_the_models_keep_every_column_of_it(tables: dict[str, TableFacts]) -> None:
    models = all_tables().tables
    for name, facts in tables.items():
        assert facts.columns.keys() <= {column.name for column in models[name].columns}


@pytest.mark.skipif(not FACTS.exists(), reason="the recorded facts of the earlier database are not beside the project")
def test_it_is_what_was_recorded_of_the_earlier_database(empty_database_url: str) -> None:
    upgrade(empty_database_url, EARLIER)
    recorded = json.loads(Path(FACTS).read_text(encoding="utf-8"))
    with connected(empty_database_url) as connection:
        assert {name: recorded_form(connection, name) for name in recorded} == {
            name: {
                "columns": facts["columns"],
                "constraints": sorted(facts["constraints"]),
                "indexes": sorted(facts["indexes"]),
            }
            for name, facts in recorded.items()
        }


def recorded_form(connection: Connection, table: str) -> dict[str, Any]:
    values = {"table": table}
    columns = connection.execute(
        text(
            "SELECT column_name, data_type, coalesce(character_maximum_length, 0), is_nullable = 'YES'"
            " FROM information_schema.columns WHERE table_name = :table"
        ),
        values,
    )
    constraints = connection.execute(
        text(
            "SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = to_regclass(:table) AND contype <> 'n'"
        ),
        values,
    )
    indexes = connection.scalars(
        text("SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass(:table)"), values
    )
    return {
        "columns": {name: {"type": kind, "len": length, "null": null} for name, kind, length, null in columns},
        "constraints": sorted([kind, definition] for kind, definition in constraints),
        "indexes": sorted(definition.split(" USING ")[1] for definition in indexes),
    }
