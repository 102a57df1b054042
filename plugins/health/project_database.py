"""What the health endpoint reads from the project database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text

from boost_collectors.core.database import Database
from boost_collectors.cppa_pinecone_sync.models import PineconeSyncStatus
from boost_collectors.runner.services import list_group_statuses
from plugins.health.groups import GroupStatus


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
    """When each app type was last synced, ordered by app type."""
    query = select(PineconeSyncStatus.app_type, PineconeSyncStatus.final_sync_at).order_by(PineconeSyncStatus.app_type)
    with database.session() as session:
        return {
            row.app_type: {"final_sync_at": row.final_sync_at.isoformat() if row.final_sync_at else None}
            for row in session.execute(query)
        }
