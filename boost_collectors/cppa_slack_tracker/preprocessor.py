"""Conversations of one Slack workspace as documents for the vector index."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_slack_tracker import services
from boost_collectors.cppa_slack_tracker.message_text import message_text
from boost_collectors.cppa_slack_tracker.normalise import moment
from boost_collectors.cppa_slack_tracker.services import LONGEST_RUN, IndexedChannel, IndexedMessage, Moved

PAGE_SIZE = 1000
THREADS_AT_A_TIME = 100
MOST_SOURCE_IDS = 500
"""A record holds 40 KiB of metadata; one id of a conversation is enough to have all of it offered again."""

Item = dict[str, Any]


def preprocess_team(
    team_id: str, failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext | None = None
) -> tuple[Iterator[Item], bool]:
    """The conversations of one workspace in which anything is new, changed or deleted since the last sync, whole.

    A conversation is a thread, or messages of one channel within an hour of the first; its document is called after
    the first message it still has. Every other message of it is told as gone, in case a document was called after it.
    ``failed_ids``: ``ts`` of messages whose conversations failed. Read page by page as the documents are taken.
    ``context``: a run's database; without one, that of the settings.
    """
    named = list(dict.fromkeys(name for name in (str(failed).strip() for failed in failed_ids) if name))
    return _items(team_id, Moved(final_sync_at, named), context), False


def _items(team_id: str, moved: Moved, context: RunContext | None) -> Iterator[Item]:
    with ExitStack() as stack:
        database = context.database if context else stack.enter_context(Database.from_settings(Settings.load()))
        with database.session() as session:
            channels = services.channels_for_index(session, team_id, moved)
        for channel in channels:
            conversations = Conversations(database, channel, moved)
            for messages in itertools.chain(conversations.threads(), conversations.runs()):
                yield from items_of(team_id, channel.channel_id, messages)


@dataclass(frozen=True, slots=True)
class Conversations:
    """What moved in a channel; every message of it is in exactly one conversation."""

    database: Database
    channel: IndexedChannel
    moved: Moved

    def threads(self) -> Iterator[list[IndexedMessage]]:
        last = ""
        while True:
            with self.database.session() as session:
                threads = services.threads_for_index(
                    session, self.channel.id, self.moved, after=last, limit=THREADS_AT_A_TIME
                )
                messages = services.thread_messages(session, self.channel.id, threads) if threads else []
            for _, thread in itertools.groupby(messages, key=lambda message: message.thread):
                yield list(thread)
            if len(threads) < THREADS_AT_A_TIME:
                return
            last = threads[-1]

    def runs(self) -> Iterator[list[IndexedMessage]]:
        """Messages outside threads; those that began threads, and deleted ones, count for where a run ends."""
        for run in _cut(self._top_level()):
            if outside := [message for message in run if not message.thread]:
                yield outside

    def _top_level(self) -> Iterator[IndexedMessage]:
        with self.database.session() as session:
            stretches = services.stretches_for_index(session, self.channel.id, self.moved)
        for stretch in stretches:
            last = ""
            while True:
                with self.database.session() as session:
                    page = services.stretch_messages(session, self.channel.id, stretch, after=last, limit=PAGE_SIZE)
                yield from page
                if len(page) < PAGE_SIZE:
                    break
                last = page[-1].ts


def _cut(messages: Iterable[IndexedMessage]) -> Iterator[list[IndexedMessage]]:
    run: list[IndexedMessage] = []
    for message in messages:
        if run and message.written_at - run[0].written_at > LONGEST_RUN:
            yield run
            run = []
        run.append(message)
    if run:
        yield run


def items_of(team_id: str, channel_id: str, messages: Sequence[IndexedMessage]) -> Iterator[Item]:
    """The document of a conversation, and which of its messages give their name to none."""
    said = [message for message in messages if not message.is_deleted]
    content = "\n\n".join(text for text in (message_text(message.text) for message in said) if text)
    for message in messages:
        if not content or message is not said[0]:
            yield {"gone": True, "metadata": _metadata(team_id, channel_id, [message])}
    if content:
        yield {"content": content, "metadata": _metadata(team_id, channel_id, said)}


def _metadata(team_id: str, channel_id: str, messages: Sequence[IndexedMessage]) -> dict[str, Any]:
    first = messages[0]
    written = moment(first.ts)
    return {
        "doc_id": f"slack-{team_id}-{channel_id}-{first.ts}",
        "type": "slack",
        "channel_id": channel_id,
        "user_name": first.author,
        "timestamp": int(written.timestamp()) if written else 0,
        "is_grouped": True,
        "thread_ts": first.thread,
        "group_size": len(messages),
        "team_id": team_id,
        "source_ids": ",".join(message.ts for message in messages[:MOST_SOURCE_IDS]),
    }
