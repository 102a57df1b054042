"""Messages that cannot be read or stored, and archives that are down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.boost_mailing_list_tracker.collector import BoostMailingListTracker
from boost_collectors.core.errors import RateLimited, TransientError
from boost_collectors.core.window import Window, WindowMode
from include.sandbox import Sandbox
from tests.bench import statements
from tests.boost_mailing_list_tracker.mail import BOOST, START, Bench, Mailboxes, path_of

FULL = Window(WindowMode.FULL)


def test_a_message_that_failed_is_set_aside_and_read_by_the_next_run(bench: Bench, mail: Mailboxes) -> None:
    first, middle, last = mail.fill(3)
    bench.sandbox.faults.add(path_of(middle), "status", status=502)
    error = bench.fail()
    assert isinstance(error, TransientError)
    assert error.result is not None
    assert error.result.counts["messages_pending"] == 1
    assert error.result.counts["messages_inserted"] == 2
    assert bench.stored == {first, last}
    assert bench.pending == {middle: ("pending", 1)}
    assert bench.collect()["messages_inserted"] == 1
    assert bench.bodies == [middle]
    assert bench.stored == {first, middle, last}
    assert bench.pending == {}


def test_a_message_that_never_works_waits_in_quarantine_after_five_runs(bench: Bench, mail: Mailboxes) -> None:
    good, bad = mail.fill(2)
    bench.sandbox.faults.add(path_of(bad), "status", status=500, times=None)
    for attempt in range(1, 5):
        bench.fail()
        assert bench.pending == {bad: ("pending", attempt)}
    assert bench.collect()["messages_quarantined"] == 1
    assert bench.bodies == [bad]
    assert bench.pending[bad][0] == "quarantined"
    bench.collect()
    assert bench.bodies == []
    assert bench.stored == {good}
    [reason] = bench.rows("SELECT reason FROM core_pendingitem")
    assert "500" in reason


def test_a_full_run_takes_a_message_out_of_quarantine(bench: Bench, mail: Mailboxes) -> None:
    [bad] = mail.fill(1)
    bench.sandbox.faults.add(path_of(bad), "malformed", times=5)
    for _ in range(4):
        bench.fail()
    bench.collect()
    bench.collect(window=FULL)
    assert bench.stored == {bad}
    assert bench.pending == {}


def test_a_message_in_quarantine_is_left_alone_even_when_it_is_recent(bench: Bench, mail: Mailboxes) -> None:
    bad = mail.add("bad@x", sent=datetime.now(UTC))
    bench.sandbox.faults.add(path_of(bad), "status", times=None)
    for _ in range(4):
        bench.fail()
    bench.collect()
    assert bench.pending[bad][0] == "quarantined"
    bench.collect()
    assert bench.bodies == []


def test_a_failure_in_a_backfill_is_made_good_by_the_next_run(bench: Bench, mail: Mailboxes) -> None:
    [bad] = mail.fill(1)
    bench.sandbox.faults.add(path_of(bad), "status")
    bench.fail("--start-date", "2024-01-01")
    assert bench.pending == {bad: ("pending", 1)}
    bench.collect()
    assert bench.stored == {bad}


def test_an_archive_that_is_down_sets_nothing_aside(bench: Bench, mail: Mailboxes) -> None:
    messages = mail.fill(130)
    bench.sandbox.faults.add("*/email/*", "status", times=None)
    assert isinstance(bench.fail(), TransientError)
    assert len(bench.bodies) == 100
    assert bench.pending == {}
    assert bench.cursor() == {}
    bench.sandbox.faults.clear()
    bench.collect()
    assert bench.stored == set(messages)


def test_messages_that_nobody_can_read_do_not_keep_a_run_from_what_is_new(bench: Bench, mail: Mailboxes) -> None:
    good, *bad = mail.fill(13)
    for msg_id in bad:
        bench.sandbox.faults.add(path_of(msg_id), "status", times=None)
    bench.fail()
    new = mail.add("new@x")
    bench.fail()
    assert bench.stored == {good, new}
    assert bench.pending == dict.fromkeys(bad, ("pending", 2))


def test_a_rate_limit_keeps_the_cursor_and_stops_asking(bench: Bench, mail: Mailboxes) -> None:
    messages = mail.fill(250)
    bench.sandbox.faults.add("*/email/*", "status", status=429, retry_after=3600, times=None, after=120)
    settings = bench.settings(MAILING_LIST_PARALLEL_DOWNLOADS="4")
    error = bench.fail(settings=settings)
    assert isinstance(error, RateLimited)
    assert 3500 < (error.retry_at - datetime.now(UTC)).total_seconds() <= 3600
    assert len(bench.bodies) <= 124
    assert bench.pending == {}
    assert bench.cursor()["walk"]["offset"] == 100
    assert len(bench.stored) == 120
    bench.sandbox.faults.clear()
    bench.collect()
    assert len(bench.bodies) == 130
    assert bench.stored == set(messages)


def test_a_run_that_is_asked_to_stop_keeps_what_it_has_and_sets_nothing_aside(
    bench: Bench, mail: Mailboxes, make_context: Any
) -> None:
    mail.fill(20)
    context = make_context("run_boost_mailing_list_tracker", settings=bench.settings())
    context.stop.set()
    result = BoostMailingListTracker(context).run()
    assert not result.success
    assert (bench.pending, bench.cursor()) == ({}, {})


def _recorded(folder: Path, *messages: dict[str, Any]) -> Path:
    """A data folder whose list answers with exactly these messages."""
    place = folder / "mailing-list" / "hyperkitty-rest" / "made"
    (place / "emails").mkdir(parents=True)
    (place / "email").mkdir()
    (place / "list.json").write_text(json.dumps({"name": BOOST}))
    whole = [{"thread": None, "parent": None, "date": START.isoformat(), **message} for message in messages]
    (place / "emails" / "page-1.json").write_text(json.dumps({"results": whole}))
    for message in whole:
        (place / "email" / f"{message['message_id_hash']}.json").write_text(json.dumps(message))
    return folder


PERSON = {"address": "jo (a) x.org"}
POISON: list[dict[str, Any]] = [
    {"message_id_hash": "null-address", "sender": {"address": None}, "sender_name": "Jo"},
    {"message_id_hash": "no-object", "sender": ["jo"], "sender_name": None},
    {"message_id_hash": "long-subject", "sender": PERSON, "subject": "x" * 1025},
    {"message_id_hash": "half-pair", "sender": PERSON, "subject": "\ud800", "content": "a\ud83db\u0000c"},
    {"message_id_hash": "before-time", "sender": PERSON, "date": "0001-01-01T00:00:00+14:00"},
    {"message_id_hash": "no-date", "sender": PERSON, "date": None},
    {"message_id_hash": "numbers", "sender": {"address": 5, "name": 6}, "subject": 7, "content": 8},
]


def test_malformed_messages_are_stored_as_far_as_they_go(
    bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _recorded(tmp_path / "data", *POISON)
    with Sandbox(tmp_path / "data", samples=tmp_path / "samples") as sandbox:
        settings = bench.settings(**sandbox.environment())
        counts = bench.collect(settings=settings)
        assert counts["messages_inserted"] == len(POISON)
        second = bench.collect(settings=settings)
        assert second["messages_fetched"] == 0
    found = dict(bench.rows("SELECT msg_id, subject FROM boost_mailing_list_tracker_mailinglistmessage"))
    assert found["long-subject"] == "x" * 1024
    assert found["half-pair"] == "?"
    assert bench.rows(
        "SELECT content FROM boost_mailing_list_tracker_mailinglistmessage WHERE msg_id = 'half-pair'"
    ) == ["a?bc"]
    undated = "SELECT msg_id FROM boost_mailing_list_tracker_mailinglistmessage WHERE sent_at IS NULL ORDER BY 1"
    assert bench.rows(undated) == ["before-time", "no-date"]
    assert "The subject of message long-subject has 1025 characters: cut to 1024" in caplog.text
    assert f"Incomplete email null-address of {BOOST}: missing sender_address" in caplog.text
    assert f"Incomplete email no-date of {BOOST}: invalid sent_at" in caplog.text


def test_what_no_column_can_hold_goes_into_quarantine_and_leaves_no_profile(bench: Bench, tmp_path: Path) -> None:
    poison = {"message_id_hash": "long-name", "sender": PERSON, "sender_name": "y" * 256}
    good = {"message_id_hash": "good", "sender": PERSON, "sender_name": "Jo"}
    _recorded(tmp_path / "data", poison, good)
    with Sandbox(tmp_path / "data", samples=tmp_path / "samples") as sandbox:
        settings = bench.settings(**sandbox.environment())
        counts = bench.collect(settings=settings)
        assert (counts["messages_inserted"], counts["messages_quarantined"]) == (1, 1)
        assert bench.collect(settings=settings)["messages_fetched"] == 0
    assert bench.stored == {"good"}
    assert bench.pending == {"long-name": ("quarantined", 1)}
    assert bench.rows("SELECT display_name FROM cppa_user_tracker_mailinglistprofile") == ["Jo"]
    assert "sender_name is longer than 255" in bench.rows("SELECT reason FROM core_pendingitem")[0]


def test_one_person_is_one_profile_whatever_the_spelling_of_the_address(bench: Bench, mail: Mailboxes) -> None:
    mail.add("a@x", From="Jo Doe <Jo.Doe@Example.org>")
    mail.add("b@x", From="Jo Doe <jo.doe@example.org>")
    mail.fill(3, prefix="nameless", From="Somebody")
    bench.collect()
    senders = (
        "SELECT p.display_name, count(*) FROM boost_mailing_list_tracker_mailinglistmessage m "
        "JOIN cppa_user_tracker_mailinglistprofile p ON p.baseprofile_ptr_id = m.sender_id "
        "GROUP BY p.baseprofile_ptr_id, 1"
    )
    assert sorted(bench.rows(senders)) == [("Jo Doe", 2), ("Somebody", 3)]


def test_a_page_of_new_messages_costs_at_most_ten_statements(bench: Bench, mail: Mailboxes) -> None:
    for number in range(10):
        mail.fill(100, prefix=f"m{number}-", From=f"Person {number} <p{number}@x.example>")
    with statements() as seen:
        bench.collect()
    assert len(bench.stored) == 1000
    assert len(bench.offsets()) == 10
    beside = 12  # the run's lock and row, what was set aside, the checkpoint, the end of the walk
    assert len(seen) <= 10 * 10 + beside


def test_an_idle_run_costs_a_handful_of_statements(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(100)
    bench.collect()
    with statements() as seen:
        bench.collect()
    ours = [statement for statement in seen if "mailing_list" in statement or "cppa_user" in statement]
    assert len(ours) == 1
    assert len(seen) <= 20
