"""Which vector store the settings name, and the way to it."""

from __future__ import annotations

from collections.abc import Callable

from boost_collectors.core.adapters.pinecone import PineconeAdapter
from boost_collectors.core.adapters.pinecone_protocol import PineconeClientProtocol
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectorError
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.index_pair import IndexPair
from boost_collectors.cppa_pinecone_sync.place import LOCAL, PineconeInstance, account_of

KEYS = {PineconeInstance.PUBLIC: "PINECONE_API_KEY", PineconeInstance.PRIVATE: "PINECONE_PRIVATE_API_KEY"}


def indexes_of(
    settings: Settings,
    database: Database,
    instance: PineconeInstance,
    client: PineconeClientProtocol | None = None,
) -> IndexPair:
    """Both indexes of an account of the store that VECTOR_STORE names. ``client`` is used in its place.

    Connecting, which is put off until it is needed, raises ValueError naming the key that is missing, and
    ConnectionError when there is no way to build a client.
    """
    return IndexPair(settings, _connector(settings, database, instance) if client is None else lambda: client)


def _connector(
    settings: Settings, database: Database, instance: PineconeInstance
) -> Callable[[], PineconeClientProtocol]:
    if settings.vector_store == LOCAL:
        return lambda: _local(settings, database, instance)
    return lambda: _pinecone(settings, instance)


def _local(settings: Settings, database: Database, instance: PineconeInstance) -> PineconeClientProtocol:
    # Not before it is used: the embedding model costs a second to load.
    from boost_collectors.cppa_pinecone_sync.local_store import LocalClient

    return LocalClient(database, account_of(LOCAL, instance), settings.pinecone_index_name)


def _pinecone(settings: Settings, instance: PineconeInstance) -> PineconeClientProtocol:
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
