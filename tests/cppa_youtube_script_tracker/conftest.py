"""A YouTube of the test's own, and the collector pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.cppa_youtube_script_tracker.videos import Bench, Tube


@pytest.fixture
def tube(tmp_path: Path) -> Tube:
    return Tube(tmp_path / "samples" / "youtube")


@pytest.fixture
def bench(tube: Tube, tmp_path: Path, database: Database, database_url: str, make_settings: Any) -> Iterator[Bench]:
    with Sandbox(samples=tmp_path / "samples") as sandbox:
        yield Bench(tube, sandbox, database, database_url, make_settings)
