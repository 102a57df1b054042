"""Which part of an archive a run reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from boost_collectors.core.errors import CommandError, PermanentError, TransientError
from boost_collectors.core.window import Window, WindowMode
from tests.boost_mailing_list_tracker.mail import BOOST, START, USERS, Bench, Mailboxes, path_of

FULL = Window(WindowMode.FULL)
TWO_LISTS = {"BOOST_MAILING_LISTS": f"{BOOST},{USERS}"}


def test_an_idle_run_asks_for_one_index_page_and_no_message(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(130)
    bench.collect()
    assert bench.offsets() == [0, 100]
    counts = bench.collect()
    assert bench.offsets() == [0]
    assert bench.bodies == []
    assert counts["requests"] == 1


def test_only_unknown_messages_are_downloaded(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(30)
    bench.collect()
    new = mail.add("new@x")
    assert bench.collect()["messages_inserted"] == 1
    assert bench.bodies == [new]


def test_a_run_reads_down_to_where_the_last_one_began(bench: Bench, mail: Mailboxes) -> None:
    old = mail.fill(300)
    bench.collect()
    new = mail.fill(150, prefix="new")
    bench.collect()
    assert bench.offsets() == [0, 100]
    assert bench.stored == {*old, *new}
    assert set(bench.cursor()) == {"anchors"}


def test_an_interrupted_walk_goes_on_where_it_was_and_then_reads_what_is_new(bench: Bench, mail: Mailboxes) -> None:
    old = mail.fill(350)
    bench.sandbox.faults.add("*offset=200*", "status")
    assert isinstance(bench.fail(), TransientError)
    assert len(bench.stored) == 200
    assert bench.cursor()["walk"]["offset"] == 200
    new = mail.fill(20, prefix="new")
    bench.collect()
    assert bench.offsets() == [100, 200, 300, 0]
    assert set(bench.bodies).isdisjoint(old[150:])
    assert bench.stored == {*old, *new}
    assert set(bench.cursor()) == {"anchors"}


def test_a_failing_index_page_keeps_the_pages_before_it(bench: Bench, mail: Mailboxes) -> None:
    messages = mail.fill(150)
    bench.sandbox.faults.add("*offset=100*", "malformed", times=None)
    assert isinstance(bench.fail(), PermanentError)
    assert bench.stored == set(messages[50:])


def test_a_message_archived_late_is_found_whatever_its_date(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(3)
    bench.collect()
    late = mail.add("moderated@x", sent=datetime(2001, 1, 1, tzinfo=UTC))
    newer = mail.add("newer@x")
    bench.collect()
    assert {late, newer} <= bench.stored


def test_a_message_dated_in_the_future_stops_nothing_and_is_read_once(bench: Bench, mail: Mailboxes) -> None:
    mail.add("future@x", sent=datetime(2038, 1, 1, tzinfo=UTC))
    bench.collect()
    after = mail.add("after@x")
    bench.collect()
    assert bench.bodies == [after]
    assert after in bench.stored


def test_an_anchor_archived_anew_hides_nothing(bench: Bench, mail: Mailboxes) -> None:
    old = mail.fill(120)
    bench.collect()
    new = mail.fill(150, prefix="new")
    mail.raise_to_top("m119@x")
    bench.collect()
    assert bench.stored == {*old, *new}


def test_without_a_single_anchor_left_the_walk_reads_on_to_the_end(bench: Bench, mail: Mailboxes) -> None:
    old = mail.fill(250)
    bench.collect()
    mail.remove(*(f"m{number}@x" for number in range(150, 250)))
    new = mail.add("new@x")
    bench.collect()
    assert bench.offsets() == [0, 100]
    assert bench.bodies == [new]
    assert bench.stored == {*old, new}


def test_each_list_has_its_own_checkpoint(bench: Bench, mail: Mailboxes) -> None:
    settings = bench.settings(**TWO_LISTS)
    mail.add("a@x")
    mail.add("b@x", to=USERS)
    bench.collect(settings=settings)
    missed = mail.add("c@x", sent=START + timedelta(days=1))
    mail.add("d@x", to=USERS, sent=START + timedelta(days=9))
    bench.sandbox.faults.add(f"*/{BOOST}/emails/*", "status")
    error = bench.fail(settings=settings)
    assert BOOST in str(error)
    assert USERS not in str(error)
    assert len(bench.stored) == 3
    bench.collect(settings=settings)
    assert missed in bench.stored


def test_a_list_that_cannot_be_read_fails_the_run_and_the_others_are_read(bench: Bench, mail: Mailboxes) -> None:
    mail.add("b@x", to=USERS)
    mail.add("a@x")
    bench.sandbox.faults.add(f"*/{BOOST}/emails/*", "status", times=None)
    error = bench.fail(settings=bench.settings(**TWO_LISTS))
    assert isinstance(error, TransientError)
    assert error.result is not None
    assert not error.result.success
    assert error.result.errors[0].startswith(BOOST)
    assert error.result.counts["messages_inserted"] == 1


def test_an_edit_within_the_days_that_are_read_again_arrives(bench: Bench, mail: Mailboxes) -> None:
    recent = datetime.now(UTC) - timedelta(hours=3)
    edited = mail.add("edited@x", sent=recent)
    mail.add("same@x", sent=recent)
    mail.add("old@x", sent=START)
    bench.collect()
    times = "SELECT subject, updated_at FROM boost_mailing_list_tracker_mailinglistmessage"
    before = dict(bench.rows(times))
    mail.edit("edited@x", "Another text.")
    mail.edit("old@x", "Too late.")
    counts = bench.collect()
    assert (counts["messages_updated"], counts["messages_unchanged"]) == (1, 1)
    contents = "SELECT subject, content FROM boost_mailing_list_tracker_mailinglistmessage"
    assert dict(bench.rows(contents)) == {
        "edited@x": "Another text.",
        "same@x": "Text of same@x.",
        "old@x": "Text of old@x.",
    }
    after = dict(bench.rows(times))
    assert after["edited@x"] > before["edited@x"]
    assert after["same@x"] == before["same@x"]
    assert edited in bench.bodies


def test_a_cross_post_is_one_message_on_two_lists(bench: Bench, mail: Mailboxes) -> None:
    settings = bench.settings(**TWO_LISTS, MAILING_LIST_REREAD_DAYS="3650")
    crossed = mail.add("crossed@x")
    mail.add("other@x", to=USERS)
    mail.add("crossed@x", to=USERS, Subject="the same, tagged by the other list")
    bench.collect(settings=settings)
    lists = (
        "SELECT m.msg_id, l.list_name FROM boost_mailing_list_tracker_messagelist l "
        "JOIN boost_mailing_list_tracker_mailinglistmessage m ON m.id = l.message_id"
    )
    assert {name for msg_id, name in bench.rows(lists) if msg_id == crossed} == {BOOST, USERS}
    subjects = f"SELECT subject FROM boost_mailing_list_tracker_mailinglistmessage WHERE msg_id = '{crossed}'"
    assert bench.rows(subjects) == ["crossed@x"]
    second = bench.collect(settings=settings)
    assert (second["messages_updated"], second["messages_unchanged"]) == (0, 3)


def test_a_full_run_marks_what_has_gone_and_what_returns(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(110)
    bench.collect()
    mail.remove("m5@x")
    assert bench.collect()["messages_seen"] == 100
    gone = "SELECT subject FROM boost_mailing_list_tracker_mailinglistmessage WHERE gone_at IS NOT NULL"
    assert bench.rows(gone) == []
    assert bench.collect(window=FULL)["messages_removed"] == 1
    assert bench.rows(gone) == ["m5@x"]
    assert bench.collect(window=FULL)["messages_removed"] == 0
    mail.add("m5@x", sent=START)
    bench.collect()
    assert bench.rows(gone) == []


def test_a_cross_post_has_gone_when_no_list_has_it(bench: Bench, mail: Mailboxes) -> None:
    settings = bench.settings(**TWO_LISTS)
    for name in (BOOST, USERS):
        mail.add("crossed@x", to=name)
        mail.add("other@x", to=name)
    bench.collect(settings=settings)
    mail.remove("crossed@x", of=BOOST)
    assert bench.collect(settings=settings, window=FULL)["messages_removed"] == 0
    mail.remove("crossed@x", of=USERS)
    assert bench.collect(settings=settings, window=FULL)["messages_removed"] == 1
    gone = "SELECT subject FROM boost_mailing_list_tracker_mailinglistmessage WHERE gone_at IS NOT NULL"
    assert bench.rows(gone) == ["crossed@x"]


def test_an_index_that_is_empty_for_once_marks_nothing_as_gone(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(3)
    bench.collect()
    mail.remove("m0@x", "m1@x", "m2@x")
    bench.collect(window=FULL)
    assert bench.rows("SELECT count(gone_at) FROM boost_mailing_list_tracker_mailinglistmessage") == [0]


def test_a_full_run_that_breaks_off_marks_nothing_and_moves_no_checkpoint(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(150)
    bench.collect()
    before = bench.cursor()
    mail.remove("m3@x")
    bench.sandbox.faults.add("*offset=100*", "status")
    bench.fail(window=FULL)
    assert bench.cursor() == before
    assert bench.rows("SELECT count(gone_at) FROM boost_mailing_list_tracker_mailinglistmessage") == [0]


def test_a_dry_run_reads_the_index_only_and_writes_nothing(bench: Bench, mail: Mailboxes) -> None:
    mail.fill(110)
    counts = bench.collect("--dry-run")
    assert counts["messages_to_fetch"] == 110
    assert bench.offsets() == [0, 100]
    assert bench.bodies == []
    assert bench.stored == set()
    assert bench.rows("SELECT count(*) FROM core_checkpoint") == [0]
    assert not bench.settings().raw_dir.exists()


def test_an_unknown_list_is_named(bench: Bench, mail: Mailboxes) -> None:
    mail.add("a@x")
    error = bench.fail("--only", "bost@lists.boost.org")
    assert isinstance(error, CommandError)
    assert BOOST in str(error)
    assert len(bench.sandbox.requests) == 0


def test_a_list_that_the_archive_does_not_have_fails_for_good(bench: Bench) -> None:
    assert isinstance(bench.fail(), PermanentError)


def test_a_message_gone_between_index_and_download_is_no_failure(bench: Bench, mail: Mailboxes) -> None:
    gone, there = mail.fill(2)
    bench.sandbox.faults.add(path_of(gone), "status", status=404, times=None)
    assert bench.collect()["messages_gone"] == 1
    assert bench.stored == {there}
    assert bench.pending == {}


def test_senders_whose_profile_is_lost_are_told_by_a_full_run(
    bench: Bench, mail: Mailboxes, caplog: pytest.LogCaptureFixture
) -> None:
    mail.add("kept@x", From="Ada <ada@x.example>")
    mail.add("removed@x", From="Bo <bo@x.example>")
    assert bench.collect(window=FULL)["senders_lost"] == 0
    mail.remove("removed@x")
    with bench.database.session() as session:
        session.execute(text("DELETE FROM cppa_user_tracker_baseprofile"))
    assert bench.collect(window=FULL)["senders_lost"] == 1
    assert "have no profile: 1, such as" in caplog.text
