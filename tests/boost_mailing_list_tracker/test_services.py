"""Writing messages: in bulk and one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from boost_collectors.boost_mailing_list_tracker import services
from boost_collectors.boost_mailing_list_tracker.models import MailingListMessage, MessageList
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord
from boost_collectors.core.database import Database
from boost_collectors.core.database.bulk import MergeResult
from boost_collectors.cppa_user_tracker.services import get_mailing_list_profile_by_id
from tests.bench import statements
from tests.boost_mailing_list_tracker.mail import BOOST, USERS
from tests.contract.content import versions

ANNOUNCE = "boost-announce@lists.boost.org"
MOMENT = datetime(2024, 5, 1, 12, tzinfo=UTC)


def _record(msg_id: str = "A", list_name: str = BOOST, **fields: Any) -> MessageRecord:
    given = {"subject": "Hello", "sent_at": MOMENT, "sender_name": "Jo", "sender_address": "jo@x.org", **fields}
    return MessageRecord(msg_id, list_name, **given)


def _store(database: Database, *records: MessageRecord, **options: Any) -> services.Stored:
    with database.session() as session:
        return services.store_messages(session, records, **options)


def _only(database: Database) -> MailingListMessage:
    with database.session() as session:
        return session.scalars(select(MailingListMessage)).one()


def _get_or_create(database: Database, **fields: Any) -> tuple[MailingListMessage, bool]:
    given = {"sender_profile_id": 7, "msg_id": "A", "sent_at": MOMENT, "list_name": BOOST, **fields}
    with database.session() as session:
        return services.get_or_create_mailing_list_message(session, **given)


def test_a_batch_is_stored_with_its_senders(database: Database) -> None:
    stored = _store(database, _record("A"), _record("B", sender_name="Mi", sender_address=""))
    assert stored.messages == MergeResult(inserted=2)
    with database.session() as session:
        messages = {message.msg_id: message for message in session.scalars(select(MailingListMessage))}
        names = {}
        for msg_id, message in messages.items():
            profile = get_mailing_list_profile_by_id(session, message.sender_profile_id)
            assert profile is not None
            names[msg_id] = profile.display_name
    assert names == {"A": "Jo", "B": "Mi"}
    assert messages["A"].sent_at == MOMENT
    assert messages["A"].list_name == BOOST


def test_storing_the_same_again_writes_nothing(database: Database) -> None:
    records = [_record("A"), _record("B")]
    _store(database, *records)
    before = versions(database)
    assert _store(database, *records).messages == MergeResult(unchanged=2)
    assert versions(database) == before


def test_what_differs_is_updated_and_bumps_the_time_of_change(database: Database) -> None:
    _store(database, _record("A"), _record("B"))
    before = {name: _time_of_change(database, name) for name in "AB"}
    assert _store(database, _record("A", subject="Edited"), _record("B")).messages == MergeResult(0, 1, 1)
    assert _time_of_change(database, "A") > before["A"]
    assert _time_of_change(database, "B") == before["B"]


def _time_of_change(database: Database, msg_id: str) -> datetime:
    with database.session() as session:
        message = session.scalars(select(MailingListMessage).filter_by(msg_id=msg_id)).one()
        assert message.updated_at is not None
        return message.updated_at


def test_the_last_of_equal_ids_counts(database: Database) -> None:
    assert _store(database, _record(subject="first"), _record(subject="second")).messages == MergeResult(inserted=1)
    assert _only(database).subject == "second"


def test_another_lists_copy_adds_the_list_and_changes_nothing_else(database: Database) -> None:
    _store(database, _record(subject="original"))
    assert _store(database, _record(list_name=USERS, subject="[tagged]")).messages == MergeResult(unchanged=1)
    message = _only(database)
    assert (message.list_name, message.subject) == (BOOST, "original")
    with database.session() as session:
        assert services.known_messages(session, USERS, ["A", "B"]) == {"A"}
        assert services.known_messages(session, ANNOUNCE, ["A"]) == set()


def test_one_message_on_two_lists_in_one_batch(database: Database) -> None:
    _store(database, _record(), _record(list_name=USERS))
    with database.session() as session:
        assert set(session.scalars(select(MessageList.list_name))) == {BOOST, USERS}
    assert _only(database).msg_id == "A"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"list_name": ""}, "list_name must be one of"),
        ({"list_name": "else@x"}, "list_name must be one of"),
        ({"msg_id": ""}, "no message id"),
        ({"msg_id": "x" * 256}, "msg_id is longer"),
        ({"sender_name": "x" * 256}, "sender_name is longer"),
        ({"sender_address": "x" * 256}, "sender_address is longer"),
        ({"thread_id": "x" * 256}, "thread_id is longer"),
        ({"parent_id": "x" * 256}, "parent_id is longer"),
    ],
)
def test_what_cannot_be_stored_is_refused_alone_and_leaves_no_profile(
    database: Database, fields: dict[str, Any], reason: str
) -> None:
    bad = _record(**{"msg_id": "BAD", "sender_name": "Nobody", **fields})
    stored = _store(database, bad, _record("GOOD"))
    assert stored.messages == MergeResult(inserted=1)
    [(refused, why)] = stored.refused
    assert refused is bad
    assert reason in why
    assert _only(database).msg_id == "GOOD"
    with database.session() as session:
        assert session.execute(text("SELECT count(*) FROM cppa_user_tracker_mailinglistprofile")).scalar_one() == 1


def test_what_the_database_refuses_does_not_take_the_others_with_it(database: Database) -> None:
    with database.session() as session:
        session.execute(
            text("ALTER TABLE boost_mailing_list_tracker_mailinglistmessage ADD CONSTRAINT x CHECK (subject <> 'odd')")
        )
    records = [_record(str(number), sender_name=f"Person {number}") for number in range(5)]
    odd = _record("ODD", subject="odd", sender_name="Odd")
    stored = _store(database, *records, odd)
    assert stored.messages == MergeResult(inserted=5)
    [(refused, reason)] = stored.refused
    assert refused is odd
    assert 'violates check constraint "x"' in reason
    with database.session() as session:
        names = set(session.scalars(text("SELECT display_name FROM cppa_user_tracker_mailinglistprofile")))
    assert "Odd" not in names


def test_the_longest_values_fit(database: Database) -> None:
    most = "x" * 255
    record = _record(
        most,
        parent_id=most,
        thread_id=most,
        sender_name=most,
        sender_address=most,
        subject="s" * 1024,
        content="c" * 20_000,
    )
    assert _store(database, record).messages == MergeResult(inserted=1)


def test_without_overwriting_a_stored_message_stays_as_it_is(database: Database) -> None:
    _store(database, _record())
    before = versions(database)
    assert _store(database, _record(subject="Other"), overwrite=False).messages == MergeResult(unchanged=1)
    assert versions(database) == before


def test_a_gone_message_is_unknown_and_comes_back_when_it_is_stored(database: Database) -> None:
    _store(database, _record("A"), _record("B"))
    with database.session() as session:
        assert services.mark_gone(session, BOOST, ["B"]) == 1
    with database.session() as session:
        assert services.known_messages(session, BOOST, ["A", "B"]) == {"B"}
    assert _store(database, _record("A")).messages == MergeResult(updated=1)
    with database.session() as session:
        assert services.known_messages(session, BOOST, ["A", "B"]) == {"A", "B"}
        assert session.scalar(select(func.count(MailingListMessage.gone_at))) == 0


def test_no_records_cost_no_statement(database: Database) -> None:
    with statements() as seen, database.session() as session:
        assert services.store_messages(session, []) == services.Stored(MergeResult())
    assert seen == []


def test_get_or_create_makes_a_message_and_returns_it_unchanged_later(database: Database) -> None:
    made, created = _get_or_create(database, msg_id=" A ", subject="first", thread_id="T")
    assert created
    assert (made.msg_id, made.subject, made.thread_id, made.sender_profile_id) == ("A", "first", "T", 7)
    found, created = _get_or_create(database, subject="second", sender_profile_id=8)
    assert not created
    assert (found.id, found.subject, found.sender_profile_id) == (made.id, "first", 7)


@pytest.mark.parametrize("sender", [0, -1, True, "7", None, 7.0])
def test_a_sender_must_be_a_positive_integer(database: Database, sender: Any) -> None:
    with pytest.raises(ValueError, match="sender_profile_id must be a positive integer"):
        _get_or_create(database, sender_profile_id=sender, msg_id="", list_name="")


@pytest.mark.parametrize("msg_id", ["", "  ", None])
def test_an_id_is_needed(database: Database, msg_id: Any) -> None:
    with pytest.raises(ValueError, match="msg_id must not be empty"):
        _get_or_create(database, msg_id=msg_id, list_name="")


@pytest.mark.parametrize("name", ["", None, "boost", "boost@lists.example"])
def test_a_known_list_is_needed(database: Database, name: Any) -> None:
    with pytest.raises(ValueError, match="list_name must be one of"):
        _get_or_create(database, list_name=name)


@pytest.mark.parametrize("name", [ANNOUNCE, USERS, BOOST, f" {BOOST} "])
def test_each_list_is_accepted(database: Database, name: str) -> None:
    assert _get_or_create(database, list_name=name)[0].list_name == name.strip()


def test_get_or_create_accepts_the_longest_values(database: Database) -> None:
    made, _ = _get_or_create(database, msg_id="x" * 255, subject="s" * 1024, content="c" * 10_001)
    assert len(made.content) == 10_001


def test_get_or_create_adds_a_second_list(database: Database) -> None:
    _get_or_create(database)
    _get_or_create(database, list_name=USERS)
    with database.session() as session:
        assert set(session.scalars(select(MessageList.list_name))) == {BOOST, USERS}


def test_a_message_without_date_is_stored(database: Database) -> None:
    assert _get_or_create(database, sent_at=None)[0].sent_at is None


@pytest.mark.parametrize("sender", [0, -1])
def test_the_table_itself_refuses_a_sender_below_one(database: Database, sender: int) -> None:
    with pytest.raises(IntegrityError, match="sender_profile_id_gte_1"), database.session() as session:
        session.add(MailingListMessage(sender_profile_id=sender, msg_id="A", list_name=BOOST))


def test_deleting_a_message_deletes_this_one_only(database: Database) -> None:
    message, _ = _get_or_create(database)
    _get_or_create(database, msg_id="B")
    with database.session() as session:
        services.delete_mailing_list_message(session, message)
    assert _only(database).msg_id == "B"
    with database.session() as session:
        assert session.scalar(select(func.count(MessageList.id))) == 1


def test_a_message_outlives_its_senders_profile(database: Database) -> None:
    _store(database, _record())
    with database.session() as session:
        session.execute(text("DELETE FROM cppa_user_tracker_baseprofile"))
    assert _only(database).msg_id == "A"


def test_single_messages_need_no_table_of_the_identity_hub(database: Database) -> None:
    with database.session() as session:
        session.execute(text("DROP TABLE cppa_user_tracker_baseprofile, cppa_user_tracker_mailinglistprofile CASCADE"))
    assert _get_or_create(database)[1]
