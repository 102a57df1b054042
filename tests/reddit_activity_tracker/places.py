"""A Reddit made for a test: files that the sandbox serves, and the collector pointed at them."""

from __future__ import annotations

import itertools
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from boost_collectors import registry
from include.sandbox.reddit import Json
from tests.bench import CollectorBench

START = datetime(2024, 1, 1, tzinfo=UTC)
UNIT = "cpp"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_clock = itertools.count(1)


def ago(**span: float) -> datetime:
    """That long before now."""
    return datetime.now(UTC) - timedelta(**span)


def base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


class Places:
    """Subreddits with submissions and comments, an hour apart from START on unless told otherwise.

    Ids follow the order of making. Every change is written at once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._subreddits: dict[str, Json] = {}
        self._numbers = itertools.count(36**5)
        (folder / "subreddits").mkdir(parents=True)
        self.subreddit()

    def subreddit(self, name: str = UNIT, **fields: Any) -> None:
        self._subreddits[name] = {"submissions": [], "comments": [], **fields}
        self.save()

    def options(self, **fields: Any) -> None:
        """How this Reddit behaves: see the sandbox's Options."""
        self._write(self._folder / "options.json", fields)

    def users(self, **users: Json) -> None:
        self._write(self._folder / "users.json", users)

    def submit(self, *, to: str = UNIT, at: datetime | None = None, **fields: Any) -> str:
        """Write a submission; its id."""
        return self._add(to, "submissions", at, {"author": "ana", "title": "A title", **fields})

    def comment(self, on: str, parent: str = "", *, to: str = UNIT, at: datetime | None = None, **fields: Any) -> str:
        """Write a comment on a submission, or below a comment on it; its id."""
        return self._add(to, "comments", at, {"author": "ben", "body": "Words", "on": on, "parent": parent, **fields})

    def fill(self, number: int, *, to: str = UNIT, at: datetime = START, on: str = "") -> list[str]:
        """Write so many submissions, or comments on one, a minute apart; their ids."""
        moments = [at + timedelta(minutes=index) for index in range(number)]
        if on:
            return [self._place(to, "comments", moment, {"author": "ben", "body": "x", "on": on}) for moment in moments]
        items = ({"author": "ana", "title": f"Title {index}"} for index in range(number))
        return [self._place(to, "submissions", moment, item) for moment, item in zip(moments, items, strict=True)]

    def change(self, key: str, **fields: Any) -> None:
        """Change fields of a submission or comment, wherever it is."""
        self._item(key).update(fields)
        self.save()

    def vanish(self, key: str) -> None:
        """Let nobody know any more that there was such a thing."""
        for content in self._subreddits.values():
            for kind in ("submissions", "comments"):
                content[kind] = [item for item in content[kind] if item["id"] != key]
        self.save()

    def save(self) -> None:
        for name, content in self._subreddits.items():
            self._write(self._folder / "subreddits" / f"{name}.json", content)

    def _add(self, to: str, kind: str, at: datetime | None, fields: Json) -> str:
        key = self._place(to, kind, at, fields)
        self.save()
        return key

    def _place(self, to: str, kind: str, at: datetime | None, fields: Json) -> str:
        number = next(self._numbers)
        moment = at or START + timedelta(hours=number - 36**5)
        item = {"id": base36(number), "created": moment.isoformat(), **fields}
        self._subreddits[to][kind].append(item)
        return str(item["id"])

    def _item(self, key: str) -> Json:
        items = itertools.chain(*((*c["submissions"], *c["comments"]) for c in self._subreddits.values()))
        return next(item for item in items if item["id"] == key)

    def _write(self, path: Path, content: Any) -> None:
        path.write_text(json.dumps(content))
        # The sandbox tells versions apart by this time, which the file system may not resolve.
        os.utime(path, ns=(next(_clock), next(_clock)))


class Bench(CollectorBench):
    """The collector on a Reddit of the test's own."""

    spec = registry.find("run_reddit_activity_tracker")

    def __init__(self, places: Places, *args: Any, **variables: str) -> None:
        super().__init__(*args, **{"REDDIT_READ_PROFILES": "false", **variables})
        self.places = places

    @property
    def submissions(self) -> dict[str, str]:
        """Titles of the stored submissions by id."""
        rows = self.rows("SELECT reddit_submission_id, title FROM reddit_activity_tracker_redditsubmission")
        return {name.removeprefix("t3_"): title for name, title in rows}

    @property
    def comments(self) -> dict[str, str]:
        """Bodies of the stored comments by id."""
        rows = self.rows("SELECT reddit_comment_id, body FROM reddit_activity_tracker_redditcomment")
        return {name.removeprefix("t1_"): body for name, body in rows}

    @property
    def gone(self) -> dict[str, str]:
        """Why things are gone, by id."""
        query = "SELECT reddit_{0}_id, gone_reason FROM reddit_activity_tracker_reddit{0} WHERE gone_at IS NOT NULL"
        rows = [row for kind in ("comment", "submission") for row in self.rows(query.format(kind))]
        return {name.partition("_")[2]: reason for name, reason in rows}

    @property
    def cursor(self) -> Json:
        [cursor] = self.rows("SELECT cursor FROM core_checkpoint")
        found: Json = cursor
        return found

    def asked(self, part: str = "/oauth/") -> list[str]:
        """The API requests of the last run whose path holds this."""
        return [request.path.partition("/oauth")[2] for request in self.sandbox.requests if part in request.path]

    def a_day_passes(self) -> None:
        """Make the last days due to be read again."""
        earlier = ago(hours=25).isoformat()
        with self.database.engine.begin() as connection:
            connection.exec_driver_sql(
                f"UPDATE core_checkpoint SET cursor = jsonb_set(cursor, '{{reread,at}}', to_jsonb('{earlier}'::text))"
            )
