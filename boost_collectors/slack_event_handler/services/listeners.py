"""How the connections stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.core.utils.storable import storable
from boost_collectors.slack_event_handler.models import SlackListener


def note_connection(session: Session, team_id: str, state: str, message: str = "") -> None:
    """Note how a workspace's connection stands; ``connected`` sets the time of connecting too."""
    values = {"state": state, "message": storable(message)}
    _note(session, team_id, values | ({"connected_at": func.now()} if state == "connected" else {}))


def note_event(session: Session, team_id: str) -> None:
    """Note that Slack sent something just now."""
    _note(session, team_id, {"last_event_at": func.now()})


def listeners(session: Session) -> Sequence[SlackListener]:
    """All workspaces that were ever listened to."""
    return session.scalars(select(SlackListener).order_by(SlackListener.team_id)).all()


def _note(session: Session, team_id: str, values: dict[str, Any]) -> None:
    statement = insert(SlackListener).values(team_id=team_id, **values)
    changes = values | {"updated_at": func.now()}
    session.execute(statement.on_conflict_do_update(index_elements=[SlackListener.team_id], set_=changes))
