"""A backup is what it says, comes back whole, and never costs an older one."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.backups import archive, backup, client_programs, rows
from boost_collectors.core.backups.manifest import MANIFEST, read
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError, PermanentError, TransientError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.file_locks import alone
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker.services import get_or_create_language

AT = datetime(2026, 11, 27, 3, 30, tzinfo=UTC)
NAMES = ("C++", "Rust", "naïve'; DROP TABLE x")


@pytest.fixture
def filled(database: Database) -> Database:
    with database.session() as session:
        for name in NAMES:
            get_or_create_language(session, name)
    return database


@pytest.fixture
def context(make_context: Callable[..., RunContext], filled: Database) -> RunContext:
    return make_context("backup", clock=lambda: AT)


def run(settings: Settings, command: str, *arguments: str) -> None:
    execute(registry.find(command), Request(arguments=arguments), settings=settings)


def languages(database: Database) -> set[str]:
    with database.session() as session:
        return set(session.execute(text("SELECT name FROM github_activity_tracker_language")).scalars())


def test_a_verified_backup_comes_back_in_an_empty_database(
    context: RunContext, settings: Settings, database_server: Any, make_settings: Any, tmp_path: Path
) -> None:
    raw = settings.raw_dir / "wg21" / "papers.json"
    raw.parent.mkdir(parents=True)
    raw.write_text("[1]")
    clone = settings.workspace_dir / "clones" / "boost"
    (clone / "objects").mkdir(parents=True)
    (clone / "HEAD").write_text("ref: refs/heads/main")
    folder = backup.take(context, workspace=True, verify=True, keep=7)
    assert folder.name == "2026-11-27T033000Z"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    manifest = read(folder)
    assert manifest.verified
    assert manifest.rows["public.github_activity_tracker_language"] == len(NAMES)
    assert manifest.files == {"workspace.tar.gz": 1}
    elsewhere = tmp_path / "elsewhere"
    with database_server.database("template0") as url, Database(url) as restored:
        target = make_settings(DATABASE_URL=url, WORKSPACE_DIR=str(elsewhere))
        run(target, "restore", str(folder), "--workspace")
        assert languages(restored) == set(NAMES)
        with restored.engine.connect() as connection:
            assert rows.count(connection) == manifest.rows
    assert (elsewhere / "raw" / "wg21" / "papers.json").read_text() == "[1]"
    assert not (elsewhere / "clones").exists()


def test_a_database_with_tables_is_only_replaced_when_that_is_asked_for(
    context: RunContext, settings: Settings, database: Database
) -> None:
    folder = backup.take(context, workspace=False, verify=False, keep=7)
    with database.session() as session:
        get_or_create_language(session, "Zig")
    with pytest.raises(CommandError, match="--replace drops them"):
        run(settings, "restore", "--backup", str(folder))
    assert "Zig" in languages(database)
    run(settings, "restore", str(folder), "--replace")
    assert languages(database) == set(NAMES)


def test_a_restore_that_fails_changes_nothing(context: RunContext, database: Database) -> None:
    folder = backup.take(context, workspace=False, verify=False, keep=7)
    with database.session() as session:
        get_or_create_language(session, "Zig")
        # Drops of the restore fail on what depends on a table that it knows nothing of.
        session.execute(text("CREATE VIEW mine AS SELECT * FROM github_activity_tracker_language"))
    with pytest.raises(PermanentError, match=r"pg_restore failed: (.|\n)*depend"):
        client_programs.run(
            "pg_restore", database.url, *backup.restoring(database.url, folder / "database.dump", replace=True)
        )
    assert languages(database) == {*NAMES, "Zig"}


@pytest.mark.parametrize("harm", ["changed", "missing", "no manifest"])
def test_what_is_no_whole_backup_is_refused(context: RunContext, settings: Settings, harm: str) -> None:
    folder = backup.take(context, workspace=False, verify=False, keep=7)
    if harm == "changed":
        with (folder / "database.dump").open("ab") as file:
            file.write(b"x")
    else:
        (folder / ("database.dump" if harm == "missing" else MANIFEST)).unlink()
    with pytest.raises(CommandError, match="is no backup" if harm == "no manifest" else "not the file that was backed"):
        run(settings, "restore", str(folder), "--replace")


def test_old_backups_go_when_a_new_one_is_there_and_unfinished_ones_at_once(
    make_context: Callable[..., RunContext], filled: Database, settings: Settings
) -> None:
    cut_off = settings.backup_dir / "unfinished-x"
    cut_off.mkdir(parents=True)
    (cut_off / "database.dump").write_text("half")
    for day in (1, 2, 3):
        context = make_context("backup", clock=lambda day=day: AT.replace(day=day))
        backup.take(context, workspace=False, verify=False, keep=2)
    assert [folder.name for folder in backup.complete(settings.backup_dir)] == [
        "2026-11-02T033000Z",
        "2026-11-03T033000Z",
    ]
    assert not cut_off.exists()


def test_a_failed_backup_costs_no_old_one_and_leaves_no_new_one(
    context: RunContext, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = backup.take(context, workspace=False, verify=False, keep=1)
    # As if the dump had lost a row.
    true_count = rows.count

    def more(connection: Any) -> dict[str, int]:
        found = true_count(connection)
        return found | {"public.core_run": found["public.core_run"] + (connection.engine.url.database == "scratch")}

    monkeypatch.setattr(rows, "count", more)
    with pytest.raises(PermanentError, match=r"public\.core_run 0 -> 1"):
        backup.take(context, workspace=False, verify=True, keep=1)
    assert [path for path in settings.backup_dir.iterdir() if path.is_dir()] == [old]


def test_two_backups_exclude_each_other(context: RunContext, settings: Settings) -> None:
    settings.backup_dir.mkdir(parents=True)
    with (
        alone(settings.backup_dir / "backup.lock", "it", wait=0, stop=context.stop),
        pytest.raises(TransientError, match="is in use by another process"),
    ):
        backup.take(context, workspace=False, verify=False, keep=1)


def test_no_password_is_on_a_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("pg_dump").write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/said\necho "$PGPASSWORD" >> {tmp_path}/said\n'
    )
    tmp_path.joinpath("pg_dump").chmod(0o755)
    monkeypatch.setattr(client_programs, "client_binaries", lambda: tmp_path)
    client_programs.run("pg_dump", "postgresql+psycopg://ada:hunter22@h:5/d?sslmode=require", "--format=custom")
    assert (tmp_path / "said").read_text() == "--format=custom\nhunter22\n"


def test_raw_files_outside_of_the_workspace_are_an_archive_of_their_own(make_settings: Any, tmp_path: Path) -> None:
    settings = make_settings(RAW_DIR=str(tmp_path / "raw"))
    assert archive.archives(settings) == {
        "workspace.tar.gz": settings.workspace_dir,
        "raw.tar.gz": tmp_path / "raw",
    }
