"""Everything the operations page shows, read in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.runner.services import list_group_statuses
from plugins.health.groups import daily_groups, group_entries
from plugins.health.project_database import completeness
from plugins.operations import group_runs, quotas, sources, waiting

LONGEST_QUERY = "10s"


@dataclass(frozen=True, slots=True)
class Group:
    """A schedule group: whether its last success is too old (None: it need not run daily), and its last runs."""

    name: str
    stale: bool | None
    last_success_at: datetime | None
    runs: Sequence[group_runs.GroupRun]


@dataclass(frozen=True, slots=True)
class Board:
    """The page's contents."""

    groups: Sequence[Group]
    sources: Sequence[sources.Source]
    completeness: dict[str, Any]
    quotas: Sequence[quotas.Quota]
    waiting: Sequence[waiting.Waiting]
    schedule_problem: str

    @property
    def rows(self) -> int:
        """How many rows all sources' tables hold; a table that several commands fill counts once."""
        return sum({table.name: table.rows for source in self.sources for table in source.tables}.values())


def read(database: Database, settings: Settings) -> Board:
    """The board as of now. Raises what the database raises."""
    with database.session() as session:
        session.execute(text(f"SET LOCAL statement_timeout = '{LONGEST_QUERY}'"))
        session.execute(text("SET LOCAL timezone = 'UTC'"))
        statuses = list_group_statuses(session)
        runs = group_runs.latest(session)
        daily, problem = _daily(settings)
        hours = settings.health_collector_stale_hours
        oldest = datetime.now(UTC) - timedelta(hours=24 if hours is None else hours)
        entries = group_entries(daily, statuses, oldest)
        names = [*entries, *sorted(set(runs) - set(entries))]
        groups = [
            Group(
                name,
                entries.get(name, {}).get("stale"),
                statuses[name].last_success_at if name in statuses else None,
                runs.get(name, ()),
            )
            for name in names
        ]
        return Board(
            groups=groups,
            sources=sources.read(session),
            completeness=completeness(database),
            quotas=quotas.read(session, settings),
            waiting=waiting.read(session),
            schedule_problem=problem,
        )


def _daily(settings: Settings) -> tuple[list[str], str]:
    """The groups that must succeed every day, and what is wrong with the schedule file."""
    try:
        return daily_groups(Path(settings.boost_collector_schedule_yaml)), ""
    except (OSError, ValueError) as error:
        return [], str(error)
