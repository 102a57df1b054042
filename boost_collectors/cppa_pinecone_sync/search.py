"""Answers of the vector store to a question: both indexes are asked, and what both find comes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from boost_collectors.core.adapters.pinecone_protocol import FoundRecord, PineconeIndexProtocol, SearchableIndexProtocol
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.excerpt import excerpt_of
from boost_collectors.cppa_pinecone_sync.index_pair import IndexPair
from boost_collectors.cppa_pinecone_sync.links import link_of
from boost_collectors.cppa_pinecone_sync.place import PineconeInstance, account_of
from boost_collectors.cppa_pinecone_sync.stores import indexes_of

CHUNKS_PER_ANSWER = 3
"""Chunks asked for per answer: several of one document are one answer."""
RANK_OFFSET = 60
"""How little the order at the top of one index weighs against being found by both."""
MOST_REQUESTS = 8
"""Requests at a time."""
LONGEST_TITLE = 100
DATES = ("timestamp", "updated_at", "created_at")
"""Metadata in seconds that says when a document is of, the first that is there."""


@dataclass(frozen=True, slots=True)
class Question:
    """``source``: only documents of that type; ``since``: only those of then or later, which says their metadata."""

    text: str
    source: str = ""
    since: datetime | None = None
    limit: int = 10

    @property
    def filter(self) -> dict[str, Any]:
        """In Pinecone's notation."""
        wanted: dict[str, Any] = {"type": {"$eq": self.source}} if self.source else {}
        if self.since:
            seconds = int(self.since.timestamp())
            wanted["$or"] = [{name: {"$gte": seconds}} for name in DATES[:2]]
        return wanted


@dataclass(frozen=True, slots=True)
class Answer:
    """A document that was found, with the part of it that answers best. What is unknown is empty."""

    title: str
    source: str
    date: datetime | None
    author: str
    url: str
    excerpt: str
    namespace: str
    doc_id: str
    score: float

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "date": self.date.isoformat() if self.date else ""}


def synced_documents(database: Database, settings: Settings, instance: PineconeInstance) -> dict[str, int]:
    """How many documents each namespace of an account has, by the ledger."""
    with database.session() as session:
        return services.documents_by_namespace(session, account_of(settings.vector_store, instance))


def search_documents(
    database: Database,
    settings: Settings,
    question: Question,
    namespaces: Sequence[str],
    instance: PineconeInstance = PineconeInstance.PUBLIC,
) -> list[Answer]:
    """The best answers of these namespaces, best first. Raises what connecting to the store raises and its errors."""
    indexes = indexes_of(settings, database, instance)
    found = _asked(indexes, question, namespaces)
    scores: dict[tuple[str, str], float] = {}
    best: dict[tuple[str, str], FoundRecord] = {}
    for half in found:
        for rank, (key, record) in enumerate(_documents(half), start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (RANK_OFFSET + rank)
            best.setdefault(key, record)
    # Stable: of equals that one comes first which was first found by its words.
    order = sorted(scores, key=lambda key: -scores[key])[: question.limit]
    return [_answer(key, best[key], scores[key], question, settings) for key in order]


def _asked(
    indexes: IndexPair, question: Question, namespaces: Sequence[str]
) -> tuple[list[tuple[str, FoundRecord]], list[tuple[str, FoundRecord]]]:
    """What the sparse index found in all namespaces, and what the dense one did, best first.

    The words come first: of a document that both found, the chunk with the words is shown.
    """
    halves = (_searchable(indexes.sparse), _searchable(indexes.dense))
    wanted = question.limit * CHUNKS_PER_ANSWER

    def ask(index: SearchableIndexProtocol, namespace: str) -> list[tuple[str, FoundRecord]]:
        records = index.search(text=question.text, top_k=wanted, namespace=namespace, filter=question.filter)
        return [(namespace, record) for record in records]

    with ThreadPoolExecutor(min(MOST_REQUESTS, 2 * len(namespaces))) as pool:
        waiting = [[pool.submit(ask, index, namespace) for namespace in namespaces] for index in halves]
        sparse, dense = ([found for part in parts for found in part.result()] for parts in waiting)
    # Scores of one index mean the same in every namespace.
    return _by_score(sparse), _by_score(dense)


def _searchable(index: PineconeIndexProtocol) -> SearchableIndexProtocol:
    if not isinstance(index, SearchableIndexProtocol):
        raise TypeError(f"{type(index).__name__} cannot be searched")
    return index


def _by_score(found: Iterable[tuple[str, FoundRecord]]) -> list[tuple[str, FoundRecord]]:
    return sorted(found, key=lambda pair: (-pair[1].score, pair[1].id))


def _documents(found: Iterable[tuple[str, FoundRecord]]) -> Iterator[tuple[tuple[str, str], FoundRecord]]:
    """The best chunk of each document, in order; what has neither name nor address stands for itself."""
    seen: set[tuple[str, str]] = set()
    for namespace, record in found:
        key = (namespace, str(record.fields.get("doc_id") or record.fields.get("url") or record.id))
        if key not in seen:
            seen.add(key)
            yield key, record


def _answer(key: tuple[str, str], record: FoundRecord, score: float, question: Question, settings: Settings) -> Answer:
    fields = record.fields
    text = str(fields.get("chunk_text", "")).removeprefix(f"Title: {fields.get('title', '')}\n\n")
    return Answer(
        title=_title(fields, text),
        source=str(fields.get("type") or ""),
        date=_date(fields),
        author=str(fields.get("author") or fields.get("user_name") or ""),
        url=link_of(fields, settings),
        excerpt=excerpt_of(text, question.text),
        namespace=key[0],
        doc_id=key[1],
        score=round(score, 6),
    )


def _title(fields: Mapping[str, Any], text: str) -> str:
    title = str(fields.get("title") or fields.get("subject") or "").strip() or text.strip().partition("\n")[0]
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _date(fields: Mapping[str, Any]) -> datetime | None:
    for name in DATES:
        seconds = fields.get(name)
        if isinstance(seconds, (int, float)) and seconds > 0:
            return datetime.fromtimestamp(seconds, UTC)
    return None
