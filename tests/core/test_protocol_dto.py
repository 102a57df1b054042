from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.core.activity_types import ActivityType, SourceSystem, actor_external_id
from boost_collectors.core.protocol_dto import (
    Dto,
    FrozenMap,
    GenericActivityRecord,
    GenericIncrementalState,
    GenericTrackerResult,
    fill_duration,
)
from boost_collectors.core.protocols import (
    TrackerResult,
    require_activity_record,
    require_incremental_state,
    require_tracker_result,
)


class Colour(Enum):
    RED = 3


@dataclass(frozen=True)
class NamedResult(GenericTrackerResult):
    """A subclass as a collector would write it, without thinking of eq and repr."""

    label: str = "x"


def activity(**fields: Any) -> GenericActivityRecord:
    given: dict[str, Any] = {
        "source_system": SourceSystem.SLACK,
        "external_id": "C1/17",
        "occurred_at": datetime(2024, 5, 1, 14, tzinfo=timezone(timedelta(hours=2))),
        "activity_type": ActivityType("slack.message"),
        "actor_external_id": actor_external_id("U7"),
        "source_url": "https://example.org/17",
        "summary": "Müller said hello",
    }
    return GenericActivityRecord(**(given | fields))


SAMPLES: list[Dto] = [
    GenericTrackerResult.ok(),
    GenericTrackerResult.ok(rows=3, errors=1).with_duration(1.5),
    GenericTrackerResult.failed("first", "second", rows=1),
    NamedResult(True, {"rows": 2}, label="named"),
    GenericIncrementalState(),
    GenericIncrementalState("42", "up to 42", {"tips": ["a", "b"], "seen": {"z": 1, "a": None}, "deep": [{"b": 1}]}),
    GenericIncrementalState(extras={"when": datetime(2024, 5, 1, tzinfo=UTC), "pair": (1, 2), "names": {"b", "a"}}),
    activity(),
    activity(occurred_at=None, source_url=None, actor_external_id=actor_external_id(None)),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_what_comes_back_equals_what_was_sent(sample: Dto) -> None:
    again = type(sample).from_dict(json.loads(sample.to_json()))
    for other in (
        type(sample).from_dict(sample.asdict()),
        again,
        pickle.loads(pickle.dumps(sample)),
        copy.deepcopy(sample),
    ):
        assert other == sample
        assert hash(other) == hash(sample)
        assert other.to_json() == sample.to_json()
        assert type(other) is type(sample)


@given(
    st.booleans(),
    st.dictionaries(st.text(), st.integers(0, 10**12)),
    st.lists(st.text()),
    st.none() | st.floats(),
)
def test_every_result_comes_back(
    success: bool, counts: dict[str, int], errors: list[str], seconds: float | None
) -> None:
    result = GenericTrackerResult(success, counts, tuple(errors), seconds)
    again = GenericTrackerResult.from_dict(json.loads(result.to_json()))
    assert (again, again.to_json()) == (result, result.to_json())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_every_state_comes_back(extras: dict[str, Any]) -> None:
    state = GenericIncrementalState("t", None, extras)
    again = GenericIncrementalState.from_dict(json.loads(state.to_json()))
    assert (again, again.to_json()) == (state, state.to_json())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_nothing_can_be_assigned(sample: Dto) -> None:
    for name in sample.asdict():
        with pytest.raises(FrozenInstanceError):
            setattr(sample, name, None)


def test_they_satisfy_their_protocols() -> None:
    for require, sample in (
        (require_tracker_result, GenericTrackerResult.ok()),
        (require_incremental_state, GenericIncrementalState()),
        (require_activity_record, activity()),
    ):
        assert require(sample) is sample


def test_counts_and_extras_are_read_only_copies() -> None:
    counts, extras = {"rows": 1}, {"tip": "a"}
    result, state = GenericTrackerResult(True, counts), GenericIncrementalState(extras=extras)
    counts["rows"] = extras["tip"] = 2  # type: ignore[assignment]  # a caller that goes on using its dict
    assert (result.counts, state.extras) == ({"rows": 1}, {"tip": "a"})
    for view in (result.counts, state.extras):
        with pytest.raises(TypeError):
            view["rows"] = 3  # type: ignore[index]  # what is tested


def test_frozen_maps_are_values() -> None:
    one, other = FrozenMap({"a": [1], "b": [2]}), FrozenMap({"b": [2], "a": [1]})
    assert one == other == {"a": [1], "b": [2]}
    assert hash(one) == hash(other)
    assert one != FrozenMap({"a": [1]})
    assert pickle.loads(pickle.dumps(one)) == one
    assert repr(one) == "{'a': [1], 'b': [2]}"


def test_a_list_of_errors_equals_a_tuple() -> None:
    listed = GenericTrackerResult.from_dict({"success": False, "counts": {}, "errors": ["a", 7]})
    assert listed == GenericTrackerResult.failed("a", "7")
    assert listed.errors == ("a", "7")
    assert GenericTrackerResult.from_dict({"success": False, "counts": {}, "errors": "one text"}).errors == (
        "one text",
    )


def test_different_values_and_classes_differ() -> None:
    assert GenericTrackerResult.ok(rows=1) != GenericTrackerResult.ok(rows=2)
    assert NamedResult(True) != GenericTrackerResult(True)
    assert NamedResult(True, label="a") != NamedResult(True, label="b")
    assert GenericIncrementalState(extras={"n": 1}) != GenericIncrementalState(extras={"n": True})
    assert GenericTrackerResult.ok() != {"success": True}


@pytest.mark.parametrize(
    ("given", "success"),
    [
        (True, True),
        (0, False),
        (None, False),
        ("true", True),
        ("False", False),
        (" no ", False),
        ("1", True),
        ("", False),
    ],
)
def test_success_is_read_as_meant(given: object, success: bool) -> None:
    assert GenericTrackerResult.from_dict({"success": given, "counts": {}}).success is success


def test_success_that_says_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="'perhaps'"):
        GenericTrackerResult.from_dict({"success": "perhaps", "counts": {}})


