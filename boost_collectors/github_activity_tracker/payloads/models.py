"""The shapes of GitHub's REST answers that are read. Fields that are not named here are kept as they came.

Times stay the text that GitHub sent, so that what is archived is what was received.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Payload(BaseModel):
    """Base of all payloads: unknown fields are kept."""

    model_config = ConfigDict(extra="allow")


def _without_null(value: Any) -> Any:
    return [] if value is None else value


class UserPayload(Payload):
    """An account."""

    id: int | None = None
    login: str = ""
    name: str | None = None
    avatar_url: str | None = None


class LabelPayload(Payload):
    """A label of an issue or pull request."""

    name: str = ""


class CommentPayload(Payload):
    """A comment in a conversation."""

    id: int | None = None
    user: UserPayload | None = None
    body: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class ReviewPayload(CommentPayload):
    """A comment on a line of a change (``/pulls/<n>/comments``), which the earlier system called a review."""

    in_reply_to_id: int | None = None


class VerdictPayload(Payload):
    """A review with its verdict (``/pulls/<n>/reviews``)."""

    id: int | None = None
    user: UserPayload | None = None
    body: str | None = None
    state: str = "COMMENTED"
    submitted_at: str | None = None
    updated_at: str | None = None
    commit_id: str | None = None


class ThreadPayload(Payload):
    """A conversation on a line of a change. Only GraphQL knows it; ``id`` is a node id."""

    id: str
    path: str = ""
    line: int | None = None
    is_resolved: bool = False
    is_outdated: bool = False
    resolved_by: UserPayload | None = None


Users = Annotated[list[UserPayload], BeforeValidator(_without_null)]
Labels = Annotated[list[LabelPayload], BeforeValidator(_without_null)]


class _ItemPayload(Payload):
    number: int
    id: int | None = None
    title: str | None = None
    body: str | None = None
    state: str = "open"
    state_reason: str | None = None
    user: UserPayload | None = None
    created_at: str | None = None
    updated_at: str | None = None
    closed_at: str | None = None
    comments: list[CommentPayload] = Field(default_factory=list)
    assignees: Users = Field(default_factory=list)
    labels: Labels = Field(default_factory=list)


class IssuePayload(_ItemPayload):
    """An issue with its comments."""


class CommitReference(Payload):
    """One end of a pull request."""

    sha: str | None = None


class PullRequestPayload(_ItemPayload):
    """A pull request with its comments and inline review comments."""

    head: CommitReference | None = None
    base: CommitReference | None = None
    merged_at: str | None = None
    reviews: list[ReviewPayload] = Field(default_factory=list)


class IssueBundle(Payload):
    """An issue with everything below it, in ``issue``."""

    issue: IssuePayload


class PullRequestBundle(Payload):
    """A pull request with everything below it, in ``pr``; verdicts and threads beside it."""

    pr: PullRequestPayload
    review_verdicts: list[VerdictPayload] = Field(default_factory=list)
    review_threads: list[ThreadPayload] = Field(default_factory=list)


class GitSignature(Payload):
    """Who wrote or committed, as git knows it."""

    name: str | None = None
    email: str | None = None
    date: str | None = None


class GitCommitPayload(Payload):
    """The part of a commit that git itself holds."""

    message: str | None = None
    author: GitSignature | None = None
    committer: GitSignature | None = None


class FilePayload(Payload):
    """What a commit did to a file."""

    filename: str | None = None
    previous_filename: str | None = None
    status: str | None = None
    additions: int | None = None
    deletions: int | None = None
    patch: str | None = None


class CommitPayload(Payload):
    """A commit with the files it changed."""

    sha: str
    author: UserPayload | None = None
    committer: UserPayload | None = None
    commit: GitCommitPayload = Field(default_factory=GitCommitPayload)
    files: Annotated[list[FilePayload], BeforeValidator(_without_null)] = Field(default_factory=list)


def to_mapping(payload: Payload) -> dict[str, Any]:
    """A payload as the plain mapping that the archive and the document builders take.

    Fields that were never sent stay absent, so that a merge overwrites nothing with what nobody said. A bundle
    becomes the nested form: ``issue_info`` or ``pr_info``, ``comments``, ``reviews``.
    """
    plain = payload.model_dump(mode="json", exclude_unset=True)
    if isinstance(payload, IssueBundle):
        return _nested(plain, "issue", "issue_info", ("comments",))
    if isinstance(payload, PullRequestBundle):
        return _nested(plain, "pr", "pr_info", ("comments", "reviews"))
    return plain


def _nested(bundle: dict[str, Any], name: str, info_name: str, lists: tuple[str, ...]) -> dict[str, Any]:
    info = bundle.pop(name)
    children = {key: info.pop(key, []) for key in lists}
    return {info_name: info, **children, **bundle}
