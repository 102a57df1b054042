"""The collector pointed at a workspace of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.cppa_slack_tracker.chat import Bench


@pytest.fixture
def bench(tmp_path: Path, database: Database, database_url: str, make_settings: Any) -> Iterator[Bench]:
    samples = tmp_path / "samples" / "slack"
    samples.mkdir(parents=True)
    with Sandbox(samples=tmp_path / "samples") as sandbox:
        yield Bench(samples, sandbox, database, database_url, make_settings)
