"""What a sync did, counted in chunks and in documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from boost_collectors.cppa_pinecone_sync.documents import split_ids


@dataclass(slots=True)
class Summary:
    """Grows while a sync runs. ``failures``: the last error by source id; ``lost``: failed documents without any."""

    seen: int = 0
    unchanged: int = 0
    gone: int = 0
    failed_documents: int = 0
    upserted: int = 0
    updated: int = 0
    deleted: int = 0
    dropped_chunks: int = 0
    attempted: dict[str, None] = field(default_factory=dict)
    dropped: dict[str, None] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    lost: int = 0
    errors: list[str] = field(default_factory=list)
    update_errors: list[str] = field(default_factory=list)

    def attempt(self, source_ids: str) -> None:
        """A document was offered by the preprocessor."""
        self.seen += 1
        for identifier in split_ids(source_ids):
            self.attempted[identifier] = None

    def drop(self, source_ids: str) -> None:
        """A document has not a single chunk worth storing."""
        self.dropped.update(dict.fromkeys(split_ids(source_ids)))

    def fail(self, source_ids: str, reason: str) -> None:
        """A document is not in the index as it should be."""
        self.failed_documents += 1
        identifiers = split_ids(source_ids)
        self.lost += not identifiers
        self.failures.update(dict.fromkeys(identifiers, reason))

    @property
    def succeeded(self) -> list[str]:
        """Source ids of the documents that are in the index, or have nothing to be there."""
        return [identifier for identifier in self.attempted if identifier not in self.failures]

    def as_dict(self) -> dict[str, Any]:
        """The summary under the stable keys, and some more."""
        return {
            "upserted": self.upserted,
            "updated": self.updated,
            "total": self.seen,
            "failed_count": self.failed_documents,
            "failed_ids": list(self.failures),
            "attempted_source_ids": list(self.attempted),
            "successful_source_ids": [name for name in self.succeeded if name not in self.dropped],
            "dropped_source_ids": list(self.dropped),
            "errors": list(self.errors),
            "update_errors": list(self.update_errors),
            "upserted_chunks": self.upserted,
            "updated_chunks": self.updated,
            "deleted_chunks": self.deleted,
            "dropped_chunks": self.dropped_chunks,
            "unchanged_documents": self.unchanged,
            "gone_documents": self.gone,
            "failed_documents": self.failed_documents,
        }
