"""A documentation site of the test's own, and the collector pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.boost_library_docs_tracker.docs import Bench, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "samples" / "boost_docs")


@pytest.fixture
def bench(site: Site, tmp_path: Path, database: Database, database_url: str, make_settings: Any) -> Iterator[Bench]:
    with Sandbox(samples=tmp_path / "samples", cache=tmp_path / "cache") as sandbox:
        yield Bench(site, sandbox, database, database_url, make_settings)
