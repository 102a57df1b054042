"""What the owner of the Discord tables offers beside the collector's own batches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from boost_collectors.core.database import Database
from boost_collectors.cppa_user_tracker.services import SeenDiscordProfile
from boost_collectors.discord_activity_tracker import services
from boost_collectors.discord_activity_tracker.models import DiscordChannel, DiscordReaction, DiscordServer
from boost_collectors.discord_activity_tracker.records import ChannelRecord, MessageRecord, ServerRecord

NOW = datetime(2024, 5, 1, tzinfo=UTC)
MESSAGE = MessageRecord(7, 10, SeenDiscordProfile(5, "ana", "Ana"), "text", "Default", NOW)


def _channels(session: object, *records: ChannelRecord) -> tuple[int, dict[int, int]]:
    server = services.store_server(session, ServerRecord(1, "s"))  # type: ignore[arg-type]  # any session will do
    return server, services.store_channels(session, server, records)[1]  # type: ignore[arg-type]


def test_what_a_source_does_not_say_stays(database: Database) -> None:
    with database.session() as session:
        services.store_server(session, ServerRecord(1, "s", "https://icon"))
        server, _ = _channels(session, ChannelRecord(10, "a", "GuildForum", "topic", 3, "cat", 4))
        services.store_channels(session, server, [ChannelRecord(10, "b")])
        channel = session.scalars(select(DiscordChannel)).one()
        assert (channel.channel_name, channel.channel_type, channel.category_name) == ("b", "GuildForum", "cat")
        assert (channel.category_id, channel.position, channel.topic) == (3, 4, "")
        assert session.scalars(select(DiscordServer.icon_url)).one() == "https://icon"


def test_a_gone_channel_is_back_when_the_server_has_it_but_not_by_an_archive(database: Database) -> None:
    with database.session() as session:
        server, _ = _channels(session, ChannelRecord(10, "a"))
        assert services.mark_channel_gone(session, 10) == 1
        assert services.mark_channel_gone(session, 10) == 0
        for archived, gone in ((True, True), (False, False)):
            services.store_channels(session, server, [ChannelRecord(10, "a")], archived=archived)
            query = select(DiscordChannel.gone_at).where(DiscordChannel.channel_id == 10)
            assert (session.scalars(query).one() is not None) == gone


def test_one_message_is_created_then_updated(database: Database) -> None:
    with database.session() as session:
        _, rows = _channels(session, ChannelRecord(10, "a"))
        first, created = services.create_or_update_message(session, MESSAGE, rows[10])
        assert (first.content, created) == ("text", True)
        again, created = services.create_or_update_message(session, replace(MESSAGE, content="new"), rows[10])
        assert (again.id, again.content, created) == (first.id, "new", False)
        assert services.mark_message_deleted(session, 7, NOW)
        assert not services.mark_message_deleted(session, 7)
        back, _ = services.create_or_update_message(session, MESSAGE, rows[10])
        assert (back.is_deleted, back.deleted_at) == (False, None)


def test_a_message_that_cannot_be_stored_says_why(database: Database) -> None:
    with database.session() as session:
        _, rows = _channels(session, ChannelRecord(10, "a"))
        with pytest.raises(ValueError, match="character varying"):
            services.create_or_update_message(session, replace(MESSAGE, kind="x" * 60), rows[10])


def test_one_reaction_is_added_then_counted(database: Database) -> None:
    with database.session() as session:
        _, rows = _channels(session, ChannelRecord(10, "a"))
        message, _ = services.create_or_update_message(session, MESSAGE, rows[10])
        assert services.add_or_update_reaction(session, message.id, "👍")[1]
        reaction, created = services.add_or_update_reaction(session, message.id, "👍", 3)
        assert (reaction.count, created) == (3, False)
        assert session.scalars(select(DiscordReaction.count)).all() == [3]
        for emoji, count in (("", 1), ("👍", -1)):
            with pytest.raises(ValueError, match="emoji and a count"):
                services.add_or_update_reaction(session, message.id, emoji, count)


def test_active_channels_are_those_with_living_messages_by_position_and_name(database: Database) -> None:
    with database.session() as session:
        records = [
            ChannelRecord(key, name, position=position)
            for key, name, position in (
                (10, "b", 1),
                (11, "a", 1),
                (12, "first", 0),
                (13, "old", 0),
                (14, "deleted", 0),
            )
        ]
        server, rows = _channels(session, *records)
        for number, record in enumerate(records):
            age = timedelta(days=40 if record.name == "old" else 2)
            message = replace(MESSAGE, message_id=100 + number, channel_id=record.channel_id, created_at=NOW - age)
            services.store_messages(session, [message], rows)
        services.mark_message_deleted(session, 104)
        names = [channel.channel_name for channel in services.active_channels(session, server, NOW)]
        assert names == ["first", "a", "b"]
        assert len(services.active_channels(session, server, NOW, days=60)) == 4
        assert [c.channel_id for c in services.active_channels(session, server, NOW, only=[11, 13])] == [11]
        assert services.newest_message_at(session) == NOW - timedelta(days=2)
        assert services.newest_message_at(session, 13) == NOW - timedelta(days=40)
        assert services.newest_message_at(session, 14) is None


def test_an_authors_name_is_stored_once_a_batch_however_often_it_changes(database: Database) -> None:
    with database.session() as session:
        _, rows = _channels(session, ChannelRecord(10, "a"))
        authors = services.AuthorIds()
        renamed = replace(MESSAGE, message_id=8, author=SeenDiscordProfile(5, "anna"))
        for batch in ([MESSAGE, renamed], [renamed], [MESSAGE]):
            result = services.store_messages(session, batch, rows, authors=authors)
            assert result.refused == ()
        assert authors.known[5][0].username == "ana"
