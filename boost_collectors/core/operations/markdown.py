"""Issues and pull requests, as GitHub's API gives them, written as Markdown pages.

The input has the shape of the raw archive: ``{"issue_info": {...}, "comments": [...]}`` and
``{"pr_info": {...}, "comments": [...], "reviews": [...]}``. Anything may be missing or null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boost_collectors.core.operations.markdown_parts import (
    JsonObject,
    comment_facts,
    instant,
    instant_or_na,
    items,
    page,
    quoted,
    shown_instant,
    text,
    username,
    with_breaks,
)
from boost_collectors.core.operations.review_markdown import Conversation, is_inline

__all__ = ["issue_json_to_md", "pr_json_to_md"]


def issue_json_to_md(issue_json: Mapping[str, Any]) -> str:
    """The page of an issue: heading, facts, body and its comments, oldest first. Ends with one newline."""
    issue: JsonObject = issue_json.get("issue_info") or {}
    parts = [_issue_heading(issue), _issue_facts(issue), with_breaks(text(issue, "body"))]
    comments = sorted(items(issue_json, "comments"), key=lambda comment: instant(comment, "created_at"))
    for position, comment in enumerate(comments, start=1):
        parts += ["---", f"## Comment {position}\n{_issue_comment_facts(comment)}", with_breaks(text(comment, "body"))]
    return page(parts)


def _issue_heading(issue: JsonObject) -> str:
    number = issue.get("number")
    state = "Closed" if issue.get("state") == "closed" else "Open"
    return f"# #{'?' if number is None else number} - {text(issue, 'title').strip()} [{state}]"


def _issue_facts(issue: JsonObject) -> str:
    closed = issue.get("state") == "closed" and issue.get("closed_at")
    return quoted(
        ("Username", username(issue, "unknown")),
        ("Created at", shown_instant(text(issue, "created_at"))),
        ("Updated at", shown_instant(text(issue, "updated_at"))),
        ("Closed at", shown_instant(text(issue, "closed_at")) if closed else None),
        ("Url", text(issue, "html_url") or text(issue, "url")),
    )


def _issue_comment_facts(comment: JsonObject) -> str:
    created, updated = text(comment, "created_at"), text(comment, "updated_at")
    return quoted(
        ("Username", username(comment, "unknown")),
        ("Created at", shown_instant(created)),
        ("Updated at", shown_instant(updated) if updated and updated != created else None),
        ("Url", text(comment, "html_url") or text(comment, "url")),
    )


def pr_json_to_md(pr_json: Mapping[str, Any]) -> str:
    """The page of a pull request: heading, facts, body, then comments and reviews in the order of time.

    Comments on lines stand below their review, by file, with the end of the hunk they are about and their replies.
    Ends with one newline.
    """
    pull: JsonObject = pr_json.get("pr_info") or {}
    parts = [_pull_heading(pull), _pull_facts(pull), with_breaks(text(pull, "body")), "---"]
    parts += _conversation(items(pr_json, "comments"), items(pr_json, "reviews"))
    return page(parts)


def _pull_heading(pull: JsonObject) -> str:
    number = pull.get("number")
    state = "Merged" if pull.get("merged") is True else (text(pull, "state") or "unknown").capitalize()
    title = text(pull, "title").strip() or "No Title"
    return f"# #{'N/A' if number is None else number} {title} [{state}]"


def _pull_facts(pull: JsonObject) -> str:
    return quoted(
        ("Username", username(pull)),
        ("Created at", instant_or_na(pull, "created_at")),
        ("Updated at", instant_or_na(pull, "updated_at")),
        ("Merged at", instant_or_na(pull, "merged_at") if pull.get("merged_at") else None),
        ("Closed at", instant_or_na(pull, "closed_at") if pull.get("closed_at") else None),
        ("Url", text(pull, "html_url") or text(pull, "url")),
    )


def _conversation(comments: Sequence[JsonObject], reviews: Sequence[JsonObject]) -> Iterator[str]:
    inline = Conversation([comment for comment in comments if is_inline(comment)])
    entries = [(instant(comment, "created_at"), comment, False) for comment in comments if not is_inline(comment)]
    entries += [(instant(review, "submitted_at"), review, True) for review in reviews if inline.says_something(review)]
    entries.sort(key=lambda entry: entry[0])
    for position, (_, entry, is_review) in enumerate(entries, start=1):
        yield from inline.review(position, entry) if is_review else _comment(position, entry)


def _comment(position: int, comment: JsonObject) -> Iterator[str]:
    yield f"## Comment {position}"
    yield comment_facts(comment)
    yield with_breaks(text(comment, "body"))
    yield "---"
