"""The files of rows, and the archive of what Reddit told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.reddit_activity_tracker.places import START, Bench, Places

SLUG = "reddit_activity_tracker"


def _content(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_each_row_has_a_file_that_follows_it(bench: Bench, places: Places) -> None:
    thread = places.submit(title="Ünicode", selftext="Text", selftext_html="<p>Text</p>", score=3, author="Ana")
    comment = places.comment(thread, body="Body", author="[deleted]", score=-2)
    bench.collect()
    folder = bench.settings().workspace_dir / SLUG
    submission = _content(folder / "submissions" / f"t3_{thread}.json")
    fetched = submission.pop("fetched_at")
    assert fetched.endswith("Z")
    link = f"/r/cpp/comments/{thread}/ünicode/"
    assert submission == {
        "reddit_submission_id": f"t3_{thread}",
        "user": "Ana",
        "subreddit": "cpp",
        "title": "Ünicode",
        "selftext": "Text",
        "selftext_html": "<p>Text</p>",
        "url": f"https://www.reddit.com{link}",
        "permalink": link,
        "num_comments": 1,
        "score": 3,
        "created_utc": int(START.timestamp()),
    }
    stored = _content(folder / "comments" / f"t1_{comment}.json")
    assert stored.pop("fetched_at") == fetched or stored
    assert stored == {
        "reddit_comment_id": f"t1_{comment}",
        "submission_id": f"t3_{thread}",
        "user": None,
        "parent_id": f"t3_{thread}",
        "body": "Body",
        "url": f"https://www.reddit.com/r/cpp/comments/{thread}/_/{comment}/",
        "score": -2,
        "created_utc": int(START.timestamp()) + 3600,
    }
    [(name, user)] = [(path.name, _content(path)) for path in (folder / "users").iterdir()]
    assert (name, user["username"], user["display_name"]) == ("Ana.json", "Ana", "Ana")
    assert user["created_at"] == user["updated_at"] == fetched
    text = (folder / "submissions" / f"t3_{thread}.json").read_text(encoding="utf-8")
    assert text.startswith('{\n  "reddit_submission_id"')
    assert text.endswith("}\n")


def test_files_are_written_when_rows_change_and_not_before(bench: Bench, places: Places) -> None:
    first, second = places.submit(), places.submit()
    bench.collect()
    folder = bench.settings().workspace_dir / SLUG / "submissions"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    places.change(second, score=77)
    bench.collect()
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert [name for name in after if after[name] != before[name]] == [f"t3_{second}.json"]
    assert _content(folder / f"t3_{second}.json")["score"] == 77
    assert _content(folder / f"t3_{first}.json")["score"] == 1


def test_the_archive_keeps_what_was_there_before_it_was_deleted(bench: Bench, places: Places) -> None:
    thread = places.submit(flair="kept as it came")
    comment = places.comment(thread, body="Before")
    bench.collect()
    folder = bench.settings().raw_dir / SLUG / "cpp"
    [path] = folder.iterdir()
    assert path.name == "2024-01-01.json"
    things = {thing["data"]["name"]: thing for thing in _content(path)}
    assert set(things) == {f"t3_{thread}", f"t1_{comment}"}
    assert things[f"t3_{thread}"]["data"]["flair"] == "kept as it came"
    places.change(comment, gone="deleted")
    places.change(thread, num_comments=9, title="Renamed")
    bench.collect()
    things = {thing["data"]["name"]: thing["data"] for thing in _content(path)}
    assert things[f"t1_{comment}"]["body"] == "Before"
    assert things[f"t3_{thread}"]["title"] == "Renamed"
