"""A Reddit of the test's own, and the collector pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.reddit_activity_tracker.places import Bench, Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "samples" / "reddit")


@pytest.fixture
def bench(places: Places, tmp_path: Path, database: Database, database_url: str, make_settings: Any) -> Iterator[Bench]:
    with Sandbox(samples=tmp_path / "samples") as sandbox:
        yield Bench(places, sandbox, database, database_url, make_settings)
