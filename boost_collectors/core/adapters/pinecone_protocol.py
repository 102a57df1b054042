"""What the vector sync asks of a vector store: Pinecone, or whatever has these members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable


class FoundRecord(NamedTuple):
    """A record that a search found: ``fields`` are its ``chunk_text`` and metadata; a higher ``score`` is better."""

    id: str
    score: float
    fields: Mapping[str, Any]


@runtime_checkable
class PineconeIndexProtocol(Protocol):
    """One index. All arguments by keyword; failures are errors of ``core.errors``.

    AuthenticationError: the key was refused. RateLimited: come back later. SourceError: the request will never be
    taken as it is. NetworkError: it may be taken later.
    """

    def upsert_records(self, *, records: Sequence[Mapping[str, Any]], namespace: str) -> None:
        """Write records of ``id``, ``chunk_text`` and metadata; the store makes their vectors of the text."""
        ...

    def update(self, *, id: str, set_metadata: Mapping[str, Any], namespace: str) -> None:
        """Set metadata of one vector, whose other metadata stay."""
        ...

    def delete(self, *, ids: Sequence[str], namespace: str) -> None:
        """Remove vectors; ids that are not there are no error."""
        ...

    def list_ids(self, *, namespace: str) -> Iterator[str]:
        """The ids of all vectors of a namespace."""
        ...

    def describe_index_stats(self) -> Mapping[str, Any]:
        """``total_vector_count``, ``dimension``, ``index_fullness`` and ``namespaces``."""
        ...


@runtime_checkable
class SearchableIndexProtocol(Protocol):
    """An index that can be asked. Apart from what the sync needs, so that a store for the sync alone needs less."""

    def search(
        self, *, text: str, top_k: int, namespace: str, filter: Mapping[str, Any] | None = None
    ) -> list[FoundRecord]:
        """The records nearest to a text, best first. ``filter`` is in Pinecone's notation."""
        ...


@runtime_checkable
class PineconeClientProtocol(Protocol):
    """An account with its indexes. All arguments by keyword; errors as above."""

    def list_index_names(self) -> set[str]: ...

    def create_index_for_model(self, *, name: str, cloud: str, region: str, embed: Mapping[str, Any]) -> None:
        """Make an index that embeds text by a hosted model, and wait until it is ready."""
        ...

    def get_index(self, *, name: str) -> PineconeIndexProtocol: ...
