"""Means to see what storing cost and left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import text

from benchmarks import github_costs
from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker import services

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def statements(database: Database) -> Callable[[], AbstractContextManager[list[str]]]:
    """A block, and the statements that are sent inside it."""
    return lambda: github_costs.statements(database)


@pytest.fixture
def repo_id(database: Database) -> int:
    with database.session() as session:
        return services.ensure_repository(session, "boostorg", "system")


@pytest.fixture
def rows(database: Database) -> Rows:
    """The rows of a query; ``{}`` stands for the prefix of the tables."""

    def fetch(query: str) -> list[tuple[Any, ...]]:
        with database.session() as session:
            return [tuple(row) for row in session.execute(text(query.replace("{}", "github_activity_tracker_")))]

    return fetch


@pytest.fixture
def versions(rows: Rows) -> Callable[[], dict[str, list[tuple[Any, ...]]]]:
    """The physical version of every row of these tables and of accounts: differs as soon as anything was written."""

    def fetch() -> dict[str, list[tuple[Any, ...]]]:
        names = rows(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(github_activity|cppa_user)_tracker_'"
        )
        return {name: rows(f'SELECT ctid::text, xmin::text FROM "{name}" ORDER BY 1') for (name,) in names}

    return fetch
