"""Conversations in the vector index: whole, under lasting names, and without harm to code."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from boost_collectors import registry
from boost_collectors.core.errors import CollectorError, CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.models import PineconeSyncStatus
from boost_collectors.cppa_pinecone_sync.place import Place
from boost_collectors.cppa_slack_tracker.message_text import message_text
from boost_collectors.cppa_slack_tracker.normalise import MessageRecord, normalise
from boost_collectors.cppa_slack_tracker.preprocessor import preprocess_team
from boost_collectors.cppa_slack_tracker.services import Posting, store_messages
from tests.cppa_slack_tracker.chat import MESSAGES, OTHER, TEAM, Bench

DENSE, SPARSE, NAMESPACE = "boost-dashboard", "boost-dashboard-sparse", "slack-Workshop"
SAID = "Whoever reads number {} learns that the executor keeps its work alive until every handler has run."


class Index:
    """The command, and what the sandbox's Pinecone holds afterwards."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def sync(self, *arguments: str, **variables: str) -> dict[str, int]:
        self._bench.collect()
        return self.hand_over(*arguments, **variables)

    def hand_over(self, *arguments: str, **variables: str) -> dict[str, int]:
        self._bench.sandbox.requests.clear()
        spec = registry.find("sync_cppa_slack_documents")
        result = execute(spec, Request(arguments=arguments), settings=self._bench.settings(**variables))
        assert result is not None
        return dict(result.counts)

    def texts(self, namespace: str = NAMESPACE) -> dict[str, str]:
        """The text by ``doc_id``, which both halves of the index must agree on; each document is one chunk."""
        dense, sparse = (self._bench.sandbox.pinecone.vectors(index, namespace) for index in (DENSE, SPARSE))
        assert dense.keys() == sparse.keys()
        found = {fields["doc_id"]: fields["chunk_text"] for fields in dense.values()}
        assert len(found) == len(dense)
        return found

    @property
    def calls(self) -> list[str]:
        return [request.path for request in self._bench.sandbox.requests]


@pytest.fixture
def index(bench: Bench) -> Index:
    return Index(bench)


def doc(channel: str, ts: str, team: str = TEAM) -> str:
    return f"slack-{team}-{channel}-{ts}"


def offered(bench: Bench, make_context: Any, *failed: str, since: Any = None, team: str = TEAM) -> list[dict[str, Any]]:
    items, chunked = preprocess_team(team, failed, since, context=make_context(database=bench.database))
    assert not chunked
    return list(items)


def test_a_conversation_has_exactly_these_metadata(bench: Bench, make_context: Any) -> None:
    channel = bench.work.channel("C1")
    first, second = (bench.work.post(channel, SAID.format(number)) for number in "ab")
    bench.collect()
    gone, whole = offered(bench, make_context)
    assert whole == {
        "content": f"{SAID.format('a')}\n\n{SAID.format('b')}",
        "metadata": {
            "doc_id": doc(channel, first),
            "type": "slack",
            "channel_id": "C1",
            "user_name": "mila",
            "timestamp": int(float(first)),
            "is_grouped": True,
            "thread_ts": "",
            "group_size": 2,
            "team_id": TEAM,
            "source_ids": f"{first},{second}",
        },
    }
    assert gone["gone"] is True
    assert gone["metadata"]["doc_id"] == doc(channel, second)


def test_w10_old_messages_that_are_collected_late_are_indexed(bench: Bench, index: Index) -> None:
    channel = bench.work.channel("C1")
    bench.work.wait(86_400)
    young = bench.work.post(channel, SAID.format("young"))
    index.sync()
    assert set(index.texts()) == {doc(channel, young)}
    old = bench.work.post(channel, SAID.format("old"), ts="1690000000.000100")
    bench.forget_rereading()
    index.sync()
    assert index.texts()[doc(channel, old)] == SAID.format("old")


def test_w11_conversations_never_cross_channels_and_a_growing_one_keeps_its_name(bench: Bench, index: Index) -> None:
    one, two = bench.work.channel("C1"), bench.work.channel("C2")
    first, other = bench.work.post(one, SAID.format(1)), bench.work.post(two, SAID.format(2))
    index.sync()
    assert index.texts() == {doc(one, first): SAID.format(1), doc(two, other): SAID.format(2)}
    bench.work.post(one, SAID.format(3))
    bench.work.wait(3600)
    next_run = bench.work.post(one, SAID.format(4))
    index.sync()
    assert index.texts() == {
        doc(one, first): f"{SAID.format(1)}\n\n{SAID.format(3)}",
        doc(two, other): SAID.format(2),
        doc(one, next_run): SAID.format(4),
    }