@pytest.mark.parametrize(("given", "count"), [(3, 3), ("12", 12), (4.0, 4), (True, 1), (Decimal("5"), 5)])
def test_counts_become_whole_numbers(given: object, count: int) -> None:
    result = GenericTrackerResult.from_dict({"success": True, "counts": {"rows": given}})
    assert (result.counts["rows"], type(result.counts["rows"])) == (count, int)


@pytest.mark.parametrize("given", [1.9, "1.9", "many", None, [], float("nan"), float("inf")])
def test_counts_are_never_cut_off(given: Any) -> None:
    with pytest.raises(ValueError, match="count rows"):
        GenericTrackerResult.from_dict({"success": True, "counts": {"rows": given}})
    with pytest.raises(ValueError, match="count rows"):
        GenericTrackerResult.ok(rows=given)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf")])
def test_a_duration_that_is_no_number_is_dropped(seconds: float) -> None:
    result = GenericTrackerResult(True, duration_seconds=seconds)
    assert result.duration_seconds is None
    assert '"duration_seconds":null' in result.to_json()
    assert GenericTrackerResult.ok().with_duration(seconds).duration_seconds is None


@pytest.mark.parametrize(
    ("kind", "data", "missing"),
    [
        (GenericTrackerResult, {"counts": {}}, "success"),
        (GenericTrackerResult, {"success": True}, "counts"),
        (GenericActivityRecord, {"external_id": "1", "activity_type": "x", "summary": ""}, "source_system"),
        (GenericActivityRecord, {"source_system": "slack", "activity_type": "x", "summary": ""}, "external_id"),
        (GenericActivityRecord, {"source_system": "slack", "external_id": "1", "summary": ""}, "activity_type"),
        (GenericActivityRecord, {"source_system": "slack", "external_id": "1", "activity_type": "x"}, "summary"),
    ],
)
def test_a_missing_required_key_is_named(kind: type[Dto], data: dict[str, Any], missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        kind.from_dict(data)


def test_everything_of_a_state_is_optional() -> None:
    assert GenericIncrementalState.from_dict({"unknown": 1}) == GenericIncrementalState()
    assert GenericIncrementalState.from_dict({"extras": None}) == GenericIncrementalState()


def test_an_activity_with_little_known() -> None:
    known = {"source_system": "reddit", "external_id": 7, "activity_type": " reddit.post ", "summary": "Hi"}
    for time in ({}, {"occurred_at": ""}, {"occurred_at": "noon"}, {"occurred_at": None}):
        record = GenericActivityRecord.from_dict(known | time)
        assert record.occurred_at is None
    assert (record.external_id, record.actor_external_id, record.source_url) == ("7", "", None)
    assert record.activity_type == ActivityType("reddit.post")


@pytest.mark.parametrize("source", ["GitHub", " github", "usenet", None])
def test_a_source_system_must_be_exact(source: object) -> None:
    with pytest.raises(ValueError, match="SourceSystem"):
        GenericActivityRecord.from_dict(
            {"source_system": source, "external_id": "1", "activity_type": "x", "summary": ""}
        )


def test_times_are_utc() -> None:
    assert activity().occurred_at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert activity(occurred_at=datetime(2024, 5, 1, 12)).occurred_at == datetime(2024, 5, 1, 12, tzinfo=UTC)  # noqa: DTZ001
    assert activity().asdict()["occurred_at"] == "2024-05-01T12:00:00Z"


def test_the_json_is_compact_sorted_and_ascii() -> None:
    assert activity().to_json() == (
        '{"activity_type":"slack.message","actor_external_id":"U7","external_id":"C1/17",'
        '"occurred_at":"2024-05-01T12:00:00Z","source_system":"slack","source_url":"https://example.org/17",'
        '"summary":"M\\u00fcller said hello"}'
    )


def test_asdict_holds_json_primitives_only() -> None:
    extras = {
        "z": Colour.RED,
        "source": SourceSystem.WG21,
        "kind": ActivityType("a.b"),
        "day": date(2024, 5, 1),
        "path": PurePosixPath("a/b"),
        "money": Decimal("1.50"),
        "map": {2: "two", "1": {"b": (1,), "a": float("nan")}},
        "set": {"b", "a"},
    }
    state = GenericIncrementalState(extras=extras).asdict()
    assert state == {
        "checkpoint_token": None,
        "extras": {
            "day": "2024-05-01",
            "kind": "a.b",
            "map": {"1": {"a": None, "b": [1]}, "2": "two"},
            "money": "1.50",
            "path": "a/b",
            "set": ["a", "b"],
            "source": "wg21",
            "z": 3,
        },
        "human_readable_marker": None,
    }
    assert list(state) == sorted(state)
    assert list(state["extras"]) == sorted(state["extras"])
    assert list(state["extras"]["map"]["1"]) == ["a", "b"]


def test_the_text_form_is_short() -> None:
    many = {f"k{number}": number for number in range(6)}
    assert repr(GenericTrackerResult.ok(**many)) == (
        "GenericTrackerResult(success=True, counts={'k0': 0, 'k1': 1, <6 keys>}, errors=(), duration_seconds=None)"
    )
    assert "counts={'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5}" in repr(GenericTrackerResult.ok(a=1, b=2, c=3, d=4, e=5))
    assert "errors=('a', 'b')" in repr(GenericTrackerResult.failed("a", "b"))
    assert "errors=<3 items>" in repr(GenericTrackerResult.failed("a", "b", "c"))
    assert "errors=<1 items>" in repr(GenericTrackerResult.failed("x" * 81))
    assert f"summary='{'s' * 60}'" in repr(activity(summary="s" * 60))
    assert f"summary='{'s' * 57}...'" in repr(activity(summary="s" * 61))
    assert "extras={'k0': 0, 'k1': 1, <6 keys>}" in repr(GenericIncrementalState(extras=many))
    assert repr(NamedResult(True)).startswith("NamedResult(success=True, ")


def test_with_duration_keeps_the_first() -> None:
    first = GenericTrackerResult.ok(rows=1).with_duration(2.0)
    assert first.duration_seconds == 2.0
    assert first.with_duration(3.0) is first
    assert type(NamedResult(True).with_duration(1.0)) is NamedResult


def test_fill_duration() -> None:
    @dataclass
    class Own:
        success: bool = True
        counts: dict[str, int] = field(default_factory=dict)
        errors: tuple[str, ...] = ()
        duration_seconds: float | None = None

    timed: TrackerResult = GenericTrackerResult.ok().with_duration(2.0)
    assert fill_duration(timed, 9.0) is timed
    own = Own()
    filled = fill_duration(own, 9.0)
    assert (filled.duration_seconds, own.duration_seconds, type(filled)) == (9.0, None, Own)
    plain = SimpleNamespace(success=True, counts={}, errors=(), duration_seconds=None)
    assert fill_duration(plain, 9.0) is plain
    assert plain.duration_seconds is None
