from __future__ import annotations

from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import MergeResult


def test_counts_add_up_by_name() -> None:
    counts = Counts()
    counts.add("requests")
    counts.add("requests", 4)
    counts.merged("commits", MergeResult(inserted=3, updated=2, unchanged=0))
    assert counts["requests"] == 5
    assert counts["nothing"] == 0
    assert counts.as_dict() == {
        "commits_inserted": 3,
        "commits_unchanged": 0,
        "commits_updated": 2,
        "requests": 5,
    }


def test_one_can_be_added_to_another() -> None:
    total, unit = Counts(), Counts()
    total.add("rows", 1)
    unit.add("rows", 2)
    unit.add("files", 1)
    total += unit
    assert total.as_dict() == {"files": 1, "rows": 3}
    assert unit.as_dict() == {"files": 1, "rows": 2}


def test_names_come_sorted() -> None:
    counts = Counts()
    for name in ("b", "c", "a"):
        counts.add(name)
    assert list(counts.as_dict()) == ["a", "b", "c"]
