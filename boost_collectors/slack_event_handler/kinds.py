"""The kinds of jobs, how they follow from each other, and what they say."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

from boost_collectors.slack_event_handler.routing import PullRequest, Wanted, is_direct
from boost_collectors.slack_event_handler.services import Job, NewJob

COMMENT, HUDDLE, REPLY, REACTION = "comment", "huddle", "reply", "reaction"
DONE_REACTION = "white_check_mark"
_LONGEST_REASON = 300


class Message:
    """The message that asked for something, as the place where answers go: its thread, or the direct conversation."""

    def __init__(self, team_id: str, event: Mapping[str, Any]) -> None:
        self.team_id = team_id
        self.channel, self.ts = str(event.get("channel") or ""), str(event.get("ts") or "")
        self.user = str(event.get("user") or "")
        self.is_direct = is_direct(event)
        self._thread = str(event.get("thread_ts") or self.ts)

    @property
    def key(self) -> str:
        return f"{self.team_id}:{self.channel}:{self.ts}"

    def reply(self, about: str, text: str) -> NewJob:
        """An answer; ``about`` tells it from the other answers to the same message."""
        place = {"channel": self.channel, "ts": self.ts, "thread_ts": None if self.is_direct else self._thread}
        told = {**place, "text": plain(text)}
        return NewJob(f"reply:{self.key}:{about}", REPLY, self.team_id, self.key, told)

    def comment(self, pull: PullRequest) -> NewJob:
        """The comment on a pull request."""
        asked = {"channel": self.channel, "ts": self.ts, "user": self.user, "is_direct": self.is_direct}
        named = {"owner": pull.owner, "repo": pull.repo, "number": pull.number, "thread_ts": self._thread}
        key = f"comment:{self.key}:{pull.key}"
        return NewJob(key, COMMENT, self.team_id, key, asked | named)

    def answers(self, wanted: Wanted, organization: str) -> Iterator[NewJob]:
        """What is said about what cannot be served."""
        for url in wanted.refused:
            told = f"⚠️ {url} is not served: only pull requests of `{organization}` are."
            yield self.reply(f"refused:{url.lower()}", told)
        if wanted.needs_hint:
            example = f"https://github.com/{organization or 'owner'}/repo/pull/123"
            yield self.reply("hint", f"No GitHub PR URL found. Name a pull request like {example}")


def plain(text: str) -> str:
    """Text that Slack shows as it is: what was asked, or went wrong, must not call a whole channel (``<!here>``)."""
    return html.escape(html.unescape(text), quote=False)


def message_of(job: Job) -> Message:
    """The message that a comment or reaction was asked for by."""
    asked = job.payload
    kind = "im" if asked["is_direct"] else "channel"
    return Message(job.team_id, {**asked, "channel_type": kind})


def pull_of(job: Job) -> PullRequest:
    """The pull request that a job is about."""
    return PullRequest(job.payload["owner"], job.payload["repo"], int(job.payload["number"]))


def acknowledgement(message: Message, pull: PullRequest, wait: int) -> NewJob:
    """That a comment is queued, and in how many seconds it may come."""
    when = f", in about {wait}s" if wait else ""
    return message.reply(f"queued:{pull.key}", f"✅ Comment on {pull} queued{when}.")


def after_comment(job: Job) -> list[NewJob]:
    """What tells the one who asked that the comment is there."""
    message, pull = message_of(job), pull_of(job)
    key = f"reaction:{message.key}:{pull.key}"
    return [
        message.reply(f"posted:{pull.key}", f"✅ Comment posted on {pull}."),
        NewJob(key, REACTION, job.team_id, message.key, job.payload),
    ]


def after_failure(job: Job, reason: str) -> list[NewJob]:
    """What tells the one who asked that a job was given up; nothing where nobody waits for an answer."""
    short = " ".join(reason.split())[:_LONGEST_REASON]
    if job.kind == COMMENT:
        message, pull = message_of(job), pull_of(job)
        return [message.reply(f"failed:{pull.key}", f"❌ No comment on {pull}: {short}")]
    if job.kind == REACTION:
        message, pull = message_of(job), pull_of(job)
        told = f"The comment on {pull} is posted, but the reaction failed: {short}"
        return [message.reply(f"unmarked:{pull.key}", told)]
    return []


def huddle(team_id: str, file_id: str, event: Mapping[str, Any], delay: float) -> NewJob:
    """The notes of a huddle, to be fetched once Slack has finished them."""
    key = f"huddle:{team_id}:{file_id}"
    return NewJob(key, HUDDLE, team_id, key, {"file": file_id, "ts": str(event.get("ts") or "")}, delay)
