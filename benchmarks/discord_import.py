"""Importing a Discord archive, against a bare COPY of the same rows into the same tables.

The archive is one file of DiscordChatExporter's format: a tenth of the messages have reactions, a fiftieth an
attachment, a quarter are replies. Import and baseline each have a fresh, migrated database on a durable server, and
each a process of its own, so that its peak memory is known. Both keep every index of the tables.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, new_database, own_peak_memory, server
from boost_collectors import registry
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.discord_activity_tracker.files import DROP_FOLDER, SLUG
from boost_collectors.discord_activity_tracker.snowflakes import first_id_at

MESSAGES = int(os.environ.get("DISCORD_BENCHMARK_MESSAGES", "200000"))
FEW_MESSAGES = 50_000
AUTHORS = 5_000
START = datetime(2020, 1, 1, tzinfo=UTC)
TABLE = "discord_activity_tracker_discordmessage"
COLUMNS = (
    *("message_id", "channel_id", "author_id", "content", "message_type", "message_created_at"),
    *("reply_to_message_id", "has_attachments", "attachment_urls", "attachments"),
)
_INTO = f"{TABLE} ({', '.join(COLUMNS)})"
TYPES = ("int8", "int8", "int8", "text", "varchar", "timestamptz", "int8", "bool", "jsonb", "jsonb")


def run() -> list[Figure]:
    """Measure on an embedded server of its own."""
    with tempfile.TemporaryDirectory() as name, server() as postgres:
        return _figures(postgres, Path(name))


def _figures(server: EmbeddedPostgres, folder: Path) -> list[Figure]:
    few, _ = _measured(server, folder, "few", FEW_MESSAGES, "import")
    _, seconds_copy = _measured(server, folder, "copy", MESSAGES, "copy")
    memory, seconds = _measured(server, folder, "import", MESSAGES, "import")
    return [
        Figure("messages", "messages a second, file to rows", MESSAGES / seconds, "messages/s", at_least=20_000),
        Figure("speed", "speed", seconds_copy / seconds, better="more", baseline="bare COPY of the message rows"),
        Figure("memory", f"peak memory for {MESSAGES:,} messages", memory / 1e6, "MB", at_most=300),
        Figure("memory_growth", "peak memory", memory / few, at_most=1.5, baseline=f"for {FEW_MESSAGES:,} messages"),
    ]


def _measured(server: EmbeddedPostgres, folder: Path, name: str, messages: int, what: str) -> tuple[float, float]:
    """Peak memory in bytes and seconds of a process that imports, or copies, that many messages."""
    url = new_database(server, name)
    command = [sys.executable, "-m", "benchmarks.discord_import", what, url, str(folder / name), str(messages)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    memory, seconds = done.stdout.split()
    return float(memory), float(seconds)


def messages(count: int) -> Iterator[dict[str, Any]]:
    """Messages as an export spells them, one a minute."""
    for number in range(count):
        moment = START + timedelta(minutes=number)
        author = number * 7919 % AUTHORS
        key = first_id_at(moment)
        message: dict[str, Any] = {
            "id": str(key),
            "type": "Reply" if number % 4 == 3 else "Default",
            "timestamp": moment.isoformat(timespec="milliseconds"),
            "timestampEdited": None,
            "callEndedTimestamp": None,
            "isPinned": False,
            "content": f"Message {number}: " + "some words about a template " * (number % 6),
            "author": {
                "id": str(10**17 + author),
                "name": f"member{author}",
                "discriminator": "0000",
                "nickname": f"Member {author}",
                "color": None,
                "isBot": False,
                "avatarUrl": f"https://cdn.discordapp.com/embed/avatars/{author % 5}.png",
            },
            "attachments": _attachments(number),
            "embeds": [],
            "stickers": [],
            "reactions": [{"emoji": {"id": "", "name": "👍", "code": "thumbsup"}, "count": 2}] * (number % 10 == 0),
            "mentions": [],
        }
        if number % 4 == 3:
            replied = first_id_at(moment - timedelta(minutes=1))
            message["reference"] = {"messageId": str(replied), "channelId": "5000", "guildId": "4000"}
        yield message


def _attachments(number: int) -> list[dict[str, Any]]:
    if number % 50:
        return []
    url = f"https://cdn.discordapp.com/attachments/5000/{number}/log.txt"
    return [{"id": str(number + 1), "url": url, "fileName": "log.txt", "fileSizeBytes": number}]


def _write_archive(path: Path, count: int) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"guild": {"id": "4000", "name": "Benchmark", "iconUrl": ""}, "channel": {"id": "5000", ')
        file.write('"type": "GuildTextChat", "categoryId": null, "category": null, "name": "all", "topic": null}, ')
        file.write('"messages": [')
        for number, message in enumerate(messages(count)):
            file.write(",\n" * (number > 0) + json.dumps(message, ensure_ascii=False))
        file.write(f'], "messageCount": {count}}}')


def _import(url: str, workspace: Path, count: int) -> float:
    _write_archive(workspace / SLUG / DROP_FOLDER / "archive.json", count)
    logging.basicConfig(level=logging.WARNING)
    settings = Settings.load({"WORKSPACE_DIR": str(workspace), "DATABASE_URL": url}, env_file=None)
    started = time.perf_counter()
    result = execute(registry.find("backfill_discord_activity_tracker"), Request(), settings=settings)
    seconds = time.perf_counter() - started
    assert result is not None
    assert result.counts["messages_inserted"] == count
    return seconds


def _copy(url: str, workspace: Path, count: int) -> float:
    """The bare COPY: the rows are a file before the clock starts."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO discord_activity_tracker_discordserver (server_id, server_name) VALUES (4000, 'Benchmark')"
        )
        cursor.execute(
            "INSERT INTO discord_activity_tracker_discordchannel (server_id, channel_id, channel_name, channel_type) "
            "SELECT id, 5000, 'all', 'GuildTextChat' FROM discord_activity_tracker_discordserver RETURNING id"
        )
        found = cursor.fetchone()
        assert found
        rows = _spelled(connection, workspace, _rows(count, found[0]))
        connection.commit()
        started = time.perf_counter()
        with rows.open("rb") as file, cursor.copy(f"COPY {_INTO} FROM STDIN (FORMAT BINARY)") as copy:
            while part := file.read(1 << 16):
                copy.write(part)
        connection.commit()
        return time.perf_counter() - started


def _spelled(connection: psycopg.Connection, workspace: Path, rows: Iterator[tuple[Any, ...]]) -> Path:
    """A file of the rows in the format of a binary COPY."""
    workspace.mkdir()
    path = workspace / "rows"
    with path.open("wb") as file, connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE spelled ON COMMIT DROP AS SELECT {', '.join(COLUMNS)} FROM {TABLE}")
        with cursor.copy("COPY spelled FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)
        with cursor.copy("COPY spelled TO STDOUT (FORMAT BINARY)") as copy:
            for part in copy:
                file.write(part)
    return path


def _rows(count: int, channel: int) -> Iterator[tuple[Any, ...]]:
    for number, message in enumerate(messages(count)):
        reference = message.get("reference")
        urls = [{"url": item["url"]} for item in message["attachments"]]
        yield (
            int(message["id"]),
            channel,
            number * 7919 % AUTHORS + 1,
            message["content"],
            message["type"],
            START + timedelta(minutes=number),
            int(reference["messageId"]) if reference else None,
            bool(urls),
            urls,
            message["attachments"],
        )


if __name__ == "__main__":
    work = {"import": _import, "copy": _copy}[sys.argv[1]]
    taken = work(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    print(own_peak_memory(), taken)
