"""The event handler beside a Slack and a GitHub of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.slack_event_handler.desk import Desk


@pytest.fixture(scope="session")
def sandbox_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture
def desk(
    sandbox_cache: Path,
    tmp_path: Path,
    database: Database,
    database_url: str,
    make_settings: Any,
    make_context: Any,
) -> Iterator[Desk]:
    with Sandbox(cache=sandbox_cache) as sandbox:
        yield Desk(sandbox, database, database_url, (make_settings, make_context), tmp_path)
