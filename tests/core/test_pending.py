"""Items to try again: noted, counted, returned in turn, put away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from boost_collectors.core import pending
from boost_collectors.core.database import Database
from boost_collectors.core.models import PendingItem


def test_failures_of_an_item_are_counted(database: Database) -> None:
    with database.session() as session:
        assert pending.add(session, "run_a", "dev", "m1", "timeout", {"url": "u1"}) == 1
    with database.session() as session:
        assert pending.add(session, "run_a", "dev", "m1", "500\0") == 2
        (item,) = pending.due(session, "run_a", "dev", 10)
        assert (item.key, item.reason, item.payload, item.attempts) == ("m1", "500", {"url": "u1"}, 2)
        assert item.first_failed_at < item.last_failed_at
        assert pending.add(session, "run_a", "dev", "m1", "timeout", {"url": "u2"}) == 3
        assert pending.due(session, "run_a", "dev", 10)[0].payload == {"url": "u2"}


def test_what_failed_longest_ago_is_due_first(database: Database) -> None:
    for key in ("m1", "m2", "m3", "m1"):
        with database.session() as session:
            pending.add(session, "run_a", "dev", key, "timeout")
    with database.session() as session:
        assert [item.key for item in pending.due(session, "run_a", "dev", 2)] == ["m2", "m3"]


def test_units_and_commands_are_apart(database: Database) -> None:
    with database.session() as session:
        pending.add(session, "run_a", "dev", "m1", "x")
        pending.add(session, "run_a", "users", "m2", "x")
        pending.add(session, "run_b", "dev", "m3", "x")
        assert pending.keys(session, "run_a", "dev") == {"m1"}
        assert [item.key for item in pending.due(session, "run_b", "dev", 9)] == ["m3"]


def test_items_move_to_the_new_name_of_their_unit(database: Database) -> None:
    with database.session() as session:
        for unit, key in (("old", "m1"), ("old", "m2"), ("new", "m2"), ("older", "m3")):
            pending.add(session, "run_a", unit, key, f"of {unit}")
        pending.move(session, "run_a", "old", "new")
        assert pending.keys(session, "run_a", "new") == {"m1", "m2"}
        assert {item.reason for item in pending.due(session, "run_a", "new", 9)} == {"of old", "of new"}
        assert pending.keys(session, "run_a", "older") == {"m3"}


def test_an_item_that_is_done_is_forgotten(database: Database) -> None:
    with database.session() as session:
        pending.add(session, "run_a", "dev", "m1", "x")
        pending.add(session, "run_a", "dev", "m2", "x")
        pending.done(session, "run_a", "dev", "m1")
        pending.done(session, "run_a", "dev", "never noted")
        assert pending.keys(session, "run_a", "dev") == {"m2"}


def test_an_item_in_quarantine_is_known_but_never_due(database: Database) -> None:
    with database.session() as session:
        pending.add(session, "run_a", "dev", "m1", "x", {"url": "u1"})
        assert pending.quarantine(session, "run_a", "dev", "m1", "too long") == 2
        assert pending.quarantine(session, "run_a", "dev", "m2", "never readable", {"url": "u2"}) == 1
        assert pending.add(session, "run_a", "dev", "m1", "again") == 3
        assert pending.due(session, "run_a", "dev", 9) == []
        assert pending.keys(session, "run_a", "dev") == {"m1", "m2"}
        rows = session.query(PendingItem.key, PendingItem.status, PendingItem.payload).order_by(PendingItem.key)
        assert [tuple(row) for row in rows] == [
            ("m1", "quarantined", {"url": "u1"}),
            ("m2", "quarantined", {"url": "u2"}),
        ]


def test_a_rest_doubles_with_each_failure(database: Database) -> None:
    now = datetime.now(UTC)
    with database.session() as session:
        pending.add(session, "c", "u", "once", "down")
        for _ in range(3):
            pending.add(session, "c", "u", "thrice", "down")

    def rested(hours: float) -> list[str]:
        with database.session() as session:
            later, wait = now + timedelta(hours=hours), timedelta(hours=1)
            return [item.key for item in pending.due(session, "c", "u", 10, now=later, wait=wait)]

    assert rested(0) == []
    assert rested(1.1) == ["once"]
    assert rested(3.9) == ["once"]
    assert rested(4.1) == ["once", "thrice"]
