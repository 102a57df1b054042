"""ETags of lists, by repository."""

from __future__ import annotations

import pytest

from boost_collectors.core.database import Database
from boost_collectors.github_activity_tracker.rest.etags import DatabaseEtagCache, cache_key
from tests.conftest import UNREACHABLE


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ((42, "commits", 1, "2024-01-01", "2024-12-31"), "github_etag:42:commits:1:2024-01-01:2024-12-31"),
        ((10, "pulls", 3), "github_etag:10:pulls:3::"),
    ],
)
def test_keys(arguments: tuple[int, str, int], key: str) -> None:
    assert cache_key(*arguments) == key


def test_an_etag_is_kept_and_an_empty_one_changes_nothing(database: Database) -> None:
    cache = DatabaseEtagCache(database, 1)
    cache.set("commits", 1, "", "", '"a"')
    for empty in ("", None):
        cache.set("commits", 1, "", "", empty)
    assert cache.get("commits", 1) == '"a"'
    assert cache.get("commits", 2) is None
    assert DatabaseEtagCache(database, 2).get("commits", 1) is None


def test_a_store_that_cannot_be_reached_means_asking_without() -> None:
    with Database(UNREACHABLE) as nowhere:
        cache = DatabaseEtagCache(nowhere, 1)
        cache.set("commits", 1, "", "", '"a"')
        assert cache.get("commits", 1) is None
