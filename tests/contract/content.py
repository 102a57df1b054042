"""What a project database holds, in a form two runs can be compared by: without surrogate keys and row times."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from sqlalchemy import Connection, Table, select, text

from boost_collectors.core.database import Database
from boost_collectors.core.database.migrations import all_tables

# When a row was written says nothing about what was collected.
ROW_TIMES = {
    *("created_at", "updated_at", "last_attempt_at", "first_failed_at", "last_failed_at"),
    *("seen_at", "sent_at", "asked_at", "scraped_at", "fetched_at"),
}
# Of when something was noticed, only whether it was.
NOTICED_TIMES = {"reddit_activity_tracker_redditsubmission.gone_at", "reddit_activity_tracker_redditcomment.gone_at"}
# References without a foreign key.
SOFT_REFERENCES = {
    "boost_mailing_list_tracker_mailinglistmessage.sender_id": (
        "cppa_user_tracker_mailinglistprofile.baseprofile_ptr_id"
    ),
    "cppa_user_tracker_identitydecision.identity_id": "cppa_user_tracker_identity.id",
    "discord_activity_tracker_discordmessage.author_id": "cppa_user_tracker_discordprofile.baseprofile_ptr_id",
}
BOOKKEEPING = {
    "github_activity_tracker_completeness",
    "core_problem",
    "core_run",
    "core_checkpoint",
    "core_httpvalidator",
    *("core_github_token", "core_github_quota", "core_github_lease"),
    "boost_collector_runner_collectorgrouprunstatus",
    "cppa_youtube_script_tracker_youtubequota",
}

Content = dict[str, Counter[str]]


def collected_tables() -> list[Table]:
    """Every table that holds what collectors found, not how they went about it."""
    return [table for table in all_tables().sorted_tables if table.name not in BOOKKEEPING]


def content(database: Database) -> Content:
    """Per table how often each row occurs, rows spelled without their keys and with what they refer to."""
    with database.engine.connect() as connection:
        reader = _Reader(connection)
        found = {table.name: Counter(reader.signatures(table).values()) for table in collected_tables()}
    return {name: rows for name, rows in found.items() if rows}


def versions(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """The physical version of every row: differs as soon as anything was written, even the same values."""
    with database.engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(text(f'SELECT ctid::text, xmin::text FROM "{table}"'))
            ]
            for table in collected_tables()
        }


class _Reader:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, dict[Any, str]] = {}

    def signatures(self, table: Table) -> dict[Any, str]:
        """A hash per row by primary key; the rows it refers to are hashed into it."""
        if table.name not in self._known:
            self._known[table.name] = {}  # a table that refers to itself sees its own rows as unnamed
            keys = [column.name for column in table.primary_key]
            rows = self._connection.execute(select(table)).mappings().all()
            self._known[table.name] = {tuple(row[key] for key in keys): self._signature(table, row) for row in rows}
        return self._known[table.name]

    def _signature(self, table: Table, row: Any) -> str:
        parts = []
        for column in sorted(table.columns, key=lambda column: column.name):
            if column.name in ROW_TIMES:
                continue
            if f"{table.name}.{column.name}" in NOTICED_TIMES:
                parts.append(f"{column.name}={row[column.name] is not None}")
                continue
            target = self._target(table, column)
            if target is not None:
                parts.append(f"{column.name}={self.signatures(target).get((row[column.name],), '')}")
            elif column.name == "github_account_id" and row[column.name] < 0:
                continue  # a stand-in for an unknown account, given in the order of meeting
            elif not column.primary_key:
                parts.append(f"{column.name}={row[column.name]!r}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _target(self, table: Table, column: Any) -> Table | None:
        soft = SOFT_REFERENCES.get(f"{table.name}.{column.name}")
        if soft is not None:
            return table.metadata.tables[soft.partition(".")[0]]
        return next((key.column.table for key in column.foreign_keys), None)
