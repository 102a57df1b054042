"""Mailings of the test's own, and the collector pointed at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.wg21_paper_tracker.papers import Bench, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "samples" / "wg21")


@pytest.fixture
def bench(site: Site, tmp_path: Path, database: Database, database_url: str, make_settings: Any) -> Iterator[Bench]:
    with Sandbox(samples=tmp_path / "samples", cache=tmp_path / "cache") as sandbox:
        yield Bench(site, tmp_path / "cache", sandbox, database, database_url, make_settings)
