"""Stored issues and pull requests as the records that Markdown is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import (
    ExportKind,
    GithubRepository,
    Issue,
    IssueComment,
    PullRequest,
    PullRequestComment,
    PullRequestReview,
    PullRequestThread,
    PullRequestVerdict,
)
from boost_collectors.github_activity_tracker.records import Actor, Comment, Item, Review, ReviewComment, ReviewThread
from boost_collectors.github_activity_tracker.records import Issue as IssueRecord
from boost_collectors.github_activity_tracker.records import PullRequest as PullRecord

Authored = tuple[Any, Actor | None]
"""A row and who wrote it."""


def read_items(session: Session, kind: ExportKind, keys: Collection[int], host: str) -> dict[int, Item]:
    """The items of these keys with what is below them; what is gone at the source is left out of that.

    ``host`` begins the URLs of pages, such as ``https://github.com``. A handful of statements, whatever the number.
    """
    return dict(_issues(session, keys, host) if kind is ExportKind.ISSUE else _pulls(session, keys, host))


def _issues(session: Session, keys: Collection[int], host: str) -> Iterable[tuple[int, Item]]:
    items = _authored(session, Issue, Issue.id, keys)
    comments = _children(session, IssueComment, IssueComment.issue_id, keys)
    pages = _pages(session, items, host)
    for row, author in items:
        url = f"{pages[row.repo_id]}/issues/{row.issue_number}"
        yield (
            row.id,
            IssueRecord(
                number=row.issue_number,
                id=row.issue_id,
                author=author,
                title=row.title,
                body=row.body,
                state=row.state,
                state_reason=row.state_reason,
                created_at=row.issue_created_at,
                updated_at=row.issue_updated_at,
                closed_at=row.issue_closed_at,
                comments=tuple(_comment(child, by, url, "issue_comment") for child, by in comments[row.id]),
                html_url=url,
            ),
        )


def _pulls(session: Session, keys: Collection[int], host: str) -> Iterable[tuple[int, Item]]:
    items = _authored(session, PullRequest, PullRequest.id, keys)
    comments = _children(session, PullRequestComment, PullRequestComment.pr_id, keys)
    inline = _children(session, PullRequestReview, PullRequestReview.pr_id, keys)
    verdicts = _children(session, PullRequestVerdict, PullRequestVerdict.pr_id, keys)
    threads = _threads(session, keys)
    pages = _pages(session, items, host)
    for row, author in items:
        url = f"{pages[row.repo_id]}/pull/{row.pr_number}"
        yield (
            row.id,
            PullRecord(
                number=row.pr_number,
                id=row.pr_id,
                author=author,
                title=row.title,
                body=row.body,
                state=row.state,
                head_hash=row.head_hash,
                base_hash=row.base_hash,
                created_at=row.pr_created_at,
                updated_at=row.pr_updated_at,
                merged_at=row.pr_merged_at,
                closed_at=row.pr_closed_at,
                is_draft=row.is_draft,
                comments=tuple(_comment(child, by, url, "pr_comment") for child, by in comments[row.id]),
                review_comments=tuple(_review_comment(child, by, url) for child, by in inline[row.id]),
                reviews=tuple(_review(child, by, url) for child, by in verdicts[row.id]),
                threads=tuple(threads[row.id]),
                html_url=url,
            ),
        )


def _authored(
    session: Session, model: Any, column: InstrumentedAttribute[int], keys: Collection[int]
) -> list[Authored]:
    account = GithubAccount
    rows = session.execute(
        select(model, account.github_account_id, account.username, account.display_name)
        .outerjoin(account, account.baseprofile_ptr_id == model.account_id)
        .where(column.in_(keys))
        .order_by(model.id)
    )
    return [(row, Actor(number, login, name) if login else None) for row, number, login, name in rows]


def _children(
    session: Session, model: Any, parent: InstrumentedAttribute[int], keys: Collection[int]
) -> dict[int, list[Authored]]:
    found: dict[int, list[Authored]] = defaultdict(list)
    for row, author in _authored(session, model, parent, keys):
        if row.gone_at is None:
            found[getattr(row, parent.key)].append((row, author))
    return found


def _threads(session: Session, keys: Collection[int]) -> dict[int, list[ReviewThread]]:
    found: dict[int, list[ReviewThread]] = defaultdict(list)
    rows = session.scalars(select(PullRequestThread).where(PullRequestThread.pr_id.in_(keys)))
    for row in rows:
        found[row.pr_id].append(ReviewThread(row.thread_id, row.path, row.line, row.is_resolved, row.is_outdated))
    return found


def _pages(session: Session, items: Iterable[Authored], host: str) -> dict[int, str]:
    """The address of each item's repository."""
    rows = session.execute(
        select(GithubRepository.id, GithubAccount.username, GithubRepository.repo_name)
        .join(GithubAccount, GithubAccount.baseprofile_ptr_id == GithubRepository.owner_account_id)
        .where(GithubRepository.id.in_({row.repo_id for row, _ in items}))
    )
    return {key: f"{host.rstrip('/')}/{owner}/{name}" for key, owner, name in rows}


def _comment(row: Any, author: Actor | None, url: str, name: str) -> Comment:
    number = getattr(row, f"{name}_id")
    return Comment(
        id=number,
        author=author,
        body=row.body,
        created_at=getattr(row, f"{name}_created_at"),
        updated_at=getattr(row, f"{name}_updated_at"),
        html_url=f"{url}#issuecomment-{number}",
    )


def _review_comment(row: PullRequestReview, author: Actor | None, url: str) -> ReviewComment:
    return ReviewComment(
        id=row.pr_review_id,
        author=author,
        body=row.body,
        created_at=row.pr_review_created_at,
        updated_at=row.pr_review_updated_at,
        in_reply_to_id=row.in_reply_to_id,
        review_id=row.review_id,
        thread_id=row.thread_id,
        path=row.path,
        line=row.line,
        original_line=row.original_line,
        diff_hunk=row.diff_hunk,
        commit_hash=row.commit_hash,
        html_url=f"{url}#discussion_r{row.pr_review_id}",
    )


def _review(row: PullRequestVerdict, author: Actor | None, url: str) -> Review:
    return Review(
        id=row.review_id,
        author=author,
        state=row.state,
        body=row.body,
        submitted_at=row.submitted_at,
        updated_at=row.review_updated_at,
        commit_hash=row.commit_hash,
        html_url=f"{url}#pullrequestreview-{row.review_id}",
    )
