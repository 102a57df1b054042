"""The vector store over Pinecone's own library, which is imported here and nowhere else, and only when it is used.

The library repeats what failed with 408, 429 or 5xx, and waits as the service asks; what comes out of it here has
failed for good, or for longer than a task should wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from boost_collectors.core.adapters.pinecone_protocol import FoundRecord, PineconeIndexProtocol
from boost_collectors.core.context import utc_now
from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorError,
    NetworkError,
    NotFoundError,
    RateLimited,
    SourceError,
)

if TYPE_CHECKING:
    from pinecone import Pinecone
    from pinecone.index import Index

READY_TIMEOUT = 300
"""Seconds to wait for a new index."""
USUAL_WAIT = 60.0
"""Seconds, when Pinecone refuses for too many requests without saying for how long."""


def ensure_pinecone_available() -> None:
    """Raises ImportError, saying how to install it, when Pinecone's library is missing."""
    try:
        import_module("pinecone")
    except ImportError as error:
        raise ImportError("Pinecone's library is missing; install it: pip install pinecone") from error


class PineconeAdapter:
    """A Pinecone account."""

    def __init__(self, client: Pinecone) -> None:
        self._client = client

    @classmethod
    def from_api_key(cls, key: str, *, host: str = "") -> Self:
        """The account of a key. ``host``: the address of the control plane, when it is not Pinecone's own."""
        ensure_pinecone_available()
        from pinecone import Pinecone

        return cls(Pinecone(api_key=key, host=host or None))

    def list_index_names(self) -> set[str]:
        with _translated("listing the indexes"):
            return {index.name for index in self._client.indexes.list()}

    def create_index_for_model(self, *, name: str, cloud: str, region: str, embed: Mapping[str, Any]) -> None:
        from pinecone.errors import ConflictError

        # Two syncs may meet a missing index in the same moment: whoever comes second finds it made.
        with _translated(f"creating the index {name!r}"), suppress(ConflictError):
            self._client.indexes.create_for_model(
                name=name, cloud=cloud, region=region, embed=dict(embed), timeout=READY_TIMEOUT
            )

    def get_index(self, *, name: str) -> PineconeIndexProtocol:
        from pinecone.errors import PineconeValueError

        try:
            with _translated(f"opening the index {name!r}"):
                return _IndexAdapter(name, self._client.index(name))
        except SourceError as error:
            if isinstance(error.__cause__, PineconeValueError):  # it has no address while it is being made
                raise NetworkError(str(error)) from error
            raise


class _IndexAdapter:
    def __init__(self, name: str, index: Any) -> None:
        self._name = name
        self._index: Index = index

    def upsert_records(self, *, records: Sequence[Mapping[str, Any]], namespace: str) -> None:
        with _translated(f"writing {len(records)} records to {self._name!r}"):
            self._index.upsert_records(records=[dict(record) for record in records], namespace=namespace)

    def update(self, *, id: str, set_metadata: Mapping[str, Any], namespace: str) -> None:
        with _translated(f"updating the vector {id!r} of {self._name!r}"):
            self._index.update(id=id, set_metadata=dict(set_metadata), namespace=namespace)

    def delete(self, *, ids: Sequence[str], namespace: str) -> None:
        with _translated(f"deleting {len(ids)} vectors of {self._name!r}"):
            self._index.delete(ids=list(ids), namespace=namespace)

    def list_ids(self, *, namespace: str) -> Iterator[str]:
        with _translated(f"listing the vectors of {self._name!r}"):
            for page in self._index.list(namespace=namespace):
                yield from (vector.id for vector in page.vectors if vector.id)

    def search(
        self, *, text: str, top_k: int, namespace: str, filter: Mapping[str, Any] | None = None
    ) -> list[FoundRecord]:
        with _translated(f"searching {self._name!r}"):
            answer = self._index.search(namespace=namespace, top_k=top_k, inputs={"text": text}, filter=filter or None)
            return [FoundRecord(hit.id, hit.score, dict(hit.fields)) for hit in answer.result.hits]

    def describe_index_stats(self) -> Mapping[str, Any]:
        with _translated(f"asking for the counts of {self._name!r}"):
            stats = self._index.describe_index_stats()
        return {
            "total_vector_count": stats.total_vector_count,
            "dimension": stats.dimension,
            "index_fullness": stats.index_fullness,
            "namespaces": {name: space.vector_count for name, space in stats.namespaces.items()},
        }


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    from pinecone.errors import ApiError, PineconeError

    try:
        yield
    except ApiError as error:
        raise _answered(doing, error) from error
    except PineconeError as error:
        raise _unanswered(doing, error) from error


def _answered(doing: str, error: Any) -> CollectorError:
    status = error.status_code
    message = f"Pinecone failed at {doing}: {status} {error.message}"
    if status in (401, 403):
        return AuthenticationError(message)
    if status == 404:
        return NotFoundError(message)
    if status == 429:
        return RateLimited(message, retry_at=utc_now() + timedelta(seconds=_retry_after(error.headers or {})))
    if status >= 500 or status == 408:
        return NetworkError(message)
    return SourceError(message)


def _unanswered(doing: str, error: Exception) -> CollectorError:
    from pinecone.errors import PineconeConnectionError, PineconeTimeoutError, ResponseParsingError

    message = f"Pinecone failed at {doing}: {error}"
    transport = isinstance(error, (PineconeConnectionError, PineconeTimeoutError, ResponseParsingError))
    return NetworkError(message) if transport else SourceError(message)


def _retry_after(headers: Mapping[str, str]) -> float:
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    try:
        return max(float(given), 1.0)
    except ValueError:
        return USUAL_WAIT
