"""The rows as files, for those who read the workspace rather than the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.core.workspace import Workspace, safe_name, write_json
from boost_collectors.reddit_activity_tracker import services
from boost_collectors.reddit_activity_tracker.models import RedditComment, RedditSubmission

SLUG = "reddit_activity_tracker"
_BOTH = ("score", "created_utc")
_SUBMISSION = ("subreddit", "title", "selftext", "selftext_html", "url", "permalink", "num_comments")


class RowFiles:
    """``<workspace>/reddit_activity_tracker/{submissions,comments,users}/<full name or user name>.json``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def save(self, session: Session, fullnames: Collection[str], usernames: Collection[str]) -> None:
        """Write the files of those things that this transaction has changed, and of users it has made.

        Called before the transaction ends: a file that is ahead of its row is written again, one behind never would be.
        """
        for thing in services.changed_things(session, fullnames):
            folder, name, content = _thing(thing)
            self._write(folder, name, content)
        for user in services.users_named(session, usernames):
            self._write("users", user.username, _user(user))

    def _write(self, folder: str, name: str, content: dict[str, Any]) -> None:
        path: Path = self._workspace.path(SLUG, folder) / f"{safe_name(name)}.json"
        write_json(path, content, durable=False)


def _thing(saved: services.SavedThing) -> tuple[str, str, dict[str, Any]]:
    row, fetched = saved.row, {"fetched_at": _text(saved.row.fetched_at)}
    both = {name: getattr(row, name) for name in _BOTH}
    if isinstance(row, RedditComment):
        own = {"parent_id": row.parent_id, "body": row.body, "url": row.url}
        named = {"reddit_comment_id": row.reddit_comment_id, "submission_id": saved.submission, "user": saved.user}
        return "comments", row.reddit_comment_id, {**named, **own, **both, **fetched}
    return "submissions", row.reddit_submission_id, _submission(row, saved.user, {**both, **fetched})


def _submission(row: RedditSubmission, user: str | None, shared: dict[str, Any]) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in _SUBMISSION}
    return {"reddit_submission_id": row.reddit_submission_id, "user": user, **own, **shared}


def _user(user: services.SavedUser) -> dict[str, Any]:
    return {
        "reddit_user_id": user.reddit_user_id,
        "username": user.username,
        "display_name": user.display_name,
        "created_at": _text(user.created_at),
        "updated_at": _text(user.updated_at),
    }


def _text(moment: datetime) -> str:
    return format_utc_z(moment)
