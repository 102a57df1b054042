"""Small helpers over GitHub's JSON that callers of ``sync_api`` use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict


class GitHubUser(TypedDict):
    """An account as the identity hub takes it."""

    account_id: int | None
    username: str
    display_name: str
    avatar_url: str


def normalize_issue_json(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A nested issue (``issue_info`` + ``comments``) as a flat copy; any other mapping as it is."""
    return _flat(data, "issue_info", ("comments",))


def normalize_pr_json(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A nested pull request (``pr_info`` + ``comments`` + ``reviews``) as a flat copy; any other as it is."""
    return _flat(data, "pr_info", ("comments", "reviews"))


def parse_github_user(user: Mapping[str, Any] | None) -> GitHubUser:
    """The account's id and texts; what is missing is None for the id and empty for the texts."""
    given = user or {}
    return {
        "account_id": given.get("id"),
        "username": given.get("login") or "",
        "display_name": given.get("name") or "",
        "avatar_url": given.get("avatar_url") or "",
    }


def pull_request_for_markdown(data: Mapping[str, Any]) -> dict[str, Any]:
    """An archived pull request as the Markdown page takes it: reviews are verdicts, comments on lines are comments.

    The archive of the earlier system has no verdicts: there a review without one stands for every id that comments
    on lines name.
    """
    given = [entry for entry in data.get("reviews") or () if isinstance(entry, Mapping)]
    inline = [entry for entry in given if "submitted_at" not in entry]
    verdicts = [*(data.get("review_verdicts") or ()), *(entry for entry in given if "submitted_at" in entry)]
    known = {verdict.get("id") for verdict in verdicts}
    bare: dict[object, dict[str, Any]] = {}
    for comment in inline:
        review = comment.get("pull_request_review_id")
        if review and review not in known:
            bare.setdefault(review, _bare_review(review, comment))
    comments = [*(data.get("comments") or ()), *inline]
    return {**data, "comments": comments, "reviews": [*verdicts, *bare.values()]}


def _bare_review(id: object, comment: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": id, "user": comment.get("user"), "state": "COMMENTED", "submitted_at": comment.get("created_at")}


def _flat(data: Mapping[str, Any], info_name: str, lists: tuple[str, ...]) -> Mapping[str, Any]:
    info = data.get(info_name)
    if not isinstance(info, Mapping):
        return data
    children = {name: data.get(name) for name in lists}
    return {**info, **{name: value if isinstance(value, list) else [] for name, value in children.items()}}
