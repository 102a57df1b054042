"""What other folders may import of the vector sync; ``__all__`` is the contract."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from boost_collectors.core.adapters.pinecone import PineconeAdapter
from boost_collectors.core.adapters.pinecone_protocol import PineconeClientProtocol
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectorError
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.index_pair import IndexPair
from boost_collectors.cppa_pinecone_sync.place import PineconeInstance, Place
from boost_collectors.cppa_pinecone_sync.sync import PreprocessFn, VectorSync

__all__ = ["PineconeInstance", "PreprocessFn", "sync_to_pinecone"]

KEYS = {PineconeInstance.PUBLIC: "PINECONE_API_KEY", PineconeInstance.PRIVATE: "PINECONE_PRIVATE_API_KEY"}


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
    Pinecone's, which then needs no key. Raises ValueError when the key of the account is needed and not set.
    """
    place = Place.of(app_type, namespace, instance)
    with ExitStack() as stack:
        settings = context.settings if context else Settings.load()
        database = context.database if context else stack.enter_context(Database.from_settings(settings))
        indexes = IndexPair(settings, connector(settings, place.instance, client))
        sync = VectorSync(database, settings, indexes, place, dry_run=bool(context and context.dry_run))
        return sync.run(preprocess_fn).as_dict()


def connector(
    settings: Settings, instance: PineconeInstance, client: PineconeClientProtocol | None = None
) -> Callable[[], PineconeClientProtocol]:
    """What connects to an account when it is first needed. Raises, then, ValueError naming the key that is missing and
    ConnectionError when there is no way to build a client."""

    def connect() -> PineconeClientProtocol:
        name = KEYS[instance]
        key: str = getattr(settings, name.lower())
        if not key:
            raise ValueError(f"{name} must be set to use the {instance.value} vector index")
        try:
            return PineconeAdapter.from_api_key(key, host=settings.pinecone_controller_host)
        except (CollectorError, ImportError):
            raise
        except Exception as error:
            raise ConnectionError(f"Cannot connect to Pinecone: {error}") from error

    return connect if client is None else lambda: client
