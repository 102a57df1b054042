"""Reviews with the comments on lines that belong to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from textwrap import indent

from boost_collectors.core.operations.diff_hunks import numbered_tail, suggestions_as_diffs
from boost_collectors.core.operations.markdown_parts import (
    JsonObject,
    comment_facts,
    instant,
    instant_or_na,
    quoted,
    text,
    username,
    with_breaks,
)

FOLDER_SIGN = "\N{FILE FOLDER}"
NO_FILE = "Unknown file"
REPLY_INDENT = "    "

_TAGS = {"APPROVED": "Approved", "CHANGES_REQUESTED": "Changes requested"}


def is_inline(comment: JsonObject) -> bool:
    """Whether a comment stands on a line of the change and not in the conversation."""
    return bool(comment.get("pull_request_review_id"))


class Conversation:
    """The comments on lines of one pull request, by review and by the comment they answer."""

    def __init__(self, comments: Sequence[JsonObject]) -> None:
        known = {comment.get("id") for comment in comments}
        self._roots: dict[object, list[JsonObject]] = defaultdict(list)
        self._replies: dict[object, list[JsonObject]] = defaultdict(list)
        for comment in sorted(comments, key=lambda comment: instant(comment, "created_at")):
            answered = comment.get("in_reply_to_id")
            # An answer to a comment that is gone would otherwise vanish with it.
            if answered in known and answered != comment.get("id"):
                self._replies[answered].append(comment)
            else:
                self._roots[comment["pull_request_review_id"]].append(comment)

    def says_something(self, review: JsonObject) -> bool:
        """Whether a review has a text or comments of its own."""
        return bool(text(review, "body").strip() or self._roots.get(review.get("id")))

    def review(self, position: int, review: JsonObject) -> Iterator[str]:
        """The parts of a review: heading, facts, text, its comments by file."""
        yield f"## Review {position} [{_TAGS.get(text(review, 'state'), 'Commented')}]"
        yield _review_facts(review)
        yield with_breaks(text(review, "body"))
        for heading, roots in self._by_file(self._roots.get(review.get("id"), [])).items():
            yield heading
            for place, root in enumerate(roots):
                yield "---" if place else ""
                yield from self._thread(root)
        yield "---"

    def _by_file(self, roots: Sequence[JsonObject]) -> dict[str, list[JsonObject]]:
        files: dict[str, list[JsonObject]] = defaultdict(list)
        for root in roots:
            resolved = " [Resolved]" if root.get("resolved") or root.get("resolution") else ""
            files[f"{FOLDER_SIGN} {text(root, 'path') or NO_FILE}{resolved}"].append(root)
        return files

    def _thread(self, root: JsonObject) -> Iterator[str]:
        if tail := numbered_tail(text(root, "diff_hunk")):
            yield "\n".join(["```diff", *tail, "```"])
        yield from self._with_replies(root)

    def _with_replies(self, root: JsonObject) -> Iterator[str]:
        """A comment and what answers it, deeper answers further in. Without recursion: threads have no limit."""
        waiting = [(root, 0)]
        while waiting:
            comment, depth = waiting.pop()
            for part in (comment_facts(comment), _body(comment)):
                yield indent(part, REPLY_INDENT * depth)
            waiting += [(reply, depth + 1) for reply in reversed(self._replies.get(comment.get("id"), []))]


def _review_facts(review: JsonObject) -> str:
    return quoted(
        ("Username", username(review)),
        ("Created_at", instant_or_na(review, "submitted_at")),
        ("State", text(review, "state")),
        ("Url", text(review, "html_url") or None),
    )


def _body(comment: JsonObject) -> str:
    line = comment.get("original_line") or comment.get("line")
    body = suggestions_as_diffs(text(comment, "body"), text(comment, "diff_hunk"), line)
    return with_breaks(body)
