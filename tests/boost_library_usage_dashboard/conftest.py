"""A small world that can be counted by hand, a larger one made by PostgreSQL, and the command run over them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from benchmarks._dashboard_rows import Scale, fill
from boost_collectors.boost_library_usage_dashboard.collecting import collect
from boost_collectors.boost_library_usage_dashboard.data_file import NAME
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from tests.boost_library_usage_dashboard.small_world import SMALL_WORLD

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
GENERATED = Scale(libraries=60, versions=24, headers_each=9, repositories=700, usages=20_000, commits=2_500, people=120)


@dataclass
class World:
    """A filled database, the data file of it, and the way to collect again."""

    database: Database
    context: RunContext
    folder: Path

    def collect(self) -> dict[str, Any]:
        """Collect, and return the data file."""
        with self.database.session() as session:
            collect(self.context, session, self.folder / NAME)
        found: dict[str, Any] = json.loads((self.folder / NAME).read_text(encoding="utf-8"))
        return found

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self.database.engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def write(self, *statements: str) -> None:
        with self.database.session() as session:
            for statement in statements:
                session.execute(text(statement))


@pytest.fixture
def make_world(
    database: Database, make_context: Callable[..., RunContext], tmp_path: Path
) -> Iterator[Callable[..., World]]:
    def make(*statements: str) -> World:
        context = make_context("run_boost_library_usage_dashboard", clock=lambda: NOW)
        world = World(database, context, tmp_path / "pages")
        world.folder.mkdir()
        world.write(*statements)
        return world

    return make


@pytest.fixture
def small_world(make_world: Callable[..., World]) -> World:
    """See ``small_world.py``."""
    return make_world(*SMALL_WORLD)


@pytest.fixture
def generated_world(make_world: Callable[..., World]) -> World:
    """The benchmark's rows, fewer of them."""
    world = make_world()
    with world.database.session() as session:
        fill(session.connection(), GENERATED)
    return world
