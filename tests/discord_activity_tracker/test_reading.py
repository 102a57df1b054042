"""Which messages a run asks for, and what becomes of edits, deletions and reactions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boost_collectors.core.errors import TransientError
from boost_collectors.core.window import Window, WindowMode
from tests.bench import statements
from tests.discord_activity_tracker.servers import FORUM, GENERAL, OTHER, START, Bench, Server

FULL = Window(WindowMode.FULL)
REACTIONS = "SELECT emoji, count FROM discord_activity_tracker_discordreaction ORDER BY emoji"


def recently(**ago: float) -> datetime:
    return datetime.now(UTC) - timedelta(**ago)


def test_a_first_run_reads_everything_oldest_first(bench: Bench, server: Server) -> None:
    server.channel()
    ids = server.fill(250)
    counts = bench.collect()
    assert list(bench.asked()) == [{"after": "0"}, {"after": ids[99]}, {"after": ids[199]}]
    assert set(bench.stored) == set(ids)
    assert counts["messages_inserted"] == counts["messages"] == 250


def test_old_channels_that_are_idle_cost_no_request(bench: Bench, server: Server) -> None:
    server.channel()
    server.fill(3)
    bench.collect()
    counts = bench.collect()
    assert bench.asked() == []
    assert counts["requests"] == 3


def test_unchanged_recent_channels_and_threads_cost_one_request_each(bench: Bench, server: Server) -> None:
    server.channel()
    server.fill(150, at=recently(days=1))
    thread = server.thread("talk")
    server.fill(120, to=thread, at=recently(days=1))
    bench.collect()
    rows = bench.rows("SELECT xmin::text, ctid::text FROM discord_activity_tracker_discordmessage")
    counts = bench.collect()
    assert (bench.asked(), bench.asked(thread), bench.lists()) == ([{}], [{}], 0)
    assert (counts["messages_updated"], counts["messages_unchanged"]) == (0, 200)
    assert bench.rows("SELECT xmin::text, ctid::text FROM discord_activity_tracker_discordmessage") == rows


def test_new_messages_come_with_the_newest_page(bench: Bench, server: Server) -> None:
    server.channel()
    server.fill(5, at=recently(days=2))
    bench.collect()
    new = server.say("new", at=recently(hours=1))
    assert bench.collect()["messages_inserted"] == 1
    assert bench.asked() == [{}]
    assert new in bench.stored


def test_a_gap_longer_than_a_page_is_read_whole(bench: Bench, server: Server) -> None:
    server.channel()
    old = server.fill(5)
    bench.collect()
    new = server.fill(320)
    bench.collect()
    assert set(bench.stored) == {*old, *new}
    assert bench.asked()[:2] == [{}, {"after": old[-1]}]


def test_an_interrupted_first_run_goes_on_where_it_was(bench: Bench, server: Server) -> None:
    server.channel()
    ids = server.fill(1250)
    bench.sandbox.faults.add(f"*after={ids[1099]}*", "status")
    assert isinstance(bench.fail(), TransientError)
    assert set(bench.stored) == set(ids[:1100])
    bench.collect()
    assert set(bench.stored) == set(ids)
    assert {"after": "0"} not in bench.asked()


def test_edits_pins_and_reactions_of_the_newest_page_arrive(bench: Bench, server: Server) -> None:
    server.channel()
    message = server.say("before", at=recently(days=3), reactions=[_reaction("👍", 1), _reaction("👀", 2)])
    bench.collect()
    assert bench.rows(REACTIONS) == [("👀", 2), ("👍", 1)]
    edited = recently(minutes=5).isoformat(timespec="microseconds")
    server.change(message, content="after", edited_timestamp=edited, pinned=True, reactions=[_reaction("👍", 4)])
    counts = bench.collect()
    assert bench.stored == {message: "after"}
    assert bench.rows(REACTIONS) == [("👍", 4)]
    assert (counts["messages_updated"], counts["reactions_updated"], counts["reactions_removed"]) == (1, 1, 1)
    [pinned] = bench.rows("SELECT is_pinned FROM discord_activity_tracker_discordmessage")
    assert pinned


def _reaction(emoji: str, count: int) -> dict[str, object]:
    return {"emoji": {"id": None, "name": emoji}, "count": count}


def test_embeds_stickers_and_attachments_are_kept(bench: Bench, server: Server) -> None:
    server.channel()
    embed, sticker = {"type": "rich", "title": "A talk"}, {"id": "7", "name": "wave", "format_type": 1}
    file = {"id": "8", "filename": "a.png", "size": 5, "url": "https://cdn.discordapp.com/attachments/1/2/a.png"}
    server.say("look", at=recently(days=1), embeds=[embed], sticker_items=[sticker], attachments=[file])
    bench.collect()
    query = (
        "SELECT embeds->0->>'title', stickers->0->>'name', attachments->0->>'file_name' "
        "FROM discord_activity_tracker_discordmessage"
    )
    assert bench.rows(query) == [("A talk", "wave", "a.png")]


def test_a_deleted_message_is_marked_and_one_that_is_back_is_not(bench: Bench, server: Server) -> None:
    server.channel()
    ids = server.fill(5, at=recently(days=1))
    server.settle(GENERAL, ids[-1])
    bench.collect()
    server.delete(ids[2], ids[4])
    assert bench.collect()["messages_deleted"] == 2
    assert bench.deleted == {ids[2], ids[4]}
    assert bench.collect()["messages_deleted"] == 0
    server.say("back", at=recently(hours=2), id=ids[4])
    bench.collect()
    assert bench.deleted == {ids[2]}


def test_once_a_day_the_last_days_are_read_again(bench: Bench, server: Server) -> None:
    server.channel()
    old = server.fill(5)
    recent = server.fill(250, at=recently(days=5))
    server.settle(GENERAL, recent[-1])
    bench.collect()
    server.delete(recent[0], old[0])
    server.change(recent[1], content="edited")
    bench.collect()
    assert bench.deleted == set()
    _a_day_passes(bench)
    assert bench.collect()["messages_deleted"] == 2  # the page that reaches the bound reaches beyond it
    assert bench.asked() == [{}, {"before": recent[150]}, {"before": recent[50]}]
    assert bench.stored[recent[1]] == "edited"
    bench.collect()
    assert bench.asked() == [{}]


def _a_day_passes(bench: Bench) -> None:
    yesterday = recently(hours=25).isoformat()
    with bench.database.engine.begin() as connection:
        for name in ("swept_at", "listed_at"):
            connection.exec_driver_sql(
                f"UPDATE core_checkpoint SET cursor = jsonb_set(cursor, '{{{name}}}', to_jsonb('{yesterday}'::text)) "
                f"WHERE cursor ? '{name}'"
            )


def test_a_full_run_finds_what_old_messages_became(bench: Bench, server: Server) -> None:
    server.channel()
    ids = server.fill(230)
    server.settle(GENERAL, ids[-1])
    bench.collect()
    server.delete(ids[0], ids[150], ids[229])
    server.change(ids[3], content="edited")
    bench.collect()
    assert bench.asked() == []
    assert bench.collect(window=FULL)["messages_deleted"] == 3
    assert bench.deleted == {ids[0], ids[150], ids[229]}
    assert bench.stored[ids[3]] == "edited"


def test_a_history_that_is_hidden_deletes_nothing_and_is_told(
    bench: Bench, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.channel()
    ids = server.fill(3, at=recently(days=1))
    bench.collect()
    server.guild["hidden"] = [GENERAL]
    server.save()
    for window in (Window(), FULL):
        assert bench.collect(window=window)["channels_without_messages"] == 1
    assert set(bench.stored) == set(ids)
    assert "Read Message History" in caplog.text


def test_a_window_is_a_span_of_ids(bench: Bench, server: Server) -> None:
    server.channel()
    ids = server.fill(300)
    bench.collect("--since", "2024-01-02", "--until", "2024-01-08")
    assert set(bench.stored) == set(ids[24:168])
    assert bench.rows("SELECT count(*) FROM core_checkpoint") == [0]


def test_archived_threads_and_forum_posts_are_read(bench: Bench, server: Server) -> None:
    server.channel()
    server.channel(FORUM, "questions", kind=15)
    threads = [server.thread(f"t{number}", archived=START + timedelta(days=number)) for number in range(120)]
    posts = [server.thread("post", of=FORUM), server.thread("solved", of=FORUM, archived=START)]
    ids = {server.say("in there", to=thread) for thread in [*threads, *posts]}
    bench.collect()
    assert set(bench.stored) == ids
    assert (bench.lists(GENERAL), bench.lists(FORUM)) == (2, 1)
    kinds = (
        "SELECT category_name, count(*) FROM discord_activity_tracker_discordchannel WHERE category_id > 0 GROUP BY 1"
    )
    assert dict(bench.rows(kinds)) == {"general": 120, "questions": 2}


@pytest.mark.parametrize("manages_threads", [True, False])
def test_archived_private_threads_are_read_as_far_as_the_bot_may_see_them(
    bench: Bench, server: Server, manages_threads: bool
) -> None:
    server.guild["manages_threads"] = manages_threads
    server.channel()
    server.channel(FORUM, "questions", kind=15)
    threads = [
        server.thread(f"t{number}", archived=START + timedelta(days=number), private=True) for number in range(101)
    ]
    ids = {server.say("between us", to=thread) for thread in (threads[0], threads[-1])}
    bench.collect()
    assert set(bench.stored) == ids
    kinds = "SELECT DISTINCT channel_type FROM discord_activity_tracker_discordchannel WHERE category_id > 0"
    assert bench.rows(kinds) == ["GuildPrivateThread"]
    private = [r.path for r in bench.sandbox.requests if r.path.endswith("archived/private")]
    assert len(private) == (2 if manages_threads else 3)
    assert not any(FORUM in path for path in private)
    bench.collect()
    assert not any(r.path.endswith("archived/private") for r in bench.sandbox.requests)


def test_a_thread_opened_and_archived_between_two_runs_is_found_by_its_message(bench: Bench, server: Server) -> None:
    server.channel()
    server.say("first", at=recently(days=1))
    bench.collect()
    thread = server.thread("late", archived=recently(minutes=5))
    late = server.say("late", to=thread, at=recently(minutes=10))
    server.say("late", at=recently(minutes=11), type=18, message_reference={"channel_id": thread})
    bench.collect()
    assert late in bench.stored
    bench.collect()
    assert bench.lists() == 0


def test_an_old_thread_that_nothing_tells_of_is_found_within_a_day(bench: Bench, server: Server) -> None:
    server.channel()
    server.say("first", at=recently(days=1))
    thread = server.thread("old", archived=START)
    server.say("old", to=thread)
    bench.collect()
    server.archive(thread, recently(minutes=5))
    late = server.say("late reply", to=thread, at=recently(minutes=10))
    bench.collect()
    assert late not in bench.stored
    _a_day_passes(bench)
    bench.collect()
    assert late in bench.stored


def test_a_thread_that_was_archived_since_is_read_to_its_end(bench: Bench, server: Server) -> None:
    server.channel()
    thread = server.thread("talk")
    server.say("one", to=thread)
    bench.collect()
    last = server.say("two", to=thread)
    server.archive(thread, recently(hours=1))
    bench.collect()
    assert last in bench.stored


def test_vanished_channels_and_threads_are_marked(bench: Bench, server: Server) -> None:
    server.channel()
    server.channel(OTHER, "other")
    thread = server.thread("talk")
    for place in (GENERAL, OTHER, thread):
        server.say("x", to=place)
    bench.collect()
    server.remove_thread(thread)
    server.guild["channels"].pop()
    server.save()
    assert bench.collect()["channels_gone"] == 2
    gone = "SELECT channel_name FROM discord_activity_tracker_discordchannel WHERE gone_at IS NOT NULL ORDER BY 1"
    assert bench.rows(gone) == ["other", "talk"]
    assert len(bench.stored) == 3


def test_a_thousand_messages_in_threads_take_few_statements(bench: Bench, server: Server) -> None:
    server.channel()
    for number in range(40):
        thread = server.thread(f"t{number}")
        server.fill(24, to=thread)
        server.say("reacted", to=thread, reactions=[_reaction("👍", 1)])
    with statements() as seen:
        assert bench.collect()["messages_inserted"] == 1000
    # COPY does not go through SQLAlchemy: one for each staging table.
    copies = sum(statement.lstrip().startswith("CREATE TEMPORARY") for statement in seen)
    assert len(seen) + copies <= 50
