"""What the health endpoint reads from the project database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from boost_collectors.core.database import Database
from boost_collectors.core.models import Checkpoint
from boost_collectors.cppa_pinecone_sync.models import PineconeSyncStatus
from boost_collectors.cppa_pinecone_sync.services import count_failures
from boost_collectors.github_activity_tracker.services import Gap, completeness_summary
from boost_collectors.runner.services import list_group_statuses
from boost_collectors.slack_event_handler.services import summary
from plugins.health.groups import GroupStatus

BOOST = "run_boost_github_activity_tracker"
"""The command that has a unit for every repository."""


def ping(database: Database) -> None:
    """Raise when the database does not answer a trivial query."""
    with database.session() as session:
        session.execute(text("SELECT 1"))


def group_statuses(database: Database) -> Mapping[str, GroupStatus]:
    """Every group's status row by group id."""
    with database.session() as session:
        statuses = list_group_statuses(session)
        session.expunge_all()
        return statuses


def pinecone_syncs(database: Database) -> dict[str, Any]:
    """When each app type was last synced, to whichever store, and how many of its documents wait after a failure."""
    last = func.max(PineconeSyncStatus.final_sync_at).label("final_sync_at")
    query = select(PineconeSyncStatus.app_type, last).group_by(PineconeSyncStatus.app_type)
    with database.session() as session:
        failures = count_failures(session)
        return {
            row.app_type: {
                "final_sync_at": row.final_sync_at.isoformat() if row.final_sync_at else None,
                **({"pending_failures": failures[row.app_type]} if row.app_type in failures else {}),
            }
            for row in session.execute(query.order_by(PineconeSyncStatus.app_type))
        }


def completeness(database: Database) -> dict[str, Any]:
    """How many counts of repositories were compared with GitHub's, how many differ, and the worst of those."""
    with database.session() as session:
        found = completeness_summary(session)
        readers = _readers(session, found.worst)
    oldest = found.oldest_check.isoformat() if found.oldest_check else None
    return {
        "checked": found.checked,
        "gaps": found.gaps,
        "worst": [_gap(gap, readers) for gap in found.worst],
        "oldest_check": oldest,
    }


def slack_events(database: Database) -> dict[str, Any]:
    """How the Slack event handler stands: its queue, and the connection and last event of each workspace."""
    with database.session() as session:
        return summary(session)


def _readers(session: Session, gaps: Iterable[Gap]) -> dict[str, str]:
    """The command that reads each of the repositories, as far as it left a checkpoint."""
    units = {f"{gap.key}#done": gap.key for gap in gaps}
    query = select(Checkpoint.unit, Checkpoint.command).where(Checkpoint.unit.in_(units))
    return {units[row.unit]: row.command for row in session.execute(query)}


def _gap(gap: Gap, readers: Mapping[str, str]) -> dict[str, Any]:
    command = readers.get(gap.key, BOOST)
    window = [f"--{name} {at.isoformat()}" for name, at in (("since", gap.since), ("until", gap.until)) if at]
    only = [f"--only {gap.key}"] if command == BOOST else []
    return {
        "repository": gap.key,
        "kind": gap.kind,
        "at_source": gap.source_count,
        "stored": gap.stored_count,
        "checked_at": gap.checked_at.isoformat(),
        "repair": " ".join(["python -m boost_collectors", command, *(window or ["--mode full"]), *only]),
    }
