"""What is posted, edited, deleted and replied to reaches the database."""

from __future__ import annotations

from datetime import timedelta

from boost_collectors.core.window import Window, WindowMode
from tests.bench import statements
from tests.contract.content import versions
from tests.cppa_slack_tracker.chat import MESSAGES, START, Bench

FULL = Window(WindowMode.FULL)


def test_messages_of_every_kind_keep_their_text(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    parent = bench.work.post(channel, "the question")
    bench.work.reply(channel, parent, "for all to see", subtype="thread_broadcast")
    bench.work.post(channel, "look", subtype="file_share", files=[{"id": "F1", "name": "a.png", "size": 5}])
    bench.work.post(channel, "built", None, subtype="bot_message", bot_id="B1")
    bench.work.post(channel, "waves", subtype="me_message")
    bench.work.post(channel, "nul \0 and half \ud83d a pair")
    assert bench.collect()["messages_inserted"] == 6
    kinds = dict(bench.rows(f"SELECT message, subtype || ':' || bot_id FROM {MESSAGES}"))
    assert kinds == {
        "the question": ":",
        "for all to see": "thread_broadcast:",
        "look": "file_share:",
        "built": "bot_message:B1",
        "<@U1> waves": "me_message:",
        "nul  and half ? a pair": ":",
    }
    assert bench.rows("SELECT file_id, name, size FROM cppa_slack_tracker_slackfile") == [("F1", "a.png", 5)]
    assert bench.rows(f"SELECT raw->>'bot_id' FROM {MESSAGES} WHERE bot_id <> ''") == ["B1"]


def test_an_unchanged_channel_costs_one_request_and_no_write(bench: Bench) -> None:
    for name in ("C1", "C2", "C3"):
        thread, *_ = bench.work.fill(bench.work.channel(name), 120)
        bench.work.reply(name, thread)
    bench.collect()
    stored = versions(bench.database)
    settings = bench.settings(SLACK_HISTORY_PAGE_SIZE="50")
    counts = bench.collect(settings=settings)
    assert bench.asked("conversations.history") == 3
    assert bench.asked("conversations.replies") == 0
    assert len(bench.sandbox.requests) == 3 + 3
    assert (counts["messages_inserted"], counts["messages_updated"]) == (0, 0)
    assert versions(bench.database) == stored


def test_an_edit_arrives_with_the_time_of_the_edit(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    first, second = bench.work.fill(channel, 2)
    bench.collect()
    bench.work.edit(channel, first, "better said")
    counts = bench.collect()
    assert (counts["messages_updated"], counts["messages_inserted"]) == (1, 0)
    assert bench.texts == {first: "better said", second: "message 1"}
    [(written, changed)] = bench.rows(
        f"SELECT slack_message_created_at, slack_message_updated_at FROM {MESSAGES} WHERE ts = '{first}'"
    )
    assert changed == START + timedelta(minutes=3, microseconds=100) > written


def test_a_deleted_message_is_marked_and_keeps_its_text(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    first, second, third = bench.work.fill(channel, 3)
    bench.collect()
    bench.work.delete(channel, second)
    assert bench.collect()["messages_removed"] == 1
    assert bench.deleted == {second}
    assert set(bench.texts) == {first, third}
    assert bench.rows(f"SELECT message FROM {MESSAGES} WHERE is_deleted") == ["message 1"]
    assert bench.collect()["messages_removed"] == 0


def test_the_first_message_of_a_channel_can_be_deleted_too(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    first, _ = bench.work.fill(channel, 2)
    bench.collect()
    bench.work.delete(channel, first)
    bench.collect()
    assert bench.deleted == {first}


def test_what_remains_of_a_deleted_message_with_replies_marks_it_and_leaves_its_text(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    parent = bench.work.post(channel, "asked in haste")
    bench.work.reply(channel, parent, "an answer")
    bench.collect()
    bench.work.delete(channel, parent)
    late = bench.work.reply(channel, parent, "a later answer")
    bench.collect()
    assert bench.deleted == {parent}
    assert bench.rows(f"SELECT message FROM {MESSAGES} WHERE ts = '{parent}'") == ["asked in haste"]
    assert bench.texts[late] == "a later answer"
    second = bench.collect()
    assert (second["messages_updated"], bench.asked("conversations.replies")) == (0, 0)


def test_a_reply_that_comes_later_is_read_and_only_its_thread(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    threads = bench.work.fill(channel, 5)
    for thread in threads:
        bench.work.reply(channel, thread, "early")
    bench.work.fill(channel, 30)
    bench.collect()
    assert bench.asked("conversations.replies") == 5
    late = bench.work.reply(channel, threads[0], "late")
    bench.collect()
    assert bench.asked("conversations.replies") == 1
    assert bench.texts[late] == "late"
    assert bench.rows(f"SELECT thread_ts FROM {MESSAGES} WHERE ts = '{late}'") == [threads[0]]


def test_a_late_reply_to_an_old_thread_is_found_in_the_course_of_the_runs(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    [old] = bench.work.fill(channel, 1)
    bench.work.fill(channel, 100)
    settings = bench.settings(SLACK_HISTORY_PAGE_SIZE="20")
    bench.collect(settings=settings)
    late = bench.work.reply(channel, old, "years later")
    bench.collect(settings=settings)
    assert late not in bench.texts
    for _ in range(6):
        bench.forget_rereading()
        bench.collect(settings=settings)
        assert bench.asked("conversations.history") == 2
    assert bench.texts[late] == "years later"


def test_replies_that_are_edited_or_deleted_are_noticed_when_the_last_days_are_read_again(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    parent = bench.work.post(channel)
    edited = bench.work.reply(channel, parent, "one")
    deleted = bench.work.reply(channel, parent, "two")
    bench.work.reply(channel, parent, "three")
    settings = bench.settings(SLACK_REREAD_DAYS="36500", SLACK_REREAD_HOURS="0")
    bench.collect(settings=settings)
    bench.work.edit(channel, edited, "one, better")
    bench.work.delete(channel, deleted)
    bench.collect(settings=settings)
    assert bench.texts[edited] == "one, better"
    assert bench.deleted == {deleted}


def test_a_full_run_sees_every_edit_and_deletion(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    parent, middle, *_ = bench.work.fill(channel, 60)
    reply = bench.work.reply(channel, parent, "said")
    settings = bench.settings(SLACK_HISTORY_PAGE_SIZE="10")
    bench.collect(settings=settings)
    bench.work.edit(channel, reply, "said anew")
    bench.work.delete(channel, middle)
    bench.collect(settings=settings, window=FULL)
    assert bench.texts[reply] == "said anew"
    assert bench.deleted == {middle}


def test_reactions_follow_the_message(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    ts = bench.work.post(channel, reactions=[{"name": "tada", "users": ["U1"], "count": 1}, {"name": "eyes"}])
    bench.collect()
    query = "SELECT name, count, gone_at IS NOT NULL FROM cppa_slack_tracker_slackreaction ORDER BY name"
    assert bench.rows(query) == [("eyes", 0, False), ("tada", 1, False)]
    bench.work.change(channel, ts, reactions=[{"name": "tada", "users": ["U1", "U2"], "count": 2}])
    bench.collect()
    assert bench.rows(query) == [("eyes", 0, True), ("tada", 2, False)]
    bench.work.change(channel, ts, reactions=None)
    bench.collect()
    assert bench.rows(query) == [("eyes", 0, True), ("tada", 2, True)]


def test_who_comes_and_goes_is_logged(bench: Bench) -> None:
    bench.work.user("U2", "tomas")
    channel = bench.work.channel("C1")
    for user, subtype in (("U1", "channel_join"), ("U2", "channel_join"), ("U2", "channel_leave")):
        bench.work.post(channel, "...", user, subtype=subtype)
    bench.collect()
    query = (
        "SELECT slack_user_id_text, is_deleted FROM (SELECT u.slack_user_id AS slack_user_id_text, m.is_deleted FROM "
        "cppa_slack_tracker_slackchannelmembership m JOIN cppa_user_tracker_slackuser u "
        "ON u.baseprofile_ptr_id = m.slack_user_id) AS members ORDER BY 1"
    )
    assert bench.rows(query) == [("U1", False), ("U2", True)]
    assert bench.texts == {}
    bench.work.post(channel, "...", "U2", subtype="channel_join")
    bench.collect()
    assert bench.rows(query) == [("U1", False), ("U2", False)]
    log = "SELECT is_joined FROM cppa_slack_tracker_slackchannelmembershipchangelog ORDER BY created_at"
    assert bench.rows(log) == [True, True, False, True]


def test_members_are_read_when_asked_for(bench: Bench) -> None:
    bench.work.user("U2", "tomas")
    bench.work.members["C1"] = ["U1", "U2"]
    bench.work.channel("C1")
    counts = bench.collect("--sync-channel-users")
    assert (counts["channel_memberships"], counts["memberships_inserted"]) == (2, 2)
    assert (bench.asked("conversations.history"), bench.asked("users.list")) == (0, 0)
    bench.work.members["C1"] = ["U1"]
    bench.work.save()
    bench.collect("--sync-channel-users")
    assert bench.rows("SELECT is_deleted FROM cppa_slack_tracker_slackchannelmembership ORDER BY 1") == [False, True]


def test_an_author_that_slack_does_not_know_is_asked_for_once(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    bench.work.post(channel, "from nowhere", "U404")
    bench.collect()
    names = (
        f"SELECT u.slack_user_id, u.username FROM {MESSAGES} m "
        "JOIN cppa_user_tracker_slackuser u ON u.baseprofile_ptr_id = m.slack_user_id"
    )
    assert bench.rows(names) == [("-1", "unknown")]
    assert bench.asked("users.info") == 1
    bench.collect()
    assert bench.asked("users.info") == 0


def test_a_thousand_messages_with_threads_and_reactions_cost_at_most_fifty_statements(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    for thread in bench.work.fill(channel, 600, reactions=[{"name": "tada", "users": ["U1"], "count": 1}])[:40]:
        for _ in range(10):
            bench.work.put(channel, {"text": "reply", "user": "U1", "thread_ts": thread})
    bench.work.save(channel)
    bench.collect("--sync-users", "--sync-channels")
    with statements() as seen:
        counts = bench.collect(only=("T1/C1",))
    assert counts["messages_inserted"] == 1000
    # COPY does not go through SQLAlchemy: one for each staging table.
    copies = sum(statement.lstrip().startswith("CREATE TEMPORARY") for statement in seen)
    assert len(seen) + copies <= 50


def test_a_backfill_reads_its_days_and_late_replies_of_them(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    days = [bench.work.post(channel, f"day {n}", ts=f"{1_700_006_400 + n * 86_400}.000100") for n in range(5)]
    late = bench.work.reply(channel, days[0], "late", ts=f"{1_700_006_400 + 2 * 86_400 + 60}.000100")
    other = bench.work.reply(channel, days[0], "too late", ts=f"{1_700_006_400 + 4 * 86_400 + 60}.000100")
    bench.collect("--start-date", "2023-11-16", "--end-date", "2023-11-17 08:00")
    assert late in bench.texts
    assert other not in bench.texts
    assert days[0] not in bench.texts
    assert bench.cursor("C1") == {}
