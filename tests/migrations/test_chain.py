"""The chain of revisions: whole, repeatable, and in step with the models."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, inspect, text

from boost_collectors.core.database.migrations import (
    EARLIER,
    PACKAGE,
    VERSION_TABLE,
    alembic_config,
    all_tables,
    connected,
    current_revision,
    upgrade,
)
from boost_collectors.core.errors import ConfigurationError

SCRIPTS = ScriptDirectory.from_config(alembic_config())


def test_models_and_migrations_agree(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    with connected(empty_database_url) as connection:
        options = {"version_table": VERSION_TABLE, "compare_server_default": True, "compare_type": True}
        context = MigrationContext.configure(connection, opts={**options, "target_metadata": all_tables()})
        assert compare_metadata(context, all_tables()) == []


def test_checks_and_deletions_agree_too(database_url: str) -> None:
    # Alembic compares neither check constraints nor how dependent rows are deleted, nor does it see every index.
    with connected(database_url) as connection:
        inspector = inspect(connection)
        for table in all_tables().sorted_tables:
            checks = [c for c in table.constraints if isinstance(c, CheckConstraint)]
            assert len(inspector.get_check_constraints(table.name)) == len(checks), table.name
            stored = {
                (key["constrained_columns"][0], key["options"].get("ondelete"), key["options"].get("initially"))
                for key in inspector.get_foreign_keys(table.name)
            }
            keys = [c for c in table.constraints if isinstance(c, ForeignKeyConstraint)]
            assert stored == {(key.column_keys[0], key.ondelete, key.initially) for key in keys}
            indexes = [i for i in inspector.get_indexes(table.name) if "duplicates_constraint" not in i]
            assert len(indexes) == len(table.indexes), table.name


def test_prefix_indexes_serve_prefix_search(database_url: str) -> None:
    with connected(database_url) as connection:
        definitions = connection.scalars(text("SELECT indexdef FROM pg_indexes WHERE indexname LIKE '%\\_like'")).all()
    assert len(definitions) > 50
    assert [d for d in definitions if not d.endswith(("varchar_pattern_ops)", "text_pattern_ops)"))] == []


def test_every_foreign_key_is_served_by_an_index(database_url: str) -> None:
    # Without one, deleting a parent scans its children.
    with connected(database_url) as connection:
        bare = connection.execute(
            text("""
                SELECT k.conrelid::regclass, k.conname FROM pg_constraint k
                WHERE k.contype = 'f' AND NOT EXISTS (
                    SELECT FROM pg_index i
                    WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1] AND i.indpred IS NULL
                )
            """)
        ).all()
    assert bare == []


def test_upgrading_twice_does_nothing(empty_database_url: str) -> None:
    first = upgrade(empty_database_url)
    assert first.before is None
    assert first.applied[0][0] == EARLIER
    second = upgrade(empty_database_url)
    assert (second.before, second.after, second.applied) == (first.after, first.after, ())


def test_processes_that_upgrade_at_once_wait_for_each_other(empty_database_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: upgrade(empty_database_url), range(3)))
    assert sorted(bool(each.applied) for each in done) == [False, False, True]
    assert len({each.after for each in done}) == 1


def test_a_failing_upgrade_leaves_nothing(empty_database_url: str) -> None:
    with connected(empty_database_url) as connection:
        connection.execute(text("CREATE TABLE core_checkpoint (mine integer)"))
    with pytest.raises(Exception, match=r"core_checkpoint"):
        upgrade(empty_database_url)
    with connected(empty_database_url) as connection:
        assert inspect(connection).get_table_names() == ["core_checkpoint"]


def test_a_database_of_the_earlier_system_must_be_adopted(earlier_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"70 tables of the earlier system.*adopt"):
        upgrade(earlier_url)
    with connected(earlier_url) as connection:
        assert current_revision(connection) is None


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    with connected(database_url) as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match=r"9999.*newer"):
        upgrade(database_url)


def test_one_chain_in_which_every_revision_says_what_it_does() -> None:
    revisions = list(SCRIPTS.walk_revisions())
    assert len(SCRIPTS.get_heads()) == 1
    assert [script.revision for script in reversed(revisions)] == [f"{n:04}" for n in range(1, len(revisions) + 1)]
    assert all(re.match(r"[A-Z].+\.$", script.doc) for script in revisions)


def test_every_table_is_in_the_folder_of_its_prefix() -> None:
    folders = {"boost_collector_runner": "runner"}
    for mapper in all_tables().tables:
        prefix = max((p.name for p in PACKAGE.iterdir() if mapper.startswith(f"{p.name}_")), default="", key=len)
        assert prefix or mapper.startswith(tuple(folders)), mapper
