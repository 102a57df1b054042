"""Messages as documents: which are offered, what they say, and what becomes of them in the index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from boost_collectors.boost_mailing_list_tracker.models import MailingListMessage
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord
from boost_collectors.boost_mailing_list_tracker.preprocessor import item_of, preprocess_mailing_list_for_pinecone
from boost_collectors.boost_mailing_list_tracker.services import mark_gone, store_messages
from boost_collectors.core.database import Database
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from boost_collectors.cppa_user_tracker.models import Identity, MailingListProfile
from include.sandbox import Sandbox
from tests.boost_mailing_list_tracker.mail import BOOST

SENT = datetime(2024, 2, 3, 4, 5, tzinfo=UTC)
BODY = "The executor keeps its work alive until every handler that was posted to it has run."


def record(msg_id: str, **fields: Any) -> MessageRecord:
    given = {
        "msg_id": msg_id,
        "list_name": BOOST,
        "subject": f"About {msg_id}",
        "content": BODY,
        "sent_at": SENT,
        "sender_name": "Mila Aster",
        "sender_address": "mila@aster.example",
        "parent_id": "",
        "thread_id": "t1",
    }
    return MessageRecord(**{**given, **fields})


@pytest.fixture
def offered(database: Database, make_context: Any) -> Any:
    """The documents for these failed ids and this time of the last sync."""

    def offer(failed: Any = (), since: datetime | None = None) -> list[dict[str, Any]]:
        items, chunked = preprocess_mailing_list_for_pinecone(failed, since, context=make_context(database=database))
        assert not chunked
        return list(items)

    return offer


@pytest.fixture
def stored(database: Database) -> list[int]:
    """Row ids of three messages."""
    with database.session() as session:
        store_messages(session, [record("m1"), record("m2", content=""), record("m3", parent_id="m1")])
    with database.session() as session:
        return [row.id for row in session.query(MailingListMessage).order_by(MailingListMessage.id)]


def test_a_message_becomes_text_and_exactly_these_keys(offered: Any, stored: list[int]) -> None:
    assert offered()[2] == {
        "content": (
            "Subject: About m3\nSender: Mila Aster\nList: boost@lists.boost.org\nSent At: 2024-02-03T04:05:00+00:00\n\n"
            + BODY
        ),
        "metadata": {
            "doc_id": "m3",
            "type": "mailing",
            "thread_id": "t1",
            "subject": "About m3",
            "author": "Mila Aster",
            "timestamp": int(SENT.timestamp()),
            "parent_id": "m1",
            "list_name": BOOST,
            "source_ids": str(stored[2]),
        },
    }
    assert offered()[1]["content"].endswith("Sent At: 2024-02-03T04:05:00+00:00")


def test_everything_is_offered_first_and_then_what_is_new_or_named(offered: Any, stored: list[int]) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    assert [item["metadata"]["doc_id"] for item in offered()] == ["m1", "m2", "m3"]
    assert [item["metadata"]["doc_id"] for item in offered([str(stored[0])])] == ["m1", "m2", "m3"]
    assert offered((), later) == []
    # Row ids and the archive's ids alike; blanks and repetitions do no harm.
    named = [f" {stored[0]} ", "m3", "", "m3", "unknown"]
    assert [item["metadata"]["doc_id"] for item in offered(named, later)] == ["m1", "m3"]
    assert [item["metadata"]["doc_id"] for item in offered(["m3"], SENT)] == ["m1", "m2", "m3"]


def test_a_nameless_sender_is_called_by_the_name_of_the_person() -> None:
    message = MailingListMessage(
        id=1, msg_id="m", sender_profile_id=5, subject="", content="", list_name=BOOST, thread_id="", parent_id=""
    )
    sender = MailingListProfile(display_name=" ", identity=Identity(display_name="Mila"))
    item = item_of(message, {5: sender})
    assert item is not None
    assert item["metadata"]["author"] == "Mila"
    assert item["metadata"]["timestamp"] == 0
    assert item["content"] == f"Sender: Mila\nList: {BOOST}"
    assert item_of(message, {})["metadata"]["author"] == ""  # type: ignore[index]


def test_edits_and_removals_reach_the_index(
    database: Database, database_url: str, make_settings: Any, make_context: Any, stored: list[int]
) -> None:
    with Sandbox() as sandbox:
        settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url)
        context = make_context(settings=settings, database=database)

        def sync() -> dict[str, Any]:
            def preprocess(failed: list[str], since: datetime | None) -> tuple[Any, ...]:
                return preprocess_mailing_list_for_pinecone(failed, since, context=context)

            return sync_to_pinecone("mailing", "mailing", preprocess, context=context)

        assert (sync()["total"], sync()["total"]) == (3, 0)
        with database.session() as session:
            store_messages(session, [record("m1", content=f"{BODY} And it says so.")])
            mark_gone(session, BOOST, ["m1", "m2"])
        summary = sync()
        assert (summary["upserted"], summary["gone_documents"]) == (1, 1)
        kept = sandbox.pinecone.vectors(settings.pinecone_index_name, "mailing").values()
        assert sorted(fields["doc_id"] for fields in kept) == ["m1", "m2"]
        assert any("And it says so." in fields["chunk_text"] for fields in kept)
