"""From Slack's user ids to profiles, resolved before the transaction that needs them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import NotFoundError, SourceError
from boost_collectors.cppa_slack_tracker.source import SlackSource
from boost_collectors.cppa_user_tracker.models import SlackUser
from boost_collectors.cppa_user_tracker.services import ensure_slack_users

logger = logging.getLogger(__name__)

UNKNOWN: Mapping[str, Any] = {"id": "-1", "name": "unknown", "real_name": "Unknown"}
"""The user that stands for one that Slack does not know."""

_LONGEST_ID = 64


class People:
    """The profiles of one workspace's members. Remembers what it found for the length of a run.

    Users that Slack does not know are remembered for good, in the checkpoint ``<workspace>/unknown users``: they are
    asked for once. Without a source (an import without access to Slack) such a user gets a profile of its id alone.
    """

    def __init__(self, context: RunContext, team_id: str, source: SlackSource | None) -> None:
        self._context, self._source = context, source
        self._unit = f"{team_id}/unknown users"
        self._known: dict[str, int] = {}
        self._unknown: set[str] = set()

    def resolve(self, user_ids: Collection[str]) -> Mapping[str, int]:
        """Profile ids for all of these users, by Slack's id. Members that are not stored are asked for one by one."""
        missing = [user_id for user_id in dict.fromkeys(user_ids) if user_id and user_id not in self._known]
        if missing:
            self._look_up(missing)
            self._make([user_id for user_id in missing if user_id not in self._known])
        return self._known

    def _look_up(self, user_ids: Collection[str]) -> None:
        query = select(SlackUser.slack_user_id, SlackUser.id).where(SlackUser.slack_user_id.in_(user_ids))
        with self._context.database.session() as session:
            self._known.update((row[0], row[1]) for row in session.execute(query))

    def _make(self, user_ids: Collection[str]) -> None:
        if not user_ids:
            return
        with self._context.database.session() as session:
            self._unknown.update((checkpoints.load(session, self._context.command, self._unit) or {}).get("ids", ()))
        before = len(self._unknown)
        payloads = {user_id: self._payload(user_id) for user_id in user_ids}
        with self._context.database.session() as session:
            made = ensure_slack_users(session, list(payloads.values()))
            if len(self._unknown) > before and self._context.window.moves_checkpoint:
                checkpoints.save(session, self._context.command, self._unit, {"ids": sorted(self._unknown)})
        self._known.update((user_id, made[payload["id"]]) for user_id, payload in payloads.items())

    def _payload(self, user_id: str) -> Mapping[str, Any]:
        if len(user_id) > _LONGEST_ID or user_id == UNKNOWN["id"] or user_id in self._unknown:
            return UNKNOWN
        if self._source is None:
            return {"id": user_id}
        try:
            told = self._source.user(user_id)
        except (NotFoundError, SourceError) as error:
            logger.warning("Slack does not know the user %s: %s", user_id, error)
            told = None
        if isinstance(told, dict) and told.get("id") == user_id:
            return told
        self._unknown.add(user_id)
        return UNKNOWN
