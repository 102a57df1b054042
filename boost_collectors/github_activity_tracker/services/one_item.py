"""Issues, pull requests, and what hangs below them, one row at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import (
    GithubRepository,
    Issue,
    IssueAssignee,
    IssueComment,
    IssueLabel,
    PullRequest,
    PullRequestAssignee,
    PullRequestComment,
    PullRequestLabel,
    PullRequestReview,
)
from boost_collectors.github_activity_tracker.services.items import ISSUES, PULLS, write_items
from boost_collectors.github_activity_tracker.services.single import find, put
from boost_collectors.github_activity_tracker.services.writing import Written


def create_or_update_issue(
    session: Session,
    repo: GithubRepository,
    account: GithubAccount,
    issue_number: int,
    issue_id: int,
    title: str | None = "",
    body: str | None = "",
    state: str | None = "open",
    state_reason: str | None = "",
    issue_created_at: datetime | None = None,
    issue_updated_at: datetime | None = None,
    issue_closed_at: datetime | None = None,
) -> tuple[Issue, bool]:
    """An issue as (row, created); everything is overwritten, None included. Found by its id or its number."""
    values = {
        "issue_number": issue_number,
        "issue_id": issue_id,
        "account_id": account.id,
        "title": title or "",
        "body": body or "",
        "state": state or "open",
        "state_reason": state_reason or "",
        "issue_created_at": issue_created_at,
        "issue_updated_at": issue_updated_at,
        "issue_closed_at": issue_closed_at,
    }
    written = Written()
    write_items(session, ISSUES, repo.id, list(values), [tuple(values.values())], written)
    return find(session, Issue, {"issue_id": issue_id}), written.counts["issues_inserted"] == 1


def create_or_update_pull_request(
    session: Session,
    repo: GithubRepository,
    account: GithubAccount,
    pr_number: int,
    pr_id: int,
    title: str | None = "",
    body: str | None = "",
    state: str | None = "open",
    head_hash: str | None = "",
    base_hash: str | None = "",
    pr_created_at: datetime | None = None,
    pr_updated_at: datetime | None = None,
    pr_merged_at: datetime | None = None,
    pr_closed_at: datetime | None = None,
) -> tuple[PullRequest, bool]:
    """A pull request as (row, created); everything is overwritten, None included. Found by its id or its number."""
    values = {
        "pr_number": pr_number,
        "pr_id": pr_id,
        "account_id": account.id,
        "title": title or "",
        "body": body or "",
        "state": state or "open",
        "head_hash": head_hash or "",
        "base_hash": base_hash or "",
        "pr_created_at": pr_created_at,
        "pr_updated_at": pr_updated_at,
        "pr_merged_at": pr_merged_at,
        "pr_closed_at": pr_closed_at,
    }
    written = Written()
    write_items(session, PULLS, repo.id, list(values), [tuple(values.values())], written)
    return find(session, PullRequest, {"pr_id": pr_id}), written.counts["pull_requests_inserted"] == 1


def create_or_update_issue_comment(
    session: Session,
    issue: Issue,
    account: GithubAccount,
    issue_comment_id: int,
    body: str | None = "",
    issue_comment_created_at: datetime | None = None,
    issue_comment_updated_at: datetime | None = None,
) -> tuple[IssueComment, bool]:
    """A comment on an issue as (row, created); everything is overwritten."""
    values = {
        "issue_id": issue.id,
        "account_id": account.id,
        "body": body or "",
        "issue_comment_created_at": issue_comment_created_at,
        "issue_comment_updated_at": issue_comment_updated_at,
        "gone_at": None,
    }
    return put(session, IssueComment, {"issue_comment_id": issue_comment_id}, values)


def create_or_update_pr_comment(
    session: Session,
    pr: PullRequest,
    account: GithubAccount,
    pr_comment_id: int,
    body: str | None = "",
    pr_comment_created_at: datetime | None = None,
    pr_comment_updated_at: datetime | None = None,
) -> tuple[PullRequestComment, bool]:
    """A comment in a pull request's conversation as (row, created); everything is overwritten."""
    values = {
        "pr_id": pr.id,
        "account_id": account.id,
        "body": body or "",
        "pr_comment_created_at": pr_comment_created_at,
        "pr_comment_updated_at": pr_comment_updated_at,
        "gone_at": None,
    }
    return put(session, PullRequestComment, {"pr_comment_id": pr_comment_id}, values)


def create_or_update_pr_review(
    session: Session,
    pr: PullRequest,
    account: GithubAccount,
    pr_review_id: int,
    body: str | None = "",
    in_reply_to_id: int | None = None,
    pr_review_created_at: datetime | None = None,
    pr_review_updated_at: datetime | None = None,
) -> tuple[PullRequestReview, bool]:
    """A comment on a line of a change as (row, created); what is given here is overwritten, where it stands is not."""
    values = {
        "pr_id": pr.id,
        "account_id": account.id,
        "body": body or "",
        "in_reply_to_id": in_reply_to_id,
        "pr_review_created_at": pr_review_created_at,
        "pr_review_updated_at": pr_review_updated_at,
        "gone_at": None,
    }
    return put(session, PullRequestReview, {"pr_review_id": pr_review_id}, values)


def add_issue_assignee(session: Session, issue: Issue, account: GithubAccount) -> None:
    """Assign an issue to an account."""
    put(session, IssueAssignee, {"issue_id": issue.id, "githubaccount_id": account.id})


def remove_issue_assignee(session: Session, issue: Issue, account: GithubAccount) -> None:
    """Take an issue from an account that may have it."""
    _remove(session, IssueAssignee, issue_id=issue.id, githubaccount_id=account.id)


def add_pr_assignee(session: Session, pr: PullRequest, account: GithubAccount) -> None:
    """Assign a pull request to an account."""
    put(session, PullRequestAssignee, {"pullrequest_id": pr.id, "githubaccount_id": account.id})


def remove_pr_assignee(session: Session, pr: PullRequest, account: GithubAccount) -> None:
    """Take a pull request from an account that may have it."""
    _remove(session, PullRequestAssignee, pullrequest_id=pr.id, githubaccount_id=account.id)


def add_issue_label(session: Session, issue: Issue, label_name: str) -> tuple[IssueLabel, bool]:
    """A label of an issue as (row, created)."""
    return put(session, IssueLabel, {"issue_id": issue.id, "label_name": label_name})


def remove_issue_label(session: Session, issue: Issue, label_name: str) -> None:
    """Remove a label of an issue, if it has it."""
    _remove(session, IssueLabel, issue_id=issue.id, label_name=label_name)


def add_pull_request_label(session: Session, pr: PullRequest, label_name: str) -> tuple[PullRequestLabel, bool]:
    """A label of a pull request as (row, created)."""
    return put(session, PullRequestLabel, {"pr_id": pr.id, "label_name": label_name})


def remove_pull_request_label(session: Session, pr: PullRequest, label_name: str) -> None:
    """Remove a label of a pull request, if it has it."""
    _remove(session, PullRequestLabel, pr_id=pr.id, label_name=label_name)


def _remove(session: Session, model: Any, **key: Any) -> None:
    session.execute(delete(model).filter_by(**key))
