"""Importing an archive of Reddit, on a durable server.

The archive is two files of lines as dumps of Reddit have them, with the three dozen members that each thing has there:
a tenth are submissions, a fifth of the comments come from authors who were not met before. The import has a process of
its own, so that its peak memory is known, and a smaller archive shows whether that grows.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, new_database, own_peak_memory, server
from boost_collectors import registry
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.reddit_activity_tracker.files import SLUG
from boost_collectors.reddit_activity_tracker.importing import UNIT

THINGS = int(os.environ.get("REDDIT_BENCHMARK_THINGS", "200000"))
FEW_THINGS = 50_000
COMMENTS_EACH = 9
START = 1_500_000_000
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_NOTHING = dict.fromkeys(
    (
        *("all_awardings", "approved_at_utc", "associated_award", "author_cakeday", "author_flair_background_color"),
        *("author_flair_css_class", "author_flair_richtext", "author_flair_text", "author_flair_type", "awarders"),
        *("banned_at_utc", "can_gild", "collapsed", "collapsed_reason", "comment_type", "distinguished", "gildings"),
        *("is_submitter", "locked", "mod_note", "no_follow", "quarantined", "report_reasons", "send_replies"),
    )
)


def run() -> list[Figure]:
    """Measure on an embedded server of its own."""
    with tempfile.TemporaryDirectory() as name, server() as postgres:
        return _figures(postgres, Path(name))


def _figures(server: EmbeddedPostgres, folder: Path) -> list[Figure]:
    few, _, _ = _measured(server, folder, "few", FEW_THINGS)
    memory, seconds, processor = _measured(server, folder, "all", THINGS)
    return [
        Figure("things", "things a second, files to rows", THINGS / seconds, "things/s", at_least=20_000),
        Figure("processor", "the import's own processor time for a thing", processor / THINGS * 1e6, "µs"),
        Figure("memory", f"peak memory for {THINGS:,} things", memory / 1e6, "MB", at_most=300),
        Figure("memory_growth", "peak memory", memory / few, at_most=1.5, baseline=f"for {FEW_THINGS:,} things"),
    ]


def _measured(server: EmbeddedPostgres, folder: Path, name: str, things: int) -> tuple[float, float, float]:
    """Peak memory in bytes, seconds and seconds of processor time of a process that imports that many things."""
    url = new_database(server, name)
    command = [sys.executable, "-m", "benchmarks.reddit_import", url, str(folder / name), str(things)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    memory, seconds, processor = map(float, done.stdout.split())
    return memory, seconds, processor


def submissions(count: int) -> Iterator[dict[str, Any]]:
    """Submissions as a dump spells them."""
    for number in range(count):
        key = _key(number)
        yield {
            **_shared(key, number, number),
            "name": f"t3_{key}",
            "title": f"Submission {number} about templates",
            "selftext": "some words about a template " * (number % 20),
            "url": f"https://www.reddit.com/r/cpp/comments/{key}/submission/",
            "permalink": f"/r/cpp/comments/{key}/submission/",
            "num_comments": COMMENTS_EACH,
        }


def comments(count: int) -> Iterator[dict[str, Any]]:
    """Comments on these submissions, each on the one before."""
    for number in range(count):
        key, on = _key(number), _key(number // COMMENTS_EACH)
        is_first = number % COMMENTS_EACH == 0
        yield {
            **_shared(key, number, number // 5 if number % 5 == 0 else number % 2000),
            "name": f"t1_{key}",
            "link_id": f"t3_{on}",
            "parent_id": f"t3_{on}" if is_first else f"t1_{_key(number - 1)}",
            "body": f"Comment {number}: " + "some words about a template " * (number % 12),
            "permalink": f"/r/cpp/comments/{on}/submission/{key}/",
        }


def _shared(key: str, number: int, author: int) -> dict[str, Any]:
    told = {"author": f"member{author}", "author_fullname": f"t2_{_key(author)}", "created_utc": START + number * 60}
    subreddit = {"subreddit": "cpp", "subreddit_id": "t5_2qi27", "subreddit_name_prefixed": "r/cpp"}
    return {"id": key, "score": number % 50, "edited": False, "gilded": 0, **told, **subreddit, **_NOTHING}


def _key(number: int) -> str:
    number, text = number + 36**5, ""
    while number:
        number, digit = divmod(number, 36)
        text = _ALPHABET[digit] + text
    return text


def _write_archive(folder: Path, things: int) -> None:
    folder.mkdir(parents=True)
    count = things // (COMMENTS_EACH + 1)
    for name, values in {"RC.jsonl": comments(things - count), "RA.jsonl": submissions(count)}.items():
        with (folder / name).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(value) + "\n" for value in values)


def _import(url: str, workspace: Path, things: int) -> None:
    _write_archive(workspace / SLUG / UNIT, things)
    logging.basicConfig(level=logging.WARNING)
    given = {
        "REDDIT_SUBREDDITS": "cpp",
        "REDDIT_CLIENT_ID": "none",
        "REDDIT_CLIENT_SECRET": "none",
        "REDDIT_USER_AGENT": "benchmark",
        "WORKSPACE_DIR": str(workspace),
        "DATABASE_URL": url,
    }
    settings = Settings.load(given, env_file=None)
    started, used = time.perf_counter(), time.process_time()
    result = execute(
        registry.find("run_reddit_activity_tracker"), Request(arguments=["--only", UNIT]), settings=settings
    )
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    assert result is not None
    assert result.counts["things_read"] == things
    assert result.counts["comments_inserted"] + result.counts["submissions_inserted"] == things
    print(own_peak_memory(), seconds, processor)


if __name__ == "__main__":
    _import(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
