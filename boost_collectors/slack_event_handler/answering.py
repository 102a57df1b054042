"""Replies and reactions in Slack, each exactly once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from boost_collectors.core.errors import CollectorError, SourceError
from boost_collectors.slack_event_handler.access import Workspace, checked
from boost_collectors.slack_event_handler.kinds import DONE_REACTION
from boost_collectors.slack_event_handler.services import Job

logger = logging.getLogger(__name__)

_ALREADY_THERE = frozenset({"already_reacted"})


def post_reply(workspace: Workspace, job: Job) -> Mapping[str, Any]:
    """Post the text of a job (``chat.postMessage``); its ``ts``.

    The message's block is named after the job. A job that was begun before looks for that name first: the answer to
    the first attempt may have been lost, not the message.
    """
    place, mark = job.payload, block_id(job)
    channel, thread = place["channel"], place.get("thread_ts")
    if job.claims > 1 and (found := _posted(workspace, job, mark)):
        return {"ts": found, "found": True}
    block = {"type": "section", "block_id": mark, "text": {"type": "mrkdwn", "text": place["text"]}}
    answer = checked(workspace.api.chat_post_message(channel, place["text"], thread, [block]))
    return {"ts": answer.get("ts")}


def react(workspace: Workspace, job: Job) -> Mapping[str, Any]:
    """Mark the message that asked (``reactions.add``); one that is marked already is fine."""
    asked = job.payload
    checked(workspace.api.reactions_add(asked["channel"], asked["ts"], DONE_REACTION), also=_ALREADY_THERE)
    return {}


def block_id(job: Job) -> str:
    """A name for the block of a job's message: the same for the same job, and short enough for Slack."""
    return "job-" + hashlib.sha256(job.key.encode()).hexdigest()[:40]


def _posted(workspace: Workspace, job: Job, mark: str) -> str | None:
    place = job.payload
    try:
        for message in workspace.said_since(place["channel"], place["ts"], place.get("thread_ts")):
            if any(block.get("block_id") == mark for block in message.get("blocks") or ()):
                return str(message.get("ts"))
    except SourceError as error:
        # A bot that may write but not read: better twice than never.
        logger.warning("It cannot be told whether a reply was posted before: %s", error)
    return None


def reason(error: Exception) -> str:
    """What went wrong, for people; for what nobody foresaw its kind as well."""
    return str(error) if isinstance(error, CollectorError) else f"{type(error).__name__}: {error}"
