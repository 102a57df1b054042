"""The only writer of the mailing-list tables, and the reads that others may use."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    FromClause,
    String,
    Text,
    cast,
    delete,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.boost_mailing_list_tracker.models import MailingListMessage, MessageList
from boost_collectors.boost_mailing_list_tracker.normalise import MessageRecord
from boost_collectors.core.database.arrays import rows_of
from boost_collectors.core.database.bulk import MergeResult, merge, stage
from boost_collectors.core.database.isolation import store_isolated
from boost_collectors.cppa_user_tracker.services import ensure_mailing_list_profiles, missing_mailing_list_profiles

logger = logging.getLogger(__name__)

BOOST_LISTS = ("boost-announce@lists.boost.org", "boost-users@lists.boost.org", "boost@lists.boost.org")

_MESSAGES: Any = MailingListMessage.__table__
_LISTS: Any = MessageList.__table__
_CHANGING = ("sender_id", "parent_id", "thread_id", "subject", "content", "sent_at", "gone_at")


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: counts of message rows, and the records that cannot be rows with the reason."""

    messages: MergeResult
    refused: tuple[tuple[MessageRecord, str], ...] = ()


def store_messages(
    session: Session,
    records: Iterable[MessageRecord],
    *,
    lists: Collection[str] = BOOST_LISTS,
    overwrite: bool = True,
) -> Stored:
    """Insert or update messages, their senders and their lists in a handful of statements.

    A message belongs to the list it was first seen on, whose edits it follows; every list that carried it has a
    MessageList row. A message that had gone and is back is no longer gone. Nothing is written where nothing differs;
    with ``overwrite`` False a stored message stays as it is. Refused are records that no column can hold, those of a
    list that is not one of ``lists``, and what the database refuses.
    """
    judged = [(record, _refusal(record, lists)) for record in records]
    storable = [record for record, reason in judged if not reason]
    refused = tuple((record, reason) for record, reason in judged if reason)
    if not storable:
        return Stored(MergeResult(), refused)
    stored, bad = store_isolated(session, storable, lambda part: _store(session, part, overwrite=overwrite))
    return Stored(sum(stored, MergeResult()), (*refused, *bad))


def known_messages(session: Session, list_name: str, msg_ids: Sequence[str]) -> set[str]:
    """Those of the ids that are stored as messages of this list and not gone from it."""
    query = (
        select(MailingListMessage.msg_id)
        .join(MessageList, MessageList.message_id == MailingListMessage.id)
        .where(MessageList.list_name == list_name, MailingListMessage.msg_id.in_(msg_ids))
        .where(MessageList.gone_at.is_(None))
    )
    return set(session.scalars(query))


def find_messages_for_index(
    session: Session, *, since: datetime | None, named: Sequence[str], after: int, limit: int
) -> list[MailingListMessage]:
    """The next messages, by row id, that were imported or changed after ``since`` (None: all) or are ``named`` by their
    row id or their id in the archive."""
    query = select(MailingListMessage).where(MailingListMessage.id > after).order_by(MailingListMessage.id).limit(limit)
    if since is not None:
        rows = [int(name) for name in named if name.isascii() and name.isdigit()]
        query = query.where(
            or_(
                MailingListMessage.created_at > since,
                MailingListMessage.updated_at > since,
                MailingListMessage.id.in_(rows),
                MailingListMessage.msg_id.in_(named),
            )
        )
    return list(session.scalars(query))


def mark_gone(session: Session, list_name: str, present: Iterable[str]) -> int:
    """Mark the list's messages that its archive no longer has; ``present`` are all ids it has. Returns how many.

    A message is gone when every list that carried it has lost it; those that only this list lost are not counted.
    """
    with stage(session, "mailing_list_present", {"msg_id": String}) as staging:
        staging.copy((msg_id,) for msg_id in present)
        there = select(_MESSAGES.c.id).join(staging.table, staging.table.c.msg_id == _MESSAGES.c.msg_id)
        session.execute(
            update(_LISTS)
            .where(_LISTS.c.list_name == list_name, _LISTS.c.gone_at.is_(None), _LISTS.c.message_id.not_in(there))
            .values(gone_at=func.now())
        )
    here = select(_LISTS.c.message_id).where(_LISTS.c.list_name == list_name)
    somewhere = select(_LISTS.c.id).where(_LISTS.c.message_id == _MESSAGES.c.id, _LISTS.c.gone_at.is_(None))
    vanished = (
        update(_MESSAGES)
        .where(_MESSAGES.c.gone_at.is_(None), _MESSAGES.c.id.in_(here), ~somewhere.exists())
        .values(gone_at=func.now(), updated_at=func.now())
    )
    return len(session.execute(vanished.returning(_MESSAGES.c.id)).all())


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


