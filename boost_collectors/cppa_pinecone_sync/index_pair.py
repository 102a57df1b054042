"""The two indexes of an account: the dense one, and the sparse one beside it, with the same vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from boost_collectors.core.adapters.pinecone_protocol import PineconeClientProtocol, PineconeIndexProtocol
from boost_collectors.core.errors import NetworkError, NotFoundError, SourceError, TransientError
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.records import batches

LARGEST_REQUEST = 2_000_000
"""Bytes of records in one request that Pinecone takes."""
MOST_IN_A_DELETE = 1000
MOST_FAILED_BATCHES = 3
"""So many batches in a row that could not be sent mean that the service is down."""

Failures = dict[str, str]
"""Ids of vectors that were not written, and why."""


class IndexPair:
    """Writes go to both indexes; each says for itself what failed. Nothing connects before the first use."""

    def __init__(self, settings: Settings, connect: Callable[[], PineconeClientProtocol]) -> None:
        self._settings = settings
        self._connect = connect

    @property
    def names(self) -> tuple[str, str]:
        """The names of the dense and the sparse index. Raises ValueError when no name is set."""
        name = self._settings.pinecone_index_name
        if not name:
            raise ValueError("PINECONE_INDEX_NAME must name the index")
        return name, f"{name}-sparse"

    @cached_property
    def dense(self) -> PineconeIndexProtocol:
        return self._opened[0]

    @cached_property
    def sparse(self) -> PineconeIndexProtocol:
        return self._opened[1]

    @cached_property
    def _opened(self) -> tuple[PineconeIndexProtocol, PineconeIndexProtocol]:
        client, (dense, sparse) = self._connect(), self.names
        existing = client.list_index_names()
        models = {dense: self._settings.pinecone_dense_model, sparse: self._settings.pinecone_sparse_model}
        for name, model in models.items():
            if name not in existing:
                self._create(client, name, model)
        return client.get_index(name=dense), client.get_index(name=sparse)

    def _create(self, client: PineconeClientProtocol, name: str, model: str) -> None:
        cloud, region = self._settings.pinecone_cloud, self._settings.pinecone_environment
        try:
            embed = {"model": model, "field_map": {"text": "chunk_text"}}
            client.create_index_for_model(name=name, cloud=cloud, region=region, embed=embed)
        except (NotFoundError, SourceError) as error:
            if "not found" in str(error).lower():
                raise ValueError(f"Invalid Pinecone region: {region!r} (PINECONE_ENVIRONMENT)") from error
            raise

    def upsert(
        self, index: PineconeIndexProtocol, records: Sequence[dict[str, Any]], namespace: str
    ) -> tuple[Failures, list[str]]:
        """Write records to one index. Returns which failed, and an error text per batch that failed as a whole.

        A batch that is refused is halved until the record that is at fault stands alone. Raises AuthenticationError,
        RateLimited, and TransientError when several batches in a row could not be sent; what failed until then is lost
        to the caller, who therefore takes all records of the call as not written.
        """
        failures: Failures = {}
        errors: list[str] = []
        in_a_row = 0
        for number, batch in enumerate(batches(records, self._settings.pinecone_batch_size, LARGEST_REQUEST), start=1):
            try:
                failures |= self._halving(index, batch, namespace)
                in_a_row = 0
            except NetworkError as error:
                in_a_row += 1
                if in_a_row == MOST_FAILED_BATCHES:
                    raise TransientError(f"the vector index does not answer: {error}") from error
                errors.append(f"Error upserting batch {number}: {error}")
                failures |= {record["id"]: str(error) for record in batch}
        return failures, errors + [f"record {identifier}: {reason}" for identifier, reason in failures.items()]

    def _halving(self, index: PineconeIndexProtocol, batch: list[dict[str, Any]], namespace: str) -> Failures:
        try:
            index.upsert_records(records=batch, namespace=namespace)
        except SourceError as error:
            if len(batch) == 1:
                return {batch[0]["id"]: str(error)}
            middle = len(batch) // 2
            return self._halving(index, batch[:middle], namespace) | self._halving(index, batch[middle:], namespace)
        return {}

    def update(self, metadata: Mapping[str, Mapping[str, Any]], namespace: str) -> Failures:
        """Set metadata by vector id in both indexes, several at a time. Raises as ``upsert`` does."""
        workers = max(1, min(self._settings.pinecone_update_max_workers, len(metadata)))
        indexes = (self.dense, self.sparse)

        def send(item: tuple[str, Mapping[str, Any]]) -> str:
            identifier, values = item
            try:
                for index in indexes:
                    index.update(id=identifier, set_metadata=values, namespace=namespace)
            except (NetworkError, SourceError, NotFoundError) as error:
                return str(error)
            return ""

        with ThreadPoolExecutor(workers) as pool:
            outcomes = list(pool.map(send, metadata.items()))
        return {identifier: error for identifier, error in zip(metadata, outcomes, strict=True) if error}

    def delete(self, identifiers: Sequence[str], namespace: str) -> Failures:
        """Remove vectors from both indexes. Returns which could not be removed. Raises as ``upsert`` does."""
        failures: Failures = {}
        for batch in _slices(identifiers, MOST_IN_A_DELETE):
            for index in (self.dense, self.sparse):
                try:
                    index.delete(ids=batch, namespace=namespace)
                except NotFoundError:
                    continue  # a namespace that nothing was ever written to
                except (NetworkError, SourceError) as error:
                    failures |= dict.fromkeys(batch, str(error))
        return failures

    def listed(self, namespace: str) -> tuple[set[str], set[str]]:
        """The ids that the dense and the sparse index hold."""
        return _ids(self.dense, namespace), _ids(self.sparse, namespace)

    def stats(self) -> dict[str, Any]:
        """``dense_index`` and ``sparse_index``: ``total_vectors``, ``dimension``, ``index_fullness``, ``namespaces``;
        zeros, and ``error``, when they cannot be had."""
        try:
            return {"dense_index": _counts(self.dense), "sparse_index": _counts(self.sparse)}
        except (TransientError, SourceError, NotFoundError) as error:
            return {"dense_index": _NO_COUNTS, "sparse_index": _NO_COUNTS, "error": str(error)}


_NO_COUNTS: dict[str, Any] = {"total_vectors": 0, "dimension": 0, "index_fullness": 0.0, "namespaces": {}}


def _counts(index: PineconeIndexProtocol) -> dict[str, Any]:
    stats = index.describe_index_stats()
    return {
        "total_vectors": stats.get("total_vector_count") or 0,
        "dimension": stats.get("dimension") or 0,
        "index_fullness": stats.get("index_fullness") or 0.0,
        "namespaces": dict(stats.get("namespaces") or {}),
    }


def _ids(index: PineconeIndexProtocol, namespace: str) -> set[str]:
    try:
        return set(index.list_ids(namespace=namespace))
    except NotFoundError:
        return set()


def _slices(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
