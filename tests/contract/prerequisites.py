"""What some commands need of others before they can run: rows that those have collected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker.services import get_or_create_language
from tests.boost_library_docs_tracker.docs import add_library
from tests.cppa_user_tracker.population import Generator, store

RELEASED = datetime(2025, 12, 10, tzinfo=UTC)


def prepare(spec: CommandSpec, database_url: str) -> None:
    """Fill a new database with what the command reads but does not collect."""
    fill = _PREREQUISITES.get(spec.name)
    if fill is not None:
        with Database(database_url) as database:
            fill(database)


def _libraries(database: Database) -> None:
    for name in ("config", "json", "system"):
        add_library(database, "1.90.0", name, released=RELEASED)


def _languages(database: Database) -> None:
    with database.session() as session:
        get_or_create_language(session, "C++")


def _people(database: Database) -> None:
    store(database, Generator(60).accounts())


_PREREQUISITES: dict[str, Callable[[Database], None]] = {
    "run_boost_library_docs_tracker": _libraries,
    "run_boost_library_usage_dashboard": _libraries,
    "run_cppa_user_tracker": _people,
    "run_update_created_repos_by_language": _languages,
}
