"""Records as a reader of GitHub would make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from boost_collectors.github_activity_tracker.records import (
    Actor,
    Comment,
    Issue,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ADA, BEN, CORA = Actor(1, "ada", "Ada"), Actor(2, "ben"), Actor(3, "cora")
PEOPLE = (ADA, BEN, CORA)
TIMES = {"created_at": NOW, "updated_at": NOW}


def comment(number: int, **fields: Any) -> Comment:
    values: dict[str, Any] = {
        "author": PEOPLE[number % 3],
        "body": f"comment {number}",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Comment(**{"id": number, **values, **fields})


def issue(number: int, **fields: Any) -> Issue:
    at = NOW + timedelta(minutes=number)
    values: dict[str, Any] = {
        "id": 1000 + number,
        "author": PEOPLE[number % 3],
        "title": f"issue {number}",
        "body": "a body",
        "state": "open",
        "state_reason": "",
        "created_at": at,
        "updated_at": at,
        "closed_at": None,
        "labels": ("bug", "docs"),
        "assignees": (ADA,),
        "comments": tuple(comment(10 * number + place) for place in range(3)),
    }
    return Issue(**{"number": number, **values, **fields})


def review_comment(number: int, **fields: Any) -> ReviewComment:
    values: dict[str, Any] = {
        "author": BEN,
        "body": f"remark {number}",
        "created_at": NOW,
        "updated_at": NOW,
        "path": "a.hpp",
    }
    return ReviewComment(**{"id": number, **values, "line": 7, "diff_hunk": "@@ -1 +1 @@", **fields})


def pull(number: int, **fields: Any) -> PullRequest:
    at = NOW + timedelta(minutes=number)
    thread = f"thread-{number}"
    values: dict[str, Any] = {
        "id": 5000 + number,
        "author": PEOPLE[number % 3],
        "title": f"pull {number}",
        "body": "a body",
        "state": "merged",
        "head_hash": f"{number:040x}",
        "base_hash": "b" * 40,
        "created_at": at,
        "updated_at": at,
        "merged_at": at,
        "closed_at": at,
        "labels": ("bug",),
        "assignees": (BEN,),
        "comments": tuple(comment(10 * number + place) for place in range(3)),
        "review_comments": tuple(
            review_comment(10 * number + place, thread_id=thread, review_id=number) for place in range(3)
        ),
        "reviews": (Review(number, CORA, "APPROVED", "fine", at, at, "c" * 40),),
        "threads": (ReviewThread(thread, "a.hpp", 7, is_resolved=True, is_outdated=False, resolved_by=ADA),),
    }
    return PullRequest(**{"number": number, **values, **fields})
