"""Real paper records, counted independently of the collector."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from include.sandbox import Sandbox

DATA = Path(__file__).parents[3] / "shared" / "data"


def _keys() -> list[str]:
    """The keys of the records that name a paper: the others are aliases without revision."""
    files = sorted((DATA / "wg21").glob("bikeshed-biblio-*.data"))
    keys = [line[2:].strip() for file in files for line in file.read_text().splitlines() if line.startswith("d:")]
    return [key for key in keys if re.fullmatch(r"p\d+r\d+|n\d+", key)]


def test_every_real_paper_is_stored_once(database: Database, database_url: str, make_settings: Any) -> None:
    if not (DATA / "wg21").is_dir():
        pytest.skip(f"there is no folder of real data at {DATA}")
    spec = registry.find("run_wg21_paper_tracker")
    with Sandbox(DATA) as sandbox:
        settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url)
        result = execute(spec, Request(), settings=settings)
        second = execute(spec, Request(), settings=settings)
    assert result is not None
    assert second is not None
    with database.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT paper_id FROM wg21_paper_tracker_wg21paper").scalars().all()
    assert sorted(stored) == sorted(_keys())
    assert len(stored) == result.counts["papers_inserted"] == 2235
    assert second.counts["pages_unchanged"] == second.counts["units"]
