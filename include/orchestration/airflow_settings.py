"""Loads ``airflow_settings.yaml`` (the Astro CLI's format) into Airflow's metadata database.

``python -m include.orchestration.airflow_settings FILE`` may run as often as one likes: entries are created or
brought up to date, nothing else is touched. Blank entries, as in the CLI's template, are passed over.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from boost_collectors.core.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SECTIONS = {"connections": "conn_id", "pools": "pool_name", "variables": "variable_name"}


def read_settings(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The entries of the file by section, blank ones left out. Raises ConfigurationError naming file and entry."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    airflow = document.get("airflow") if isinstance(document, dict) else None
    if not isinstance(airflow, dict):
        raise ConfigurationError(f"{path}: the key 'airflow' must hold a mapping")
    return {section: list(_entries(path, airflow, section, key)) for section, key in _SECTIONS.items()}


def load_settings(path: Path) -> dict[str, int]:
    """Write the file's entries into Airflow's database in one transaction; returns how many there are per section."""
    # Airflow's ORM is imported here, because the file is also read by tests that need no database.
    from airflow.utils.session import create_session

    settings = read_settings(path)
    with create_session() as session:
        for entry in settings["connections"]:
            _put_connection(session, entry)
        for entry in settings["pools"]:
            _put_pool(session, path, entry)
        for entry in settings["variables"]:
            _put_variable(session, entry)
    return {section: len(entries) for section, entries in settings.items()}


def _entries(path: Path, airflow: Mapping[str, Any], section: str, key: str) -> Iterator[dict[str, Any]]:
    for number, entry in enumerate(airflow.get(section) or [], 1):
        if not isinstance(entry, dict):
            raise ConfigurationError(f"{path}: {section} entry {number} must be a mapping")
        if entry.get(key):
            yield entry


def _put_connection(session: Session, entry: Mapping[str, Any]) -> None:
    from airflow.models import Connection
    from sqlalchemy import delete

    session.execute(delete(Connection).where(Connection.conn_id == entry["conn_id"]))
    if entry.get("conn_uri"):
        session.add(Connection(conn_id=entry["conn_id"], uri=entry["conn_uri"]))
        return
    extra = entry.get("conn_extra")
    session.add(
        Connection(
            conn_id=entry["conn_id"],
            conn_type=entry.get("conn_type"),
            host=entry.get("conn_host"),
            schema=entry.get("conn_schema"),
            login=entry.get("conn_login"),
            password=entry.get("conn_password"),
            port=entry.get("conn_port") or None,
            extra=extra if isinstance(extra, str) else json.dumps(extra) if extra else None,
        )
    )


def _put_pool(session: Session, path: Path, entry: Mapping[str, Any]) -> None:
    from airflow.models import Pool

    slots = entry.get("pool_slot")
    if not isinstance(slots, int) or isinstance(slots, bool):
        raise ConfigurationError(
            f"{path}: pool {entry['pool_name']!r}: pool_slot must be a whole number, not {slots!r}"
        )
    Pool.create_or_update_pool(
        entry["pool_name"],
        slots=slots,
        description=entry.get("pool_description") or "",
        # A task that waits for a rate limit does not keep its slot.
        include_deferred=False,
        session=session,
    )


def _put_variable(session: Session, entry: Mapping[str, Any]) -> None:
    from airflow.models import Variable

    Variable.set(
        entry["variable_name"],
        "" if entry.get("variable_value") is None else str(entry["variable_value"]),
        session=session,
    )


def main(arguments: list[str]) -> int:
    """Load the one file named on the command line; the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m include.orchestration.airflow_settings FILE\n")
        return 2
    try:
        counts = load_settings(Path(arguments[0]))
    except ConfigurationError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    sys.stdout.write(", ".join(f"{count} {section}" for section, count in counts.items()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
