"""Messages as documents for the vector index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from boost_collectors.boost_mailing_list_tracker.models import MailingListMessage
from boost_collectors.boost_mailing_list_tracker.services import find_messages_for_index
from boost_collectors.core.context import RunContext
from boost_collectors.core.document_pages import Item, Page, read_document_pages
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_user_tracker.models import MailingListProfile
from boost_collectors.cppa_user_tracker.services import get_mailing_list_profiles_by_ids

PAGE_SIZE = 1000


def preprocess_mailing_list_for_pinecone(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext | None = None
) -> tuple[Iterator[Item], bool]:
    """Messages that are new, changed or gone since the last sync, and those that failed then, as whole documents.

    ``failed_ids``: row ids, or the archive's ids. Read page by page as the documents are taken. ``context``: a run's
    database; without one, that of the settings.
    """
    named = list(dict.fromkeys(name for name in (str(failed).strip() for failed in failed_ids) if name))

    def read(session: Session, _settings: Settings, after: int) -> Page[int]:
        page = find_messages_for_index(session, since=final_sync_at, named=named, after=after, limit=PAGE_SIZE)
        senders = get_mailing_list_profiles_by_ids(session, (message.sender_profile_id for message in page))
        last = page[-1].id if len(page) == PAGE_SIZE else None
        return [item for message in page if (item := item_of(message, senders))], last

    return read_document_pages(context, 0, read), False


def item_of(message: MailingListMessage, senders: Mapping[int, MailingListProfile]) -> Item | None:
    """The document of a message; None when it says nothing."""
    author = _name(senders.get(message.sender_profile_id))
    metadata = {
        "doc_id": message.msg_id,
        "type": "mailing",
        "thread_id": message.thread_id,
        "subject": message.subject,
        "author": author,
        "timestamp": int(message.sent_at.timestamp()) if message.sent_at else 0,
        "parent_id": message.parent_id,
        "list_name": message.list_name,
        "source_ids": str(message.id),
    }
    if message.gone_at:
        return {"gone": True, "metadata": metadata}
    content = _text(message, author)
    return {"content": content, "metadata": metadata} if content else None


def _text(message: MailingListMessage, author: str) -> str:
    subject, body = message.subject.strip(), message.content.strip()
    lines = [
        *([f"Subject: {subject}"] if subject else []),
        *([f"Sender: {author}"] if author else []),
        f"List: {message.list_name}",
        *([f"Sent At: {message.sent_at.isoformat()}"] if message.sent_at else []),
        *(["", body] if body else []),
    ]
    return "\n".join(lines).strip()


def _name(profile: MailingListProfile | None) -> str:
    if profile is None:
        return ""
    return profile.display_name.strip() or (profile.identity.display_name if profile.identity else "")
