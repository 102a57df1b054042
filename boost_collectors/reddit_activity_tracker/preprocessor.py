"""Submissions with their comments as documents for the vector index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from boost_collectors.core.context import RunContext
from boost_collectors.core.document_pages import Item, Page, read_document_pages
from boost_collectors.core.settings import Settings
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.core.utils.text_processing import clean_text
from boost_collectors.reddit_activity_tracker.records import SITE
from boost_collectors.reddit_activity_tracker.services import Thread, ThreadComment, find_threads

PAGE_SIZE = 100
"""Submissions in memory at a time: some have thousands of comments."""
NOBODY = "[unknown]"


def preprocess_reddit_for_pinecone(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext | None = None
) -> tuple[Iterator[Item], bool]:
    """Submissions with all their comments, a document each, where any of these is new, changed or gone since the last
    sync, or failed then.

    ``failed_ids``: full names of submissions (``t3_…``). Read page by page as the documents are taken. ``context``: a
    run's database and settings; without one, those of the environment.
    """
    named = {name for failed in failed_ids if (name := str(failed).strip())}

    def read(session: Session, _settings: Settings, after: int) -> Page[int]:
        threads = find_threads(session, since=final_sync_at, named=named, after=after, limit=PAGE_SIZE)
        last = threads[-1].row if len(threads) == PAGE_SIZE else None
        return [item_of(thread) for thread in threads], last

    return read_document_pages(context, 0, read), False


def item_of(thread: Thread) -> Item:
    """The document of a submission; one that is gone when neither it nor a comment is left."""
    # Of a submission that is gone only the comments are left, which Reddit still shows.
    metadata = {
        "doc_id": f"reddit-{thread.fullname}",
        "type": "reddit",
        "title": "" if thread.is_gone else thread.title,
        "subreddit": thread.subreddit,
        "author": "" if thread.is_gone else thread.user,
        "timestamp": thread.written_at,
        "url": f"{SITE}{thread.permalink}",
        "source_ids": thread.fullname,
    }
    said = [*_submission(thread), *_comments(thread)]
    if not said:
        return {"gone": True, "metadata": metadata}
    return {"content": "\n\n".join([f"Subreddit: r/{thread.subreddit}", *said]), "metadata": metadata}


def _submission(thread: Thread) -> Iterator[str]:
    # The title itself is put before every chunk by the sync.
    if thread.is_gone or not (thread.title or thread.text):
        return
    written_at = format_utc_z(datetime.fromtimestamp(thread.written_at, UTC))
    yield f"Author: {thread.user or NOBODY}\nPosted: {written_at}"
    if text := _plain(thread.text):
        yield text


def _comments(thread: Thread) -> Iterator[str]:
    """What comments say, each after the one it answers, and whom it answers."""
    users = {comment.fullname: comment.user for comment in thread.comments if not comment.is_gone}
    for comment in _in_tree_order(thread.comments):
        if comment.is_gone or not (text := _plain(comment.text)):
            continue
        answered = f" to {users[comment.parent] or NOBODY}" if comment.parent in users else ""
        yield f"{comment.user or NOBODY}{answered}: {text}"


def _in_tree_order(comments: Sequence[ThreadComment]) -> Iterator[ThreadComment]:
    """Each comment with all below it before the next; one that answers none that is stored stands at the top."""
    stored = {comment.fullname for comment in comments}
    below: defaultdict[str, list[ThreadComment]] = defaultdict(list)
    for comment in comments:
        below[comment.parent if comment.parent in stored else ""].append(comment)
    # No recursion: people answer each other thousands deep.
    left = below[""][::-1]
    while left:
        comment = left.pop()
        yield comment
        left += below[comment.fullname][::-1]


def _plain(text: str) -> str:
    return clean_text(text, remove_extra_spaces=False)
