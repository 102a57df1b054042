"""Importing a Slack export, against a bare COPY of the same rows, on a durable server.

The export is made up by the sandbox: threads, replies and reactions in the proportions of a busy workspace. Both sides
write into tables with all their indexes; the bare COPY is given rows that are ready, the import reads JSON files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, new_database, own_peak_memory, server
from boost_collectors.core.database import Database
from include.sandbox.slack.workspace import GeneratedWorkspace, write_export

MESSAGES = int(os.environ.get("SLACK_BENCHMARK_MESSAGES", "200000"))
TEAM = "T0GENERATED"
COMMAND = "run_cppa_slack_tracker"
TABLE = "cppa_slack_tracker_slackmessage"
COLUMNS = (
    "channel_id, ts, slack_user_id, message, thread_ts, slack_message_created_at, slack_message_updated_at, subtype, "
    "bot_id, reply_count, latest_reply, raw, is_deleted, deleted_at"
)


def run(messages: int = MESSAGES) -> list[Figure]:
    """Import, import again, and copy the rows bare, on an embedded server of its own."""
    with tempfile.TemporaryDirectory() as name, server() as postgres:
        folder, url = Path(name), new_database(postgres)
        export = folder / "export"
        write_export(GeneratedWorkspace({"id": TEAM, "name": "Generated"}, messages), export)
        first, peak = _import(url, export, folder)
        with Database(url) as database:
            stored = _count(database)
            rewritten = _rewritten(database, lambda: _import(url, export, folder))
            bare = _bare_copy(database, folder / "rows.copy")
    return [
        Figure("stored", "messages stored", stored, "", at_least=messages),
        Figure("messages", "messages a second, files to rows", messages / first, "messages/s", at_least=20_000),
        Figure("speed", "speed", bare / first, at_least=0.3, baseline="bare COPY of the same rows"),
        Figure("memory", "peak memory", peak / 1e6, "MB", at_most=300),
        Figure("rewritten", "rows rewritten by a second import", rewritten, "", at_most=0),
    ]


def _import(url: str, export: Path, folder: Path) -> tuple[float, float]:
    """Seconds and peak bytes of a process that does nothing but import."""
    environment = {
        "DATABASE_URL": url.replace("+psycopg", ""),
        "SLACK_TEAM_ID": TEAM,
        "WORKSPACE_DIR": str(folder / "workspace"),
    }
    command = [sys.executable, "-m", "benchmarks.slack_import", str(export)]
    started = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment, text=True, cwd=ROOT)
    return time.perf_counter() - started, float(done.stdout.splitlines()[-1])


def _import_and_tell(export: str) -> None:
    from boost_collectors import registry
    from boost_collectors.core.execution import Request, execute
    from boost_collectors.core.settings import Settings

    execute(
        registry.find(COMMAND), Request(arguments=["--messages-json", export]), settings=Settings.load(env_file=None)
    )
    print(own_peak_memory())


def _count(database: Database) -> int:
    with database.session() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {TABLE}")).scalar_one())


def _rewritten(database: Database, action: Any) -> int:
    before = _fingerprint(database)
    action()
    return 0 if _fingerprint(database) == before else _count(database)


def _fingerprint(database: Database) -> tuple[Any, ...]:
    with database.session() as session:
        statement = text(f"SELECT count(*), sum(hashtext(ctid::text || xmin::text)::bigint) FROM {TABLE}")
        return tuple(session.execute(statement).one())


def _bare_copy(database: Database, file: Path) -> float:
    """Seconds for COPY of the stored rows into the emptied table, as PostgreSQL's own text format gives them."""
    with psycopg.connect(database.url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        given = f"COPY (SELECT {COLUMNS} FROM {TABLE} ORDER BY id) TO STDOUT"
        with cursor.copy(given.encode()) as copy, file.open("wb") as out:
            for block in copy:
                out.write(block)
        cursor.execute(f"TRUNCATE {TABLE} CASCADE".encode())
        connection.commit()
        started = time.perf_counter()
        with cursor.copy(f"COPY {TABLE} ({COLUMNS}) FROM STDIN".encode()) as copy, file.open("rb") as rows:
            while block := rows.read(1 << 20):
                copy.write(block)
        connection.commit()
        return time.perf_counter() - started


if __name__ == "__main__":
    _import_and_tell(sys.argv[1])
