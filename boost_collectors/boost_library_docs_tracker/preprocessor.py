"""Pages of the documentation as documents for the vector index: one a text, however many pages and releases have it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from boost_collectors.boost_library_docs_tracker.services import IndexedText, texts_for_index
from boost_collectors.boost_library_docs_tracker.workspace import load_page
from boost_collectors.core.context import RunContext
from boost_collectors.core.document_pages import Item, Page, read_document_pages
from boost_collectors.core.settings import Settings
from boost_collectors.core.utils.boost_version_operations import encode_boost_version_string
from boost_collectors.core.workspace import Workspace

PAGE_SIZE = 100
"""Texts read at a time."""

logger = logging.getLogger(__name__)


def preprocess_boost_library_docs(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext | None = None
) -> tuple[Iterator[Item], bool]:
    """Texts that the index does not have, those that no page has any more, and those that failed, as whole documents.

    ``failed_ids``: row ids, also several in one text with commas between. ``context``: a run's database and workspace;
    without one, those of the environment.
    """
    named = _row_ids(failed_ids)

    def read(session: Session, settings: Settings, after: int) -> Page[int]:
        page = texts_for_index(session, since=final_sync_at, named=named, after=after, limit=PAGE_SIZE)
        workspace = Workspace.from_settings(settings)
        last = page[-1].id if len(page) == PAGE_SIZE else None
        return [item for text in page if (item := item_of(text, workspace))], last

    return read_document_pages(context, 0, read), False


def item_of(text: IndexedText, workspace: Workspace) -> Item | None:
    """The document of a text; None, with a warning, when its file is missing or holds another text by now."""
    metadata: Item = {
        "doc_id": text.content_hash,
        "url": text.url,
        "library_name": text.library,
        "source_ids": str(text.id),
    }
    releases = {"first_version_key": text.first_release, "last_version_key": text.last_release}
    keys = {name: encode_boost_version_string(tag) for name, tag in releases.items()}
    metadata |= {name: key for name, key in keys.items() if key is not None}
    if text.is_gone:
        return {"gone": True, "metadata": metadata}
    content = load_page(workspace, text.url)
    if content is None:
        logger.warning("The text of %s is not in the workspace: it is left out", text.url)
        return None
    if sha256(content.encode()).hexdigest() != text.content_hash:
        logger.warning("The file of %s holds another text than the one that is stored: it is left out", text.url)
        return None
    return {"content": content, "metadata": metadata}


def _row_ids(failed_ids: Sequence[str]) -> list[int]:
    ids: dict[int, None] = {}
    for part in (part.strip() for failed in failed_ids for part in str(failed).split(",")):
        if part.isascii() and part.isdigit() and len(part) < 19:
            ids[int(part)] = None
        elif part:
            logger.warning("%r is no row id of a text and is ignored", part)
    return list(ids)