def lost_senders(session: Session) -> list[int]:
    """Ids of senders that messages name and for which no profile stands any more: there is no foreign key."""
    named = select(MailingListMessage.sender_profile_id).distinct()
    return missing_mailing_list_profiles(session, session.scalars(named))


def delete_mailing_list_message(session: Session, message: MailingListMessage) -> None:
    """Delete this one message and its list rows."""
    session.execute(delete(MailingListMessage).where(MailingListMessage.id == message.id))


def _store(session: Session, records: Sequence[MessageRecord], *, overwrite: bool) -> MergeResult:
    senders = ensure_mailing_list_profiles(session, ((r.sender_name, r.sender_address) for r in records))
    latest = {record.msg_id: record for record in records}
    merged = merge(
        session,
        _MESSAGES,
        _to_be_stored(_given(latest.values(), senders)),
        key=["msg_id"],
        update=_CHANGING if overwrite else (),
        touch={"updated_at": func.now()},
    )
    _add_to_lists(session, records, revive=overwrite)
    _warn_of_incomplete(records)
    copies = len(latest) - merged.inserted - merged.updated - merged.unchanged
    return merged + MergeResult(unchanged=copies)


def _refusal(record: MessageRecord, lists: Collection[str]) -> str:
    if record.list_name not in lists:
        return f"list_name must be one of {', '.join(sorted(lists))}; not {record.list_name[:80]!r}"
    return record.unstorable


def _given(records: Collection[MessageRecord], senders: Mapping[tuple[str, str | None], int]) -> FromClause:
    # One array a column: for the hundred rows of a page, making a staging table would cost more than the rows.
    return rows_of(
        {
            "msg_id": (String(), [r.msg_id for r in records]),
            "list_name": (String(), [r.list_name for r in records]),
            "sender_id": (BigInteger(), [senders[r.sender_name, r.sender_address] for r in records]),
            "parent_id": (String(), [r.parent_id for r in records]),
            "thread_id": (String(), [r.thread_id for r in records]),
            "subject": (Text(), [r.subject for r in records]),
            "content": (Text(), [r.content for r in records]),
            "sent_at": (DateTime(timezone=True), [r.sent_at for r in records]),
        }
    )


def _to_be_stored(given: FromClause) -> Any:
    """The given rows without those that are another list's copy of a message that we have."""
    stored = _MESSAGES.alias("stored")
    return (
        select(*given.c, cast(null(), DateTime(timezone=True)).label("gone_at"))
        .join_from(given, stored, stored.c.msg_id == given.c.msg_id, isouter=True)
        .where(or_(stored.c.id.is_(None), stored.c.list_name == given.c.list_name, stored.c.gone_at.is_not(None)))
    )


def _add_to_lists(session: Session, records: Iterable[MessageRecord], *, revive: bool) -> None:
    pairs = {(record.msg_id, record.list_name) for record in records}
    given = rows_of(
        {
            "msg_id": (String(), [msg_id for msg_id, _ in pairs]),
            "list_name": (String(), [list_name for _, list_name in pairs]),
        }
    )
    carried = select(_MESSAGES.c.id.label("message_id"), given.c.list_name).join_from(
        given, _MESSAGES, _MESSAGES.c.msg_id == given.c.msg_id
    )
    statement = insert(_LISTS).from_select(["message_id", "list_name"], carried).on_conflict_do_nothing()
    if revive:
        back = carried.subquery("back")
        revived = update(_LISTS).where(
            _LISTS.c.gone_at.is_not(None),
            _LISTS.c.message_id == back.c.message_id,
            _LISTS.c.list_name == back.c.list_name,
        )
        statement = statement.add_cte(revived.values(gone_at=None).cte("revived"))
    session.execute(statement)


def _warn_of_incomplete(records: Iterable[MessageRecord]) -> None:
    for record in records:
        if record.incomplete:
            logger.warning("Incomplete email %s of %s: %s", record.msg_id, record.list_name, record.incomplete)
