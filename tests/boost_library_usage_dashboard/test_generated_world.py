"""The metrics over generated rows, against what plain Python makes of the same rows, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from boost_collectors.boost_library_usage_dashboard import fingerprint
from tests.boost_library_usage_dashboard.conftest import NOW, World
from tests.boost_library_usage_dashboard.plain_figures import PlainFigures

MOST_STATEMENTS = 40


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that reaches a database meanwhile."""
    seen: list[str] = []

    def see(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield seen
    event.remove(Engine, "before_cursor_execute", see)


def test_the_metrics_are_those_of_the_rows_one_by_one(generated_world: World, statements: list[str]) -> None:
    data = generated_world.collect()
    with generated_world.database.session() as session:
        fingerprint.content(session)
    assert len(statements) <= MOST_STATEMENTS
    assert not [statement for statement in statements if "patch" in statement]
    PlainFigures(generated_world.rows, NOW.year).check(data)
    assert len(data["metrics_by_library"]) > 50
    distribution = data["dashboard_statistics"]["version_related_stats"]["distribution_by_version"]
    assert sum(row["confirmed"] for row in distribution) > 50


def test_tables_of_contributions_are_in_order(generated_world: World) -> None:
    pages = generated_world.collect()["libraries_page_data"]
    for page in pages.values():
        rows = [(_newest(row["version"]), row["commit_count"]) for row in page["contribute_data"]["table_data"]]
        assert rows == sorted(rows, reverse=True)
    assert any(page["contribute_data"]["table_data"] for page in pages.values())


def _newest(version: str) -> tuple[float, ...]:
    return (math.inf,) if version == "unreleased" else tuple(map(int, version.split(".")))
