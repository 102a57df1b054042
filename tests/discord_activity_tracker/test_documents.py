"""Chains of messages in the vector index: whole chains, only changed ones, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.cppa_user_tracker.services import SeenDiscordProfile
from boost_collectors.discord_activity_tracker import preprocessor, services
from boost_collectors.discord_activity_tracker.preprocessor import MOST_SOURCE_IDS, preprocess_discord_for_pinecone
from boost_collectors.discord_activity_tracker.records import ChannelRecord, MessageRecord, ServerRecord
from include.sandbox import Sandbox
from tests.bench import statements

START = datetime(2024, 5, 1, tzinfo=UTC)
SERVER, CHANNEL = 2**62 + 1, 2**62 + 3
ANA, BEN = SeenDiscordProfile(5, "ana", "Ana"), SeenDiscordProfile(6, "ben", "Ben")
LONG = "The executor keeps its work alive until every handler that was posted has run."
PLACE = "discord-together-c-cpp"


class Room:
    """A channel in the database, and what is offered of it."""

    def __init__(self, database: Database, context: Any) -> None:
        self.database, self.context = database, context
        with database.session() as session:
            row = services.store_server(session, ServerRecord(SERVER, "C++"))
            channel = ChannelRecord(CHANNEL, "asio", "GuildTextChat", category_name="Help")
            _, self.rows = services.store_channels(session, row, [channel])

    def say(self, *messages: MessageRecord) -> None:
        with self.database.session() as session:
            services.store_messages(session, messages, self.rows)

    def delete(self, *message_ids: int) -> None:
        with self.database.session() as session:
            assert all(services.mark_message_deleted(session, message_id) for message_id in message_ids)

    def now(self) -> datetime:
        with self.database.session() as session:
            return services.database_now(session)

    def items(self, *failed: str, since: datetime | None = None) -> list[dict[str, Any]]:
        items, is_chunked = preprocess_discord_for_pinecone(failed, since, context=self.context)
        assert not is_chunked
        return list(items)

    def offered(self, *failed: str, since: datetime | None = None) -> list[tuple[str, int]]:
        """The documents' ids and how many lines each has: 0 when it is gone."""
        return [
            (item["metadata"]["doc_id"], 0 if item.get("gone") else len(item["content"].splitlines()))
            for item in self.items(*failed, since=since)
        ]


@pytest.fixture
def room(database: Database, make_context: Any) -> Room:
    return Room(database, make_context(database=database))


def message(number: int, reply_to: int | None = None, text: str = LONG, author: SeenDiscordProfile = ANA) -> Any:
    at = START + timedelta(minutes=number)
    return MessageRecord(number, CHANNEL, author, text, "Default", at, reply_to=reply_to)


def chain(length: int, first: int = 1) -> Iterable[MessageRecord]:
    """Messages each of which answers the one before."""
    return (message(first + step, first + step - 1 if step else None) for step in range(length))


def test_a_chain_becomes_text_and_exactly_these_keys(room: Room) -> None:
    code = 'use `std::cout << "a\\n"` like <@123456>,\n    indented <:boost:77>'
    room.say(
        message(1, text=code), message(2, 1, author=BEN), message(3, 2, text="<@5>"), message(4, 3, text="So It Is")
    )
    assert room.items() == [
        {
            "content": (
                f'ana: "use `std::cout << \\"a\\\\n\\"` like  ,\n    indented :boost:"\nben: "{LONG}"\nana: "So It Is"'
            ),
            "metadata": {
                "doc_id": "1",
                "type": "discord",
                "channel_id": str(CHANNEL),
                "channel_name": "Help - asio",
                "server_id": str(SERVER),
                "server_name": "C++",
                "author": "ana",
                "timestamp": int((START + timedelta(minutes=1)).timestamp()),
                "is_reply_chain": True,
                "source_ids": "1,2,4",
            },
        }
    ]


