"""Submissions with their comments in the vector index: whole, only changed ones, in few statements."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.window import Window, WindowMode
from boost_collectors.reddit_activity_tracker import preprocessor
from boost_collectors.reddit_activity_tracker.preprocessor import item_of, preprocess_reddit_for_pinecone
from boost_collectors.reddit_activity_tracker.services import Thread, ThreadComment
from tests.bench import statements
from tests.reddit_activity_tracker.places import Bench, Places, ago

LONG = "The executor keeps its work alive until every handler that was posted has run."
THREAD = Thread(
    [], 1, "t3_a", "cpp", "Executors", "What `a<b>`\n    is.", "/r/cpp/comments/a/", 1704067200, False, "ana"
)
METADATA = {
    "doc_id": "reddit-t3_a",
    "type": "reddit",
    "title": "Executors",
    "subreddit": "cpp",
    "author": "ana",
    "timestamp": 1704067200,
    "url": "https://www.reddit.com/r/cpp/comments/a/",
    "source_ids": "t3_a",
}


def thread(*comments: tuple[str, str, str], **fields: Any) -> Thread:
    """The submission with comments of (key, parent, text); without a text one is gone."""
    rows = [ThreadComment(key, parent, text, not text, f"user {key}") for key, parent, text in comments]
    given = {name: getattr(THREAD, name) for name in THREAD.__slots__}
    return Thread(**{**given, "comments": rows, **fields})


def test_a_submission_and_its_tree_become_text_and_exactly_these_keys() -> None:
    # Oldest first, as they are read; the answer to `gone` stays where it was, and `lost` answers what is not stored.
    tree = [("1", "t3_a", "One."), ("gone", "t3_a", ""), ("2", "t3_a", "Two."), ("1a", "1", "To one.")]
    tree += [("g", "gone", "To nobody."), ("1b", "1", "Too."), ("1aa", "1a", "Deep."), ("lost", "t1_x", "Alone.")]
    assert item_of(thread(*tree)) == {
        "content": (
            "Subreddit: r/cpp\n\nAuthor: ana\nPosted: 2024-01-01T00:00:00Z\n\nWhat `a<b>`\n    is.\n\n"
            "user 1: One.\n\nuser 1a to user 1: To one.\n\nuser 1aa to user 1a: Deep.\n\nuser 1b to user 1: Too.\n\n"
            "user g: To nobody.\n\nuser 2: Two.\n\nuser lost: Alone."
        ),
        "metadata": METADATA,
    }


def test_what_is_gone_leaves_the_text() -> None:
    left = item_of(thread(("1", "t3_a", "One."), is_gone=True))
    assert left["content"] == "Subreddit: r/cpp\n\nuser 1: One."
    nameless = METADATA | {"title": "", "author": ""}
    assert left["metadata"] == nameless
    assert item_of(thread(("1", "t3_a", ""), is_gone=True)) == {"gone": True, "metadata": nameless}
    nobody = item_of(thread(("1", "t3_a", "One."), user="", comments=[ThreadComment("1", "t3_a", "One.", False, "")]))
    assert nobody["content"].endswith(
        "Author: [unknown]\nPosted: 2024-01-01T00:00:00Z\n\nWhat `a<b>`\n    is.\n\n[unknown]: One."
    )


def test_a_tree_of_any_depth_is_read() -> None:
    deep = [(str(step), str(step - 1), "x") for step in range(1, 5000)]
    assert item_of(thread(*deep))["content"].count("x") == 4999


@pytest.fixture
def offered(bench: Bench, make_context: Any) -> Any:
    run = make_context(database=bench.database, settings=bench.settings())

    def offer(*failed: str, since: datetime | None = None) -> list[str]:
        items, is_chunked = preprocess_reddit_for_pinecone(failed, since, context=run)
        assert not is_chunked
        return [item["metadata"]["source_ids"].removeprefix("t3_") for item in items]

    return offer


def test_changed_and_failed_submissions_are_offered_in_two_statements_a_page(
    bench: Bench, places: Places, offered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = places.fill(9, at=ago(days=2))
    places.fill(30, on=ids[0], at=ago(days=1))
    places.save()
    bench.collect()
    with statements() as seen:
        assert sorted(offered()) == sorted(ids)
    assert len(seen) == 2
    monkeypatch.setattr(preprocessor, "PAGE_SIZE", 2)
    assert sorted(offered()) == sorted(ids)
    since = datetime.now(UTC)
    assert offered(since=since) == []
    assert offered(f" t3_{ids[3]}", "", "7", since=since) == [ids[3]]
    places.comment(ids[5], at=ago(minutes=1))
    bench.collect()
    assert offered(since=since) == [ids[5]]


def test_comments_and_removals_reach_the_index(bench: Bench, places: Places) -> None:
    first = places.submit(selftext=LONG, at=ago(hours=3))
    other = places.submit(title="Gone soon", selftext=LONG, at=ago(hours=2))
    path = "reddit_activity_tracker.preprocessor.preprocess_reddit_for_pinecone"
    arguments = ["--app-type=reddit", "--namespace=reddit", f"--preprocessor={path}"]
    settings = bench.settings()

    def sync() -> dict[str, str]:
        bench.sandbox.requests.clear()
        execute(registry.find("run_cppa_pinecone_sync"), Request(arguments=arguments), settings=settings)
        kept = bench.sandbox.pinecone.vectors(settings.pinecone_index_name, "reddit").values()
        return {fields["doc_id"].removeprefix("reddit-t3_"): fields["chunk_text"] for fields in kept}

    bench.collect()
    assert sorted(stored := sync()) == sorted([first, other])
    # A score is no part of a document: the row has changed and nothing is sent.
    places.change(first, score=77)
    bench.collect(window=Window(WindowMode.FULL))
    assert sync() == stored
    assert not bench.sandbox.requests
    places.comment(first, at=ago(hours=1), body="It says so in the manual.")
    places.change(other, gone="removed")
    bench.collect(window=Window(WindowMode.FULL))
    assert sync() == {first: f"{stored[first]}\n\nben: It says so in the manual."}
