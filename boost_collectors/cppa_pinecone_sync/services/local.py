"""The two indexes of the local store, in the project database: words, and meanings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    REAL,
    ColumnElement,
    Float,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.core.database.bulk import bulk_merge
from boost_collectors.core.utils.storable import storable, storable_json
from boost_collectors.cppa_pinecone_sync.models import LocalEmbedding, LocalText

LANGUAGE: Any = literal_column("'english'::regconfig")
NORMALISED = 32
"""``ts_rank_cd``: from 0 to 1, so that texts of other namespaces can be compared."""
_KEY = ("account", "namespace", "vector_id")
_COMPARISONS = {"$eq": "__eq__", "$gte": "__ge__"}

Filter = Mapping[str, Any]
"""Pinecone's notation: ``{"type": {"$eq": "mailing"}, "timestamp": {"$gte": 1}}``; ``$and`` and ``$or`` of lists."""


class LocalSpace(NamedTuple):
    """A namespace of an account in the local store."""

    account: str
    namespace: str


class LocalHit(NamedTuple):
    """A record that was found; the higher its score the better."""

    vector_id: str
    score: float
    chunk_text: str
    fields: dict[str, Any]


def write_texts(session: Session, space: LocalSpace, rows: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Write records of id, text and metadata in place of those that are stored."""
    given = ((*space, identifier, storable(chunk), storable_json(fields)) for identifier, chunk, fields in rows)
    bulk_merge(session, LocalText, [*_KEY, "chunk_text", "fields"], given, key=_KEY)


def write_embeddings(session: Session, space: LocalSpace, rows: Iterable[tuple[str, Sequence[float]]]) -> None:
    """Write what texts mean, by the ids of their records."""
    given = ((*space, identifier, list(embedding)) for identifier, embedding in rows)
    bulk_merge(session, LocalEmbedding, [*_KEY, "embedding"], given, key=_KEY)


def set_fields(session: Session, space: LocalSpace, identifier: str, fields: Mapping[str, Any]) -> None:
    """Set metadata of one record, whose other metadata stay; nothing when it is not there."""
    changed = update(LocalText).where(_of(LocalText, space), LocalText.vector_id == identifier)
    session.execute(changed.values(fields=LocalText.fields.op("||")(cast(storable_json(fields), JSONB))))


def delete_records(
    session: Session, model: type[LocalText | LocalEmbedding], space: LocalSpace, identifiers: Collection[str]
) -> None:
    """Remove records from one index; ids that are not there are no error."""
    session.execute(delete(model).where(_of(model, space), among(model.vector_id.expression, identifiers)))


def record_ids(
    session: Session, model: type[LocalText | LocalEmbedding], space: LocalSpace, page: int = 10_000
) -> Iterator[str]:
    """The ids of all records of one index, page by page."""
    last = ""
    while True:
        query = select(model.vector_id).where(_of(model, space), model.vector_id > last)
        found = session.scalars(query.order_by(model.vector_id).limit(page)).all()
        yield from found
        if len(found) < page:
            return
        last = found[-1]


def record_counts(session: Session, model: type[LocalText | LocalEmbedding], account: str) -> dict[str, int]:
    """How many records one index has, by namespace."""
    query = select(model.namespace, func.count()).where(model.account == account).group_by(model.namespace)
    return {row[0]: row[1] for row in session.execute(query)}


def compares_meanings(session: Session) -> bool:
    """Whether the server has what compares embeddings: pgvector."""
    return session.scalar(text("SELECT to_regtype('vector') IS NOT NULL")) is True


def find_meanings(
    session: Session, space: LocalSpace, embedding: Sequence[float], *, least: float, limit: int, given: Filter
) -> list[LocalHit]:
    """The records whose texts mean nearly what the embedding does, down to a cosine of ``least``.

    Every record is compared: no approximate index, whose upkeep costs more than it saves at this size.
    """
    wanted: ColumnElement[Any] = cast(literal(list(embedding), ARRAY(REAL)), ARRAY(REAL))
    # Both are of length one, of which the inner product is the cosine.
    cosine = cast(literal(-1.0), Float) * _vector(LocalEmbedding.embedding).op("<#>", return_type=Float())(
        _vector(wanted)
    )
    score = cosine.label("score")
    near = select(LocalEmbedding.vector_id, score).where(_of(LocalEmbedding, space))
    if given:
        near = near.join(LocalText, _same()).where(matches(given))
    best = near.order_by(score.desc(), LocalEmbedding.vector_id).limit(limit).subquery("best")
    return _hits(session, space, best, least)


def find_words(session: Session, space: LocalSpace, words: str, *, limit: int, given: Filter) -> list[LocalHit]:
    """The records with the words of a query as people type them into a search engine: ``"a phrase"``, ``or``, ``-not``.

    Those with all of the words come first, those with some of them only when there are not enough. Scores of the ones
    are above 1 and of the others below, however often these have their few words.
    """
    every = func.websearch_to_tsquery(LANGUAGE, words)
    found = [hit._replace(score=1 + hit.score) for hit in _with_words(session, space, every, limit=limit, given=given)]
    if len(found) < limit and (some := _loosened(session, every)):
        known = {hit.vector_id for hit in found}
        rest = _with_words(session, space, cast(some, TSQUERY), limit=limit, given=given)
        found += [hit for hit in rest if hit.vector_id not in known]
    return found[:limit]


def matches(given: Filter) -> ColumnElement[bool]:
    """A filter in Pinecone's notation as a condition on a record's metadata. Raises ValueError for other operators."""
    return and_(true(), *(_condition(name, wanted) for name, wanted in given.items()))


def _condition(name: str, wanted: Any) -> ColumnElement[bool]:
    if name in ("$and", "$or"):
        return (and_ if name == "$and" else or_)(*(matches(part) for part in wanted))
    parts = wanted if isinstance(wanted, Mapping) else {"$eq": wanted}
    unknown = [operator for operator in parts if operator not in _COMPARISONS]
    if unknown:
        raise ValueError(f"a filter may compare by {', '.join(_COMPARISONS)}, not by {', '.join(unknown)}")
    value = LocalText.fields[name]
    # Values of another kind than the one asked for are no match: JSON would order numbers before text.
    return and_(
        *(
            condition
            for operator, operand in parts.items()
            for condition in (
                func.jsonb_typeof(value) == func.jsonb_typeof(cast(operand, JSONB)),
                getattr(value, _COMPARISONS[operator])(cast(operand, JSONB)),
            )
        )
    )


def _with_words(
    session: Session, space: LocalSpace, query: ColumnElement[Any], *, limit: int, given: Filter
) -> list[LocalHit]:
    score = func.ts_rank_cd(LocalText.words, query, NORMALISED).label("score")
    having: Select[Any] = select(LocalText.vector_id, score).where(
        _of(LocalText, space), LocalText.words.op("@@")(query), matches(given)
    )
    best = having.order_by(score.desc(), LocalText.vector_id).limit(limit).subquery("best")
    return _hits(session, space, best, 0.0)


def _loosened(session: Session, query: ColumnElement[Any]) -> str:
    """The query with any of its words instead of all; empty when it has one word, or words that must not be there."""
    asked: str = session.scalars(select(cast(query, Text))).one()
    return asked.replace(" & ", " | ") if " & " in asked and "!" not in asked else ""


def _hits(session: Session, space: LocalSpace, best: FromClause, least: float) -> list[LocalHit]:
    query = (
        select(best.c.vector_id, best.c.score, LocalText.chunk_text, LocalText.fields)
        .join(LocalText, and_(_of(LocalText, space), LocalText.vector_id == best.c.vector_id))
        .where(best.c.score >= least)
        .order_by(best.c.score.desc(), best.c.vector_id)
    )
    return [LocalHit(*row) for row in session.execute(query)]


def _of(model: type[LocalText | LocalEmbedding], space: LocalSpace) -> ColumnElement[bool]:
    return and_(model.account == space.account, model.namespace == space.namespace)


def _same() -> ColumnElement[bool]:
    return and_(*(getattr(LocalText, name) == getattr(LocalEmbedding, name) for name in _KEY))


def _vector(array: ColumnElement[Any] | Any) -> ColumnElement[Any]:
    return func.array_to_vector(array, -1, True)
