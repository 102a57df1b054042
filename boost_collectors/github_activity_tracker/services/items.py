"""Issues and pull requests with everything below them, written a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    CTE,
    BigInteger,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from boost_collectors.core.counts import Counts
from boost_collectors.core.database.arrays import rows_of, rows_to_come, values_to_come
from boost_collectors.github_activity_tracker.models import (
    GoneReason,
    IssueAssignee,
    IssueComment,
    IssueLabel,
    PullRequestAssignee,
    PullRequestComment,
    PullRequestLabel,
    PullRequestReview,
    PullRequestThread,
    PullRequestVerdict,
)
from boost_collectors.github_activity_tracker.models import Issue as IssueRow
from boost_collectors.github_activity_tracker.models import PullRequest as PullRow
from boost_collectors.github_activity_tracker.records import Actor, Issue, Item, PullRequest
from boost_collectors.github_activity_tracker.services.actors import Profiles, ensure_profiles
from boost_collectors.github_activity_tracker.services.writing import (
    Batch,
    Below,
    Change,
    Given,
    Written,
    given_rows,
    table_of,
    upsert,
    write_below,
)

Row = tuple[Any, ...]
AnyItem = TypeVar("AnyItem", Issue, PullRequest)


@dataclass(frozen=True, slots=True)
class Kind:
    """The table of a kind of item: its columns for the number and for GitHub's id, and its name in counts."""

    model: type[IssueRow | PullRow]
    number: str
    github_id: str
    name: str


ISSUES = Kind(IssueRow, "issue_number", "issue_id", "issues")
PULLS = Kind(PullRow, "pr_number", "pr_id", "pull_requests")

_ISSUE = (
    *("issue_number", "issue_id", "account_id", "title", "body", "state", "state_reason"),
    *("issue_created_at", "issue_updated_at", "issue_closed_at"),
)
_PULL = (
    *("pr_number", "pr_id", "account_id", "title", "body", "state", "head_hash", "base_hash"),
    *("pr_created_at", "pr_updated_at", "pr_merged_at", "pr_closed_at", "is_draft"),
)
# Statements are built once for every kind of item and executed with the rows of each page: SQLAlchemy takes longer to
# build them than PostgreSQL to do what they say.
GIVEN, REPOSITORY = "given", "the_repository"
_REPOSITORY = bindparam(REPOSITORY, type_=BigInteger())

_THERE: Mapping[str, Any] = {"gone_at": None, "gone_reason": ""}
"""What an item that GitHub shows has besides its own values."""

_ISSUE_COMMENTS = Below(IssueComment, "issue_id", "issue_comments")
_ISSUE_LABELS = Below(IssueLabel, "issue_id", "issue_labels")
_ISSUE_ASSIGNEES = Below(IssueAssignee, "issue_id", "issue_assignees")
_PULL_COMMENTS = Below(PullRequestComment, "pr_id", "pr_comments")
_PULL_LABELS = Below(PullRequestLabel, "pr_id", "pr_labels")
_PULL_ASSIGNEES = Below(PullRequestAssignee, "pullrequest_id", "pr_assignees")
_REVIEW_COMMENTS = Below(PullRequestReview, "pr_id", "review_comments")
_VERDICTS = Below(PullRequestVerdict, "pr_id", "reviews")
_THREADS = Below(PullRequestThread, "pr_id", "review_threads")

_COMMENT = ("account_id", "body")
_VERDICT = ("review_id", *_COMMENT, "state", "commit_hash", "submitted_at", "review_updated_at", "gone_at")
_THREAD = ("thread_id", "path", "line", "is_resolved", "is_outdated", "resolved_by_id", "gone_at")
_REMARK = (
    *("pr_review_id", *_COMMENT, "in_reply_to_id", "pr_review_created_at", "pr_review_updated_at", "review_id"),
    *("thread_id", "path", "line", "original_line", "diff_hunk", "commit_hash", "gone_at"),
)


def store_issues(session: Session, repo_id: int, issues: Sequence[Issue]) -> Counts:
    """Make issues and what is below them equal to the records. Returns what became of rows, by kind and outcome.

    Issues are found by their number; one that bears another id than before belongs to a repository made anew.
    Comments that are not given are marked as gone, labels and assignees removed; whatever is given again is there
    again. Rows that do not differ are not written. Nobody as author is GitHub's ghost. Text that is too long is cut
    (``texts_cut``). Of records with the same number the last counts. Takes about five statements, however many there
    are.
    """
    return write_issues(session, repo_id, issues).counts


def store_pull_requests(session: Session, repo_id: int, pulls: Sequence[PullRequest]) -> Counts:
    """``store_issues`` for pull requests, with their reviews, review comments and threads."""
    return write_pull_requests(session, repo_id, pulls).counts


