"""The sandbox's Pinecone and a database of the test's own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.cppa_pinecone_sync.store import LOCAL, PINECONE, LocalStore, Store


@pytest.fixture
def store(database: Database, database_url: str, make_settings: Any, make_context: Any) -> Iterator[Store]:
    """The sandbox's Pinecone."""
    with Sandbox() as sandbox:
        settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url, PINECONE_BATCH_SIZE="4")
        yield Store(sandbox, database, settings, make_context)


@pytest.fixture
def local(store: Store) -> LocalStore:
    """The store in the project database, although there are keys of Pinecone."""
    settings = store.settings.model_copy(update={"vector_store": LOCAL})
    return LocalStore(store.sandbox, store.database, settings, store.make_context)


@pytest.fixture(params=[PINECONE, LOCAL])
def each_store(request: pytest.FixtureRequest, store: Store) -> Store:
    """Both, one after the other."""
    found: Store = store if request.param == PINECONE else request.getfixturevalue("local")
    return found


@pytest.fixture(scope="session")
def kill_sync(pytestconfig: pytest.Config) -> Iterator[Callable[..., bool]]:
    """``kill_sync(number, environment, what="commit")``: whether a sync came to that commit or request, and so was
    killed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cppa_pinecone_sync.killed_sync"],
        cwd=pytestconfig.rootpath,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as syncs:

        def kill(number: int, environment: dict[str, str], what: str = "commit") -> bool:
            assert syncs.stdin is not None
            assert syncs.stdout is not None
            syncs.stdin.write(json.dumps({"number": number, "what": what, "environment": environment}) + "\n")
            syncs.stdin.flush()
            ended = int(syncs.stdout.readline())
            assert ended in (0, -signal.SIGKILL)
            return ended != 0

        yield kill
