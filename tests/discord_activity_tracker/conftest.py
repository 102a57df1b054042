"""A server of the test's own, and the collector pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.discord_activity_tracker.servers import Bench, Server


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "samples" / "discord")


@pytest.fixture
def bench(server: Server, tmp_path: Path, database: Database, database_url: str, make_settings: Any) -> Iterator[Bench]:
    with Sandbox(samples=tmp_path / "samples") as sandbox:
        yield Bench(server, sandbox, database, database_url, make_settings)