def write_issues(session: Session, repo_id: int, issues: Sequence[Issue]) -> Written:
    """``store_issues``, with the numbers of those that changed."""
    written, found = Written(), _last(issues)
    if not found:
        return written
    profiles = ensure_profiles(session, (actor for issue in found for actor in _issue_actors(issue)))
    write_items(session, ISSUES, repo_id, _ISSUE, (_issue_row(issue, profiles) for issue in found), written)
    written_themselves = set(written.changed)
    comments = ("issue_comment_id", *_COMMENT, "issue_comment_created_at", "issue_comment_updated_at", "gone_at")
    batches = (
        Batch(_ISSUE_COMMENTS, comments, [row for issue in found for row in _comments(issue, profiles)]),
        Batch(_ISSUE_LABELS, ("label_name",), _labels(found)),
        Batch(_ISSUE_ASSIGNEES, ("githubaccount_id",), _assignees(found, profiles)),
    )
    write_below(session, _items(ISSUES), _arguments(repo_id, found), batches, written)
    _touch(session, ISSUES, repo_id, written.changed - written_themselves)
    return written


def write_pull_requests(session: Session, repo_id: int, pulls: Sequence[PullRequest]) -> Written:
    """``store_pull_requests``, with the numbers of those that changed."""
    written, found = Written(), _last(pulls)
    if not found:
        return written
    profiles = ensure_profiles(session, (actor for pull in found for actor in _pull_actors(pull)))
    write_items(session, PULLS, repo_id, _PULL, (_pull_row(pull, profiles) for pull in found), written)
    written_themselves = set(written.changed)
    comments = ("pr_comment_id", *_COMMENT, "pr_comment_created_at", "pr_comment_updated_at", "gone_at")
    batches = (
        Batch(_PULL_COMMENTS, comments, [row for pull in found for row in _comments(pull, profiles)]),
        Batch(_PULL_LABELS, ("label_name",), _labels(found)),
        Batch(_PULL_ASSIGNEES, ("githubaccount_id",), _assignees(found, profiles)),
        Batch(_VERDICTS, _VERDICT, [row for pull in found for row in _reviews(pull, profiles)]),
        Batch(_THREADS, _THREAD, [row for pull in found for row in _threads(pull, profiles)]),
        Batch(_REVIEW_COMMENTS, _REMARK, [row for pull in found for row in _review_comments(pull, profiles)]),
    )
    write_below(session, _items(PULLS), _arguments(repo_id, found), batches, written)
    _touch(session, PULLS, repo_id, written.changed - written_themselves)
    return written


def write_items(
    session: Session, kind: Kind, repo_id: int, names: Sequence[str], rows: Iterable[Row], written: Written
) -> None:
    """Write rows of items whose first two values are the number and GitHub's id; makes room for them before."""
    given, shape = Given(table_of(kind.model), names, rows, written.counts), tuple(names)
    arguments = {REPOSITORY: repo_id, **given.arguments(GIVEN)}
    session.execute(_making_room(kind, shape), arguments)
    found = session.execute(_writing(kind, shape), arguments)
    changes = [Change(number, int(is_new), int(not is_new), 0) for number, is_new in found]
    written.note(kind.name, len(given), changes)


@cache
def _writing(kind: Kind, names: tuple[str, ...]) -> Select[Any]:
    """Insert or update the rows given, and tell what became of them."""
    table = table_of(kind.model)
    staged = given_rows(table, names, GIVEN)
    there = (literal(value, table.c[name].type).label(name) for name, value in _THERE.items())
    complete = select(*(staged.c[name] for name in names), _REPOSITORY.label("repo_id"), *there)
    upserted = upsert(table, complete, key=("repo_id", kind.number), owner=kind.number, name=kind.name)
    return select(upserted.c.owner, upserted.c.is_new)


@cache
def _making_room(kind: Kind, names: tuple[str, ...]) -> Update:
    """Settle where an id that is given stands under another number or repository.

    The row moves to its new place with all that is below it. Where that is taken (by an item of a repository that was
    since made anew) it stays where it is without the id, as gone.
    """
    holder, occupant = table_of(kind.model), aliased(table_of(kind.model))
    given = given_rows(holder, names, GIVEN)
    key, number = holder.c[kind.github_id], holder.c[kind.number]
    new_number = given.c[kind.number]
    taken = (
        select(occupant.c.id)
        .where(occupant.c.repo_id == _REPOSITORY, occupant.c[kind.number] == new_number)
        .correlate(given)
        .exists()
    )
    now = func.now()
    return (
        update(holder)
        .where(key == given.c[kind.github_id], or_(holder.c.repo_id != _REPOSITORY, number != new_number))
        .values(
            {
                holder.c.repo_id: case((taken, holder.c.repo_id), else_=_REPOSITORY),
                number: case((taken, number), else_=new_number),
                key: case((taken, -holder.c.id), else_=key),
                holder.c.gone_at: case((taken, func.coalesce(holder.c.gone_at, now)), else_=holder.c.gone_at),
                holder.c.gone_reason: case((taken, GoneReason.REPLACED.value), else_=holder.c.gone_reason),
                holder.c.updated_at: now,
            }
        )
        .execution_options(synchronize_session=False)
    )


