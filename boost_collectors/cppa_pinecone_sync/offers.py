"""What a preprocessor offers, parted into documents that are in the index as they are and those to look at."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boost_collectors.cppa_pinecone_sync.documents import Document, RejectedItem, base_of, document_of, tracked_ids
from boost_collectors.cppa_pinecone_sync.records import DIGEST_SIZE
from boost_collectors.cppa_pinecone_sync.summary import Summary

Item = Mapping[str, Any]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """A document, or the chunks of one that its preprocessor has split. ``digest`` is None when a part of it was
    rejected: such a one is looked at each time."""

    group: Sequence[Document]
    digest: bytes | None


class Offers:
    """Parts documents by digests of all that their preprocessor says of them; most are never made into documents.

    ``known``: digests of what is wholly in the index; who replaces it takes them out. ``version``: differs when the
    same document would give other chunks.
    """

    def __init__(self, known: set[bytes], version: str, summary: Summary) -> None:
        self._known, self._summary = known, summary
        self._start = hashlib.blake2b(version.encode(), digest_size=DIGEST_SIZE)

    def changed(self, items: Iterable[Item], *, chunked: bool, size: int) -> Iterator[dict[str, Offer]]:
        """Documents that are not in the index as they are, by base, ``size`` at a time; the last offer of one counts.

        ``chunked``: neighbours of one base are a document. Counts all of them, and what is rejected, in the summary.
        """
        known, summary = self._known, self._summary
        page: dict[str, Offer] = {}
        for group in _neighbours(items) if chunked else ((item,) for item in items):
            digest = self.digest(group)
            if digest in known:
                summary.unchanged += 1
                for item in group:
                    summary.attempt(tracked_ids(item))
                if page:
                    page.pop(base_of(group[0]), None)
                continue
            documents = [document for item in group if (document := self._accepted(item))]
            if documents:
                whole = len(documents) == len(group)
                page[documents[0].base] = Offer(documents, digest if whole else None)
            if len(page) == size:
                yield page
                page = {}
        if page:
            yield page

    def digest(self, group: Iterable[Item]) -> bytes:
        """What stays the same as long as a document, its metadata and its rows do."""
        digest = self._start.copy()
        for item in group:
            digest.update(_told(item))
        return digest.digest()

    def _accepted(self, item: Item) -> Document | None:
        try:
            document = document_of(item)
        except RejectedItem as error:
            self._summary.attempt(error.source_ids)
            self._summary.fail(error.source_ids, str(error))
            self._summary.errors.append(str(error))
            return None
        if document is None:
            logger.warning("A document without doc_id and url is left out: %.200r", item.get("metadata"))
            return None
        self._summary.attempt(document.source_ids)
        return document


def _neighbours(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Neighbouring items of one base; one without a base, which is left out later, parts nothing."""
    group: list[Item] = []
    for item in items:
        base = base_of(item)
        if group and base and base != base_of(group[0]):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _told(item: Item) -> bytes:
    """All of an item. The text stands apart, after its length: it need not be spelled as JSON."""
    content = item.get("content")
    if not isinstance(content, str):
        return _spelled(dict(item))
    return _spelled({**item, "content": len(content)}) + content.encode("utf-8", "surrogatepass")


def _spelled(values: dict[str, Any]) -> bytes:
    try:
        return _json(values).encode()
    except (TypeError, ValueError):  # keys of several kinds, or a value that holds itself
        return repr(values).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else [type(value).__name__, str(value)]


# Made once: json.dumps would make an encoder for every call with an option.
_json = json.JSONEncoder(sort_keys=True, default=_plain).encode
