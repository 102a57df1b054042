"""The only writer of the vector sync's tables, and what others may read of them."""

from boost_collectors.cppa_pinecone_sync.services.bookkeeping import (
    clear_failed_ids,
    get_failed_ids,
    get_final_sync_at,
    note_checked,
    oldest_writer,
    record_failed_ids,
    requeue_unresolved,
    settle_failures,
    update_sync_status,
)
from boost_collectors.cppa_pinecone_sync.services.ledger import (
    StoredChunk,
    StoredDocument,
    drop_documents,
    find_documents,
    forget_vectors,
    known_digests,
    ledger_halves,
    mark_missing,
    record_documents,
    vectors_of_namespace,
)

__all__ = [
    "StoredChunk",
    "StoredDocument",
    "clear_failed_ids",
    "drop_documents",
    "find_documents",
    "forget_vectors",
    "get_failed_ids",
    "get_final_sync_at",
    "known_digests",
    "ledger_halves",
    "mark_missing",
    "note_checked",
    "oldest_writer",
    "record_documents",
    "record_failed_ids",
    "requeue_unresolved",
    "settle_failures",
    "update_sync_status",
    "vectors_of_namespace",
]
