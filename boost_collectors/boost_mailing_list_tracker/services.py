"""The only writer of the mailing-list tables, and the reads that others may use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, String, Text, cast, delete, func, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from boost_collectors.boost_mailing_list_tracker.models import MailingListMessage, MessageList
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord
from boost_collectors.core.database.bulk import MergeResult, merge, stage
from boost_collectors.cppa_user_tracker.services import ensure_mailing_list_profiles

BOOST_LISTS = ("boost-announce@lists.boost.org", "boost-users@lists.boost.org", "boost@lists.boost.org")

_MESSAGES: Any = MailingListMessage.__table__
_LISTS: Any = MessageList.__table__
_STAGED: Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    "msg_id": String,
    "list_name": String,
    "sender_id": BigInteger,
    "parent_id": String,
    "thread_id": String,
    "subject": Text,
    "content": Text,
    "sent_at": DateTime(timezone=True),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: counts of message rows, and the records that cannot be rows with the reason."""

    messages: MergeResult
    refused: tuple[tuple[MessageRecord, str], ...] = ()


def store_messages(session: Session, records: Iterable[MessageRecord]) -> Stored:
    """Insert or update messages, their senders and their lists in a handful of statements.

    A message keeps the list it was first seen on; every list that carried it has a MessageList row. A message that
    had gone and is back is no longer gone. Nothing is written where nothing differs.
    """
    storable, refused = [], []
    for record in records:
        if reason := record.unstorable:
            refused.append((record, reason))
        else:
            storable.append(record)
    if not storable:
        return Stored(MergeResult(0, 0, 0), tuple(refused))
    senders = ensure_mailing_list_profiles(session, {(r.sender_name, r.sender_address) for r in storable})
    with stage(session, "mailing_list_message", _STAGED) as staging:
        staging.copy(_row(record, senders[record.sender_name, record.sender_address]) for record in storable)
        staged = staging.table.c
        merged = merge(
            session,
            _MESSAGES,
            select(*(staged[name] for name in _STAGED), cast(null(), DateTime(timezone=True)).label("gone_at")),
            key=["msg_id"],
            update=["sender_id", "parent_id", "thread_id", "subject", "content", "sent_at", "gone_at"],
            touch={"updated_at": func.now()},
        )
        lists = select(_MESSAGES.c.id.label("message_id"), staged.list_name).join(
            staging.table, staged.msg_id == _MESSAGES.c.msg_id
        )
        merge(session, _LISTS, lists, key=["message_id", "list_name"], update=())
    return Stored(merged, tuple(refused))


def known_messages(session: Session, list_name: str, msg_ids: Sequence[str]) -> set[str]:
    """Those of the ids that are stored as messages of this list and not gone."""
    query = (
        select(MailingListMessage.msg_id)
        .join(MessageList, MessageList.message_id == MailingListMessage.id)
        .where(MessageList.list_name == list_name, MailingListMessage.msg_id.in_(msg_ids))
        .where(MailingListMessage.gone_at.is_(None))
    )
    return set(session.scalars(query))


def mark_gone(session: Session, list_name: str, present: Iterable[str]) -> int:
    """Mark the list's messages that the archive no longer has; ``present`` are all ids it has. Returns how many.

    A message that another list carries too is not gone.
    """
    with stage(session, "mailing_list_present", {"msg_id": String}) as staging:
        staging.copy((msg_id,) for msg_id in present)
        elsewhere: Any = select(literal_column("1")).where(
            _LISTS.c.message_id == _MESSAGES.c.id, _LISTS.c.list_name != list_name
        )
        vanished = (
            update(MailingListMessage)
            .where(
                MailingListMessage.gone_at.is_(None),
                MailingListMessage.id.in_(select(_LISTS.c.message_id).where(_LISTS.c.list_name == list_name)),
                MailingListMessage.msg_id.not_in(select(staging.table.c.msg_id)),
                ~elsewhere.exists(),
            )
            .values(gone_at=func.now(), updated_at=func.now())
            .returning(MailingListMessage.id)
            .execution_options(synchronize_session=False)
        )
        return len(session.scalars(vanished).all())


def get_or_create_mailing_list_message(
    session: Session,
    sender_profile_id: int,
    msg_id: str,
    sent_at: datetime | None,
    parent_id: str = "",
    thread_id: str = "",
    subject: str = "",
    content: str = "",
    list_name: str = "",
    *,
    lists: Collection[str] = BOOST_LISTS,
) -> tuple[MailingListMessage, bool]:
    """The message of that id and whether it was created now; one that exists is returned as it is.

    Raises ValueError for a sender that is no positive integer, a blank id, or a list that is not one of ``lists``.
    """
    if not isinstance(sender_profile_id, int) or isinstance(sender_profile_id, bool) or sender_profile_id < 1:
        raise ValueError(f"sender_profile_id must be a positive integer, not {sender_profile_id!r}")
    msg_id, list_name = (msg_id or "").strip(), (list_name or "").strip()
    if not msg_id:
        raise ValueError("msg_id must not be empty")
    if list_name not in lists:
        raise ValueError(f"list_name must be one of {', '.join(sorted(lists))}; not {list_name!r}")
    values = {
        "sender_profile_id": sender_profile_id,
        "msg_id": msg_id,
        "sent_at": sent_at,
        "parent_id": parent_id,
        "thread_id": thread_id,
        "subject": subject,
        "content": content,
        "list_name": list_name,
    }
    created = session.scalar(
        insert(MailingListMessage).values(values).on_conflict_do_nothing().returning(MailingListMessage)
    )
    message = created or session.scalars(select(MailingListMessage).filter_by(msg_id=msg_id)).one()
    session.execute(insert(MessageList).values(message_id=message.id, list_name=list_name).on_conflict_do_nothing())
    return message, created is not None


def delete_mailing_list_message(session: Session, message: MailingListMessage) -> None:
    """Delete this one message and its list rows."""
    session.execute(delete(MailingListMessage).where(MailingListMessage.id == message.id))


def _row(record: MessageRecord, sender_id: int) -> tuple[Any, ...]:
    return (
        record.msg_id,
        record.list_name,
        sender_id,
        record.parent_id,
        record.thread_id,
        record.subject,
        record.content,
        record.sent_at,
    )