@cache
def _items(kind: Kind) -> CTE:
    """The rows of the items that ``_arguments`` names: ``id`` and ``number``."""
    table = table_of(kind.model)
    given = rows_to_come("items", {"number": Integer()})
    return (
        select(table.c.id, table.c[kind.number].label("number"))
        .join_from(given, table, and_(table.c.repo_id == _REPOSITORY, table.c[kind.number] == given.c.number))
        .cte("items")
    )


def _arguments(repo_id: int, items: Sequence[Item]) -> dict[str, Any]:
    return {REPOSITORY: repo_id, **values_to_come("items", {"number": [item.number for item in items]})}


def _touch(session: Session, kind: Kind, repo_id: int, numbers: Collection[int]) -> None:
    """Let ``updated_at`` of items say that something below them changed."""
    if not numbers:
        return
    table = table_of(kind.model)
    given = rows_of({"number": (Integer(), sorted(numbers))})
    session.execute(
        update(table)
        .where(table.c.repo_id == repo_id, table.c[kind.number] == given.c.number)
        .values(updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


def _last(items: Sequence[AnyItem]) -> list[AnyItem]:
    return list({item.number: item for item in items}.values())


def _issue_actors(issue: Item) -> Iterator[Actor | None]:
    yield issue.author
    yield from issue.assignees
    for comment in issue.comments:
        yield comment.author


def _pull_actors(pull: PullRequest) -> Iterator[Actor | None]:
    yield from _issue_actors(pull)
    yield from (comment.author for comment in pull.review_comments)
    yield from (review.author for review in pull.reviews)
    for thread in pull.threads:
        if thread.resolved_by is not None:
            yield thread.resolved_by


def _issue_row(issue: Issue, profiles: Profiles) -> Row:
    who = profiles.of(issue.author)
    times = (issue.created_at, issue.updated_at, issue.closed_at)
    return issue.number, issue.id, who, issue.title, issue.body, issue.state, issue.state_reason, *times


def _pull_row(pull: PullRequest, profiles: Profiles) -> Row:
    text = (pull.title, pull.body, pull.state, pull.head_hash, pull.base_hash)
    times = (pull.created_at, pull.updated_at, pull.merged_at, pull.closed_at)
    return pull.number, pull.id, profiles.of(pull.author), *text, *times, pull.is_draft


def _labels(items: Sequence[Item]) -> Iterator[Row]:
    return ((item.number, label.strip()) for item in items for label in item.labels if label.strip())


def _assignees(items: Sequence[Item], profiles: Profiles) -> Iterator[Row]:
    return ((item.number, profiles.of(actor)) for item in items for actor in item.assignees)


def _comments(item: Item, profiles: Profiles) -> Iterator[Row]:
    for comment in item.comments:
        yield (
            item.number,
            comment.id,
            profiles.of(comment.author),
            comment.body,
            comment.created_at,
            comment.updated_at,
            None,
        )


def _reviews(pull: PullRequest, profiles: Profiles) -> Iterator[Row]:
    for review in pull.reviews:
        said = (profiles.of(review.author), review.body, review.state, review.commit_hash)
        yield pull.number, review.id, *said, review.submitted_at, review.updated_at, None


def _threads(pull: PullRequest, profiles: Profiles) -> Iterator[Row]:
    for thread in pull.threads:
        resolved_by = None if thread.resolved_by is None else profiles.of(thread.resolved_by)
        yield (
            pull.number,
            thread.id,
            thread.path,
            thread.line,
            thread.is_resolved,
            thread.is_outdated,
            resolved_by,
            None,
        )


def _review_comments(pull: PullRequest, profiles: Profiles) -> Iterator[Row]:
    for comment in pull.review_comments:
        said = (profiles.of(comment.author), comment.body, comment.in_reply_to_id)
        place = (comment.path, comment.line, comment.original_line, comment.diff_hunk, comment.commit_hash)
        links = (comment.review_id, comment.thread_id)
        yield pull.number, comment.id, *said, comment.created_at, comment.updated_at, *links, *place, None


def mark_items_gone(session: Session, repo_id: int, numbers: Mapping[int, GoneReason | str], now: datetime) -> int:
    """Note that GitHub does not have these items of a repository any more, and why. Returns of how many that is news.

    Issues and pull requests share their numbers. Storing an item again brings it back.
    """
    if not numbers:
        return 0
    marked = 0
    for kind in (ISSUES, PULLS):
        table = table_of(kind.model)
        names = (kind.number, "gone_reason")
        given = given_rows(table, names, GIVEN)
        gone = session.execute(
            update(table)
            .where(
                table.c.repo_id == repo_id,
                table.c[kind.number] == given.c[kind.number],
                table.c.gone_at.is_(None),
            )
            .values(gone_at=now, gone_reason=given.c.gone_reason, updated_at=func.now())
            .execution_options(synchronize_session=False),
            Given(table, names, numbers.items(), Counts()).arguments(GIVEN),
        )
        marked += int(getattr(gone, "rowcount", 0))
    return marked
