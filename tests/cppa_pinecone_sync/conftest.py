"""The sandbox's Pinecone and a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.cppa_pinecone_sync.store import Store


@pytest.fixture
def store(database: Database, database_url: str, make_settings: Any, make_context: Any) -> Iterator[Store]:
    with Sandbox() as sandbox:
        settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url, PINECONE_BATCH_SIZE="4")
        yield Store(sandbox, database, settings, make_context)