def test_w11_a_late_reply_joins_its_thread_and_the_thread_leaves_the_conversation(bench: Bench, index: Index) -> None:
    channel = bench.work.channel("C1")
    question, beside = (bench.work.post(channel, SAID.format(number)) for number in "qb")
    index.sync()
    assert set(index.texts()) == {doc(channel, question)}
    bench.work.wait(50_000)
    bench.work.reply(channel, question, SAID.format("late"))
    index.sync()
    assert index.texts() == {
        doc(channel, question): f"{SAID.format('q')}\n\n{SAID.format('late')}",
        doc(channel, beside): SAID.format("b"),
    }


def test_w11_each_workspace_has_its_own_namespace_and_one_that_fails_costs_no_other(bench: Bench, index: Index) -> None:
    other = bench.second_workspace()
    bench.variables.update(bench.both)
    mine = bench.work.post(bench.work.channel("C1"), SAID.format("mine"))
    theirs = other.post(other.channel("C9"), SAID.format("theirs"))
    bench.collect()
    with bench.database.session() as session:
        # Longer than the name of an application type may be.
        session.execute(
            text(f"UPDATE cppa_slack_tracker_slackteam SET index_name = repeat('x', 80) WHERE team_id = '{TEAM}'")
        )
    with pytest.raises(CollectorError, match=f"{TEAM}: app_type .* is longer than 64"):
        index.hand_over()
    assert index.texts("slack-Other") == {doc("C9", theirs, OTHER): SAID.format("theirs")}
    with bench.database.session() as session:
        session.execute(text(f"UPDATE cppa_slack_tracker_slackteam SET index_name = 'W' WHERE team_id = '{TEAM}'"))
    assert index.hand_over("--team", TEAM, PINECONE_SLACK_NAMESPACE_PREFIX="talk")["units"] == 1
    assert index.texts("talk-W") == {doc("C1", mine): SAID.format("mine")}
    with pytest.raises(CommandError, match="no Slack workspace 'T7'; known: T1, T2"):
        index.hand_over("--team", "T7")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("a::b::c and std::vector&lt;int&gt; stay", "a::b::c and std::vector<int> stay"),
        ("std::vector<int> as the earlier system stored it", "std::vector<int> as the earlier system stored it"),
        ("::global &amp; ::std::move(X) at 10:30:00", "::global & ::std::move(X) at 10:30:00"),
        ("see <https://a.example/b|the   page>, <http://b.example>", "see the page, http://b.example"),
        ("<@U1> ask <#C1|general> or <#C2> <!here> :tada::+1: :wave::skin-tone-2: now", "ask #general or #C2 now"),
        ("Use  `a  :b:  c`\n  or:\n```if (x)\n  y&lt;T&gt;();```", "Use `a  :b:  c` or: ```if (x)\n  y<T>();```"),
        ("Hello! Use RAII. Thanks!", "Use RAII."),
        ("ok :tada:", ""),
    ],
)
def test_w12_markup_goes_and_code_stays(message: str, told: str) -> None:
    assert message_text(message) == told


def test_w13_rows_written_during_a_sync_belong_to_the_next_and_a_sync_of_nothing_moves_on(
    bench: Bench, index: Index
) -> None:
    channel = bench.work.channel("C1")
    first = bench.work.post(channel, SAID.format("first"))
    bench.collect()
    with bench.database.session() as writing:
        # Begun before the sync and committed after it, its rows carry a time before the sync's end.
        writing.execute(text(f"UPDATE {MESSAGES} SET message = 'Edited. ' || message, updated_at = now()"))
        index.hand_over()
        assert index.texts() == {doc(channel, first): SAID.format("first")}
    index.hand_over()
    assert index.texts() == {doc(channel, first): "Edited. " + SAID.format("first")}
    checked = "SELECT last_checked_at FROM cppa_pinecone_sync_pineconesyncstatus"
    [before] = bench.rows(checked)
    index.hand_over()
    assert bench.rows(checked) > [before]


def test_w13_what_failed_and_leaves_no_document_is_settled(bench: Bench, index: Index) -> None:
    channel = bench.work.channel("C1")
    only = bench.work.post(channel, SAID.format("only"))
    index.sync()
    with bench.database.session() as session:
        [place] = session.execute(select(PineconeSyncStatus.app_type, PineconeSyncStatus.namespace)).all()
        services.record_failed_ids(session, Place(*place), [only])
    bench.work.delete(channel, only)
    index.sync()
    with bench.database.session() as session:
        assert services.get_failed_ids(session, Place(*place)) == []
    assert index.texts() == {}


