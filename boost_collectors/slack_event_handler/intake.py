"""From an event to stored jobs, in one transaction: what was stored may be acknowledged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.core.context import RunContext
from boost_collectors.core.utils.storable import storable_json
from boost_collectors.slack_event_handler import kinds, services
from boost_collectors.slack_event_handler.routing import NOTHING, Rules, Wanted, wanted
from boost_collectors.slack_event_handler.services import NewJob
from boost_collectors.slack_event_handler.slots import CommentLimit


def comment_limit(context: RunContext) -> CommentLimit:
    """The limit of SLACK_PR_BOT_COMMENTS_*, which each workspace has for itself."""
    settings = context.settings
    most, window = settings.slack_pr_bot_comments_max_per_window, settings.slack_pr_bot_comments_window_seconds
    return CommentLimit(most, float(window))


class Intake:
    """Takes in the events of one workspace."""

    def __init__(self, context: RunContext, rules: Rules) -> None:
        self._context, self.rules = context, rules
        self._limit = comment_limit(context)

    def take(self, payload: Mapping[str, Any]) -> int:
        """Store what an event asks for; how many jobs are new. An event that comes again changes nothing.

        ``payload`` is that of an envelope of type ``events_api``. Raises what the database raises: such an event
        must not be acknowledged.
        """
        payload = storable_json(payload)
        event = payload.get("event")
        asked = wanted(event, self.rules) if isinstance(event, Mapping) else NOTHING
        team = self.rules.team_id
        with self._context.database.session() as session:
            services.note_event(session, team)
            if asked == NOTHING or not isinstance(event, Mapping):
                return 0
            if not services.store_event(session, team, event_id(payload, event), payload):
                return 0
            return services.queue(session, list(self._jobs(session, event, asked)))

    def _jobs(self, session: Session, event: Mapping[str, Any], asked: Wanted) -> Iterator[NewJob]:
        team, settings = self.rules.team_id, self._context.settings
        if asked.huddle:
            yield kinds.huddle(team, asked.huddle, event, settings.slack_huddle_delay_seconds)
        message = kinds.Message(team, event)
        yield from message.answers(asked, self.rules.organization)
        if not asked.pulls:
            return
        times, now = services.comment_times(session, team, self._limit.window)
        ahead = services.waiting(session, team, kinds.COMMENT)
        for position, pull in enumerate(asked.pulls):
            yield kinds.acknowledgement(message, pull, self._limit.estimate(times, ahead + position, now))
            yield message.comment(pull)


def event_id(payload: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Slack's id of an event; for one without, what it is about and when."""
    given = payload.get("event_id")
    parts = (event.get("type"), event.get("channel"), event.get("event_ts") or event.get("ts"))
    return str(given)[:255] if given else ":".join(str(part) for part in parts)[:255]
