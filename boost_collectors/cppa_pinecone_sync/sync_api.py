"""What other folders may import of the vector sync; ``__all__`` is the contract."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from boost_collectors.core.adapters.pinecone_protocol import PineconeClientProtocol
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.place import PineconeInstance, Place
from boost_collectors.cppa_pinecone_sync.stores import indexes_of
from boost_collectors.cppa_pinecone_sync.sync import PreprocessFn, VectorSync

__all__ = ["PineconeInstance", "PreprocessFn", "sync_to_pinecone"]


def sync_to_pinecone(
    app_type: str,
    namespace: str,
    preprocess_fn: PreprocessFn,
    *,
    instance: PineconeInstance | str | None = None,
    context: RunContext | None = None,
    client: PineconeClientProtocol | None = None,
) -> dict[str, Any]:
    """Hand the documents that a preprocessor returns to the vector index; see :class:`VectorSync` for what it raises.

    Returns the summary: ``upserted``, ``updated`` (chunks), ``total`` (documents), ``failed_count``, ``failed_ids``,
    ``attempted_source_ids``, ``successful_source_ids``, ``dropped_source_ids``, ``errors``, ``update_errors``, and
    counts of chunks and documents by what became of them. ``instance``: whose account, the public one by default.
    ``context``: a run's database and settings; without one, those of the environment. ``client``: used in place of
    the store's own, which then needs no key. Raises ValueError when the key of the account is needed and not set.
    """
    Place.of(app_type, namespace, instance)
    with ExitStack() as stack:
        settings = context.settings if context else Settings.load()
        place = Place.of(app_type, namespace, instance, store=settings.vector_store)
        database = context.database if context else stack.enter_context(Database.from_settings(settings))
        indexes = indexes_of(settings, database, place.instance, client)
        sync = VectorSync(database, settings, indexes, place, dry_run=bool(context and context.dry_run))
        return sync.run(preprocess_fn).as_dict()