def test_edits_and_deletions_reach_the_index_and_a_second_sync_makes_no_call(bench: Bench, index: Index) -> None:
    channel = bench.work.channel("C1")
    first, second, third = (bench.work.post(channel, SAID.format(number)) for number in "abc")
    index.sync()
    bench.work.edit(channel, second, SAID.format("edited"))
    index.sync()
    assert index.texts() == {doc(channel, first): "\n\n".join(SAID.format(part) for part in ("a", "edited", "c"))}
    bench.work.delete(channel, first)
    index.sync()
    assert index.texts() == {doc(channel, second): f"{SAID.format('edited')}\n\n{SAID.format('c')}"}
    counts = index.hand_over("--full")
    assert (counts["unchanged_documents"], counts["upserted"], index.calls) == (1, 0, [])
    bench.work.delete(channel, second)
    bench.work.delete(channel, third)
    bench.work.post(bench.work.channel("C2"), "short")
    index.sync()
    assert index.texts() == {}


def test_a_conversation_is_the_same_whichever_of_its_messages_moved(bench: Bench, make_context: Any) -> None:
    channel = bench.work.channel("C1")
    posted = []
    for position in range(30):
        # Runs that fill their hour, with and without a silence after them, and borders on both sides of it.
        bench.work.wait((900, 3480, 1740, 3600, 1200)[position % 5])
        posted.append(bench.work.post(channel, SAID.format(position)))
    bench.collect()
    bench.work.delete(channel, posted[7])
    bench.forget_rereading()
    bench.collect()
    assert bench.deleted == {posted[7]}
    whole = offered(bench, make_context)
    said = {ts for item in whole if "gone" not in item for ts in item["metadata"]["source_ids"].split(",")}
    assert said == {*posted} - {posted[7]}
    assert sorted(item["metadata"]["doc_id"] for item in whole) == [doc(channel, ts) for ts in posted]
    [now] = bench.rows("SELECT clock_timestamp()")
    for ts in posted:
        part = offered(bench, make_context, ts, since=now)
        assert any(ts in item["metadata"]["source_ids"] for item in part)
        assert len(part) < len(whole)
        assert all(item in whole for item in part)


def test_pages_of_messages_and_threads_lose_and_repeat_nothing(bench: Bench, make_context: Any) -> None:
    bench.work.post(bench.work.channel("C1"))
    bench.collect()
    [channel] = bench.rows("SELECT id FROM cppa_slack_tracker_slackchannel")
    posted = [f"{1_710_000_000 + 60 * number}.000100" for number in range(1_120)]
    replies = [{"ts": root.replace(".0001", ".0002"), "thread_ts": root} for root in posted[:110]]
    roots = [{"ts": ts, "reply_count": int(ts in posted[:110])} for ts in posted]
    payloads = [{"text": SAID.format(part["ts"]), "user": "U1", **part} for part in (*roots, *replies)]
    records = [record for record in map(normalise, payloads) if isinstance(record, MessageRecord)]
    with bench.database.session() as session:
        store_messages(session, [Posting(channel, None, record) for record in records])
    items = offered(bench, make_context)
    assert len({item["metadata"]["doc_id"] for item in items}) == len(items) == 1_231
    documents = [item["metadata"] for item in items if "gone" not in item]
    assert sum(metadata["group_size"] for metadata in documents) == 1_231
    assert sum(bool(metadata["thread_ts"]) for metadata in documents) == 110
    # An hour holds 61 messages that are a minute apart.
    assert max(metadata["group_size"] for metadata in documents) == 61


def test_a_dry_run_sends_nothing_and_failures_are_offered_whole(bench: Bench, index: Index, make_context: Any) -> None:
    channel = bench.work.channel("C1")
    root = bench.work.post(channel, SAID.format("root"))
    reply = bench.work.reply(channel, root, SAID.format("reply"))
    bench.collect()
    assert index.hand_over("--dry-run")["total"] == 2
    assert index.calls == []
    [now] = bench.rows("SELECT clock_timestamp()")
    assert offered(bench, make_context, since=now) == []
    assert offered(bench, make_context, reply, since=now, team=OTHER) == []
    [whole] = [item for item in offered(bench, make_context, reply, " ", since=now) if "gone" not in item]
    assert (whole["metadata"]["doc_id"], whole["metadata"]["thread_ts"]) == (doc(channel, root), root)
    assert whole["metadata"]["group_size"] == 2