def test_what_says_too_little_or_is_deleted_is_gone(room: Room) -> None:
    room.say(message(1, text="x" * 42), message(2, text="x" * 43), message(3), message(4, 3, author=BEN), message(5))
    room.delete(3, 5)
    # 43 characters and `ana: ""` are the minimum of 50.
    assert room.offered() == [("1", 0), ("2", 1), ("3", 1), ("5", 0)]
    kept = room.items()[2]
    assert kept["content"] == f'ben: "{LONG}"'
    metadata = kept["metadata"]
    assert (metadata["author"], metadata["is_reply_chain"], metadata["source_ids"]) == ("ben", False, "4")


@pytest.mark.parametrize("since", [None, START])
def test_a_deep_chain_is_one_document_in_as_few_statements_as_a_flat_one(room: Room, since: datetime | None) -> None:
    room.say(*chain(400))
    room.say(message(1001), *(message(1001 + step, 1001) for step in range(1, 50)))
    with statements() as seen:
        assert room.offered(since=since) == [("1", 400), ("1001", 50)]
    assert len(seen) == 3


def test_a_change_anywhere_brings_the_whole_chain_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocessor, "PAGE_SIZE", 3)
    for first in (1, 101, 201):
        room.say(*chain(20, first))
    assert room.offered() == [("1", 20), ("101", 20), ("201", 20)]
    since = room.now()
    assert room.offered(since=since) == []
    # Pages of three: the chain's changed messages lie on four of them, and it is read with the first.
    room.say(*(message(number, number - 1, "Edited. " + LONG) for number in range(105, 115)), message(220, 219, "Yes."))
    with statements() as seen:
        assert room.offered(since=since) == [("101", 20), ("201", 20)]
    assert sum("RECURSIVE" in statement for statement in seen) == 2
    assert room.offered(" 7", "-1", "x", "²", "9" * 30, "", since=room.now()) == [("1", 20), ("7", 0)]


def test_a_message_found_later_takes_its_answers_in(room: Room) -> None:
    room.say(message(2, 1), message(3, 2), message(9, 8))
    assert room.offered() == [("2", 2), ("9", 1)]
    since = room.now()
    room.say(message(1))
    assert room.offered(since=since) == [("1", 3), ("2", 0)]


def test_a_circle_of_answers_and_a_long_list_of_sources_do_no_harm(room: Room) -> None:
    room.say(message(1, 3), message(2, 1), message(3, 2), message(4, 4))
    assert room.offered() == [("1", 3), ("4", 1)]
    room.say(message(100), *(message(100 + step, 100) for step in range(1, MOST_SOURCE_IDS + 50)))
    metadata = room.items("100", since=room.now())[0]["metadata"]
    assert len(metadata["source_ids"].split(",")) == MOST_SOURCE_IDS


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def test_edits_and_deletions_reach_the_index(
    room: Room, sandbox: Sandbox, database_url: str, make_settings: Any
) -> None:
    settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url)
    path = "discord_activity_tracker.preprocessor.preprocess_discord_for_pinecone"
    arguments = [f"--app-type={PLACE}", f"--namespace={PLACE}", f"--preprocessor={path}"]

    def sync() -> dict[str, str]:
        sandbox.requests.clear()
        execute(registry.find("run_cppa_pinecone_sync"), Request(arguments=arguments), settings=settings)
        kept = sandbox.pinecone.vectors(settings.pinecone_index_name, PLACE).values()
        return {fields["doc_id"]: fields["chunk_text"] for fields in kept}

    room.say(*chain(3), message(11), message(12, text="ok"))
    assert sorted(first := sync()) == ["1", "11"]
    assert sync() == first
    assert not sandbox.requests
    room.say(message(3, 2, "Edited. " + LONG))
    room.delete(2, 11)
    assert sync() == {"1": f'ana: "{LONG}"\nana: "Edited. {LONG}"'}
    room.delete(1, 3)
    assert sync() == {}
    assert sync() == {}
    assert not sandbox.requests
