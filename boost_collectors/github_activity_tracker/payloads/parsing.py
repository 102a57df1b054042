"""Making payloads out of decoded JSON, in any of the forms that files and answers have had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from boost_collectors.core.errors import SourceError
from boost_collectors.github_activity_tracker.payloads.models import (
    CommentPayload,
    CommitPayload,
    IssueBundle,
    Payload,
    PullRequestBundle,
    ReviewPayload,
    UserPayload,
)

MOST_NAMED = 5
"""How many wrong fields a message names."""

P = TypeVar("P", bound=Payload)


class GitHubApiValidationError(SourceError, ValueError):
    """A payload that is not what GitHub promises. The message names the kind, the source and the wrong fields."""


def parse_issue_bundle(data: object, *, source: str | None = None) -> IssueBundle:
    """An issue in any of three forms: wrapped (``issue``), nested (``issue_info`` + ``comments``), flat.

    ``source`` is what a message calls it, such as a file name. Raises GitHubApiValidationError.
    """
    mapping = _mapping("issue", data, source)
    return _validated(IssueBundle, "issue", _wrapped(mapping, "issue", "issue_info", ("comments",)), source)


def parse_pr_bundle(data: object, *, source: str | None = None) -> PullRequestBundle:
    """A pull request in any of three forms: wrapped (``pr``), nested (``pr_info`` + lists), flat.

    Raises GitHubApiValidationError.
    """
    mapping = _mapping("pull request", data, source)
    bundle = _wrapped(mapping, "pr", "pr_info", ("comments", "reviews"))
    return _validated(PullRequestBundle, "pull request", bundle, source)


def parse_commit(data: object, *, source: str | None = None) -> CommitPayload:
    """A commit. Raises GitHubApiValidationError."""
    return _validated(CommitPayload, "commit", _mapping("commit", data, source), source)


def parse_comment(data: object, *, source: str | None = None) -> CommentPayload:
    """A comment in a conversation. Raises GitHubApiValidationError."""
    return _validated(CommentPayload, "comment", _mapping("comment", data, source), source)


def parse_review(data: object, *, source: str | None = None) -> ReviewPayload:
    """A comment on a line of a change. Raises GitHubApiValidationError."""
    return _validated(ReviewPayload, "review", _mapping("review", data, source), source)


def parse_user(data: object, *, source: str | None = None) -> UserPayload:
    """An account. Raises GitHubApiValidationError."""
    return _validated(UserPayload, "user", _mapping("user", data, source), source)


def _mapping(kind: str, data: object, source: str | None) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise GitHubApiValidationError(f"{_subject(kind, source)}: must be an object, not {type(data).__name__}")
    return data


def _wrapped(data: Mapping[str, Any], name: str, info_name: str, lists: tuple[str, ...]) -> Mapping[str, Any]:
    if isinstance(data.get(name), Mapping):
        return data
    info = data.get(info_name)
    if not isinstance(info, Mapping):
        beside = {key: data[key] for key in ("review_verdicts", "review_threads") if key in data}
        flat = {key: value for key, value in data.items() if key not in beside}
        return {name: flat | {key: _listed(data.get(key)) for key in lists}, **beside}
    beside = {key: value for key, value in data.items() if key not in (info_name, *lists)}
    return {name: {**info, **{key: _listed(data.get(key)) for key in lists}}, **beside}


def _listed(value: object) -> list[Any]:
    """The API sends a counter where a bundle has a list."""
    return value if isinstance(value, list) else []


def _validated(model: type[P], kind: str, data: Mapping[str, Any], source: str | None) -> P:
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        raise GitHubApiValidationError(f"{_subject(kind, source)}: {_described(error)}") from None


def _subject(kind: str, source: str | None) -> str:
    return f"{kind} payload of {source}" if source else f"{kind} payload"


def _described(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    named = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems[:MOST_NAMED]]
    more = f" ({len(problems)} errors in all)" if len(problems) > MOST_NAMED else ""
    return "; ".join(named) + more
