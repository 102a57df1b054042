"""Archives put into the workspace."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.reddit_activity_tracker.page import pages_of
from tests.bench import statements
from tests.reddit_activity_tracker.places import Bench, Places

TABLE = "reddit_activity_tracker_redditcomment"


def _submission(key: str, **fields: Any) -> dict[str, Any]:
    return {"id": key, "subreddit": "cpp", "title": "Old", "author": "ana", "created_utc": 1_400_000_000, **fields}


def _comment(key: str, on: str, **fields: Any) -> dict[str, Any]:
    data = {"id": key, "link_id": f"t3_{on}", "parent_id": f"t3_{on}", "body": "Said", "author": "ben"}
    return {**data, "subreddit": "cpp", "created_utc": "1400000100", **fields}


@pytest.fixture
def folder(bench: Bench) -> Path:
    made = bench.settings().workspace_dir / "reddit_activity_tracker" / "_import"
    made.mkdir(parents=True)
    return made


def _lines(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def test_lines_of_an_archive_become_rows_and_the_file_moves_to_the_raw_files(bench: Bench, folder: Path) -> None:
    (folder / "RC.jsonl.gz").write_bytes(
        gzip.compress(
            _lines(_comment("c1", "s1"), _comment("c2", "s9"), _comment("c3", "s1", subreddit="rust")).encode()
        )
    )
    (folder / "RS.ndjson").write_text(_lines(_submission("s1", score=7)))
    counts = bench.collect("--only", "_import")
    assert bench.comments == {"c1": "Said", "c2": "Said"}
    assert bench.submissions == {"s1": "Old", "s9": ""}
    assert (counts["files"], counts["requests"]) == (2, 0)
    assert bench.gone == {}
    kept = bench.settings().raw_dir / "reddit_activity_tracker" / "_import"
    assert {path.name for path in kept.iterdir()} == {"RC.jsonl.gz", "RS.ndjson"}
    assert list(folder.iterdir()) == []
    assert not (folder.parent / "comments").exists()


def test_answers_of_reddit_and_our_own_raw_files_can_be_imported(bench: Bench, places: Places, folder: Path) -> None:
    thread = places.submit(title="Thread")
    nested = places.comment(thread, places.comment(thread))
    bench.collect()
    before = (bench.submissions, bench.comments)
    raw = next((bench.settings().raw_dir / "reddit_activity_tracker" / "cpp").iterdir())
    shutil.copy(raw, folder / "day.json")
    answers = {
        "tree": [
            {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": _submission("t1x")}]}},
            {"kind": "Listing", "data": {"children": [_reply("c1", [_reply("c2", []), {"kind": "more", "data": {}}])]}},
        ],
        "more": {"json": {"errors": [], "data": {"things": [_reply("c3", []), {"kind": "more", "data": {}}]}}},
    }
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))
    bench.rows("SELECT 1")
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE reddit_activity_tracker_redditsubmission CASCADE")
    bench.collect("--only", "_import")
    assert nested in bench.comments
    assert bench.submissions == {**before[0], "t1x": "Old"}
    assert bench.comments == {**before[1], "c1": "Said", "c2": "Said", "c3": "Said"}


def _reply(key: str, replies: list[Any]) -> dict[str, Any]:
    below = {"kind": "Listing", "data": {"children": replies}} if replies else ""
    return {"kind": "t1", "data": _comment(key, "t1x", replies=below)}


def test_an_archive_never_undoes_what_is_known_better(bench: Bench, places: Places, folder: Path) -> None:
    thread = places.submit(title="Known", score=50)
    comment = places.comment(thread, body="Edited since")
    bench.collect()
    (folder / "old.jsonl").write_text(
        _lines(_submission(thread, title="Old"), _comment(comment, thread, body="Before"), _comment("c7", thread))
    )
    counts = bench.collect()
    assert bench.submissions == {thread: "Known"}
    assert bench.comments == {comment: "Edited since", "c7": "Said"}
    assert counts["comments_updated"] == counts["submissions_updated"] == 0


def test_what_cannot_be_imported_goes_into_quarantine_and_stops_no_other(
    bench: Bench, places: Places, folder: Path
) -> None:
    live = places.submit()
    (folder / "a.jsonl").write_text(_lines(_comment("c1", "s1"), _comment("c2", "s1", link_id=None), 7))
    (folder / "b.json").write_text('[{"kind": "t3", "data"')
    (folder / "c.jsonl").write_text(_lines(_submission("s1")))
    error = bench.fail()
    assert "a.jsonl" in str(error)
    assert "link_id" in str(error)
    assert "b.json" in str(error)
    assert set(bench.comments) == {"c1"}
    assert bench.submissions == {"s1": "Old", live: "A title"}
    assert bench.pending == {}
    quarantined = bench.settings().workspace_dir / "_quarantine" / "reddit_activity_tracker" / "_import"
    assert {path.name for path in quarantined.iterdir()} == {"a.jsonl", "b.json"}
    assert "_import" not in str(bench.collect())


def test_submissions_that_only_comments_tell_of_are_filled_by_the_next_run(
    bench: Bench, places: Places, folder: Path
) -> None:
    thread = places.submit(title="Filled")
    (folder / "RC.jsonl").write_text(_lines(_comment("c1", thread), _comment("c2", "gone1")))
    bench.collect("--only", "_import")
    assert set(bench.submissions.values()) == {""}
    bench.collect(settings=bench.settings(REDDIT_DEFAULT_LOOKBACK_DAYS="1"))
    assert bench.submissions == {thread: "Filled", "gone1": ""}
    assert bench.gone == {"gone1": "missing"}


def test_a_window_leaves_archives_alone_and_a_large_file_takes_few_statements(bench: Bench, folder: Path) -> None:
    everything = [_submission("s1"), *(_comment(f"c{n:x}", "s1", author=f"a{n % 50}") for n in range(3000))]
    path = folder / "all.jsonl"
    path.write_text(_lines(*everything))
    bench.collect("--since", "2024-01-01")
    assert path.exists()
    with statements() as seen:
        assert bench.collect("--only", "_import")["comments_inserted"] == 3000
    assert len(seen) <= 40


def test_w40_pages_of_a_long_archive_are_read_as_they_are_stored_and_keep_nothing_else() -> None:
    read = 0

    def things() -> Iterator[dict[str, Any]]:
        nonlocal read
        for read in range(1, 2001):
            yield {"kind": "t1", "data": _comment(f"c{read}", "s1", body="z" * 1000)}

    for number, page in enumerate(pages_of(things(), 100, with_raw=False), 1):
        assert (len(page.records), len(page.raw), read) == (100, 0, 100 * number)
    assert read == 2000
