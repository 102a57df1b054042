"""Repositories, their commits and files, issues and pull requests.

Columns named ``account_id``, ``owner_account_id`` and ``githubaccount_id`` name an account of the identity hub.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import (
    CreatedAt,
    EmptyText,
    Switch,
    UpdatedAt,
    Zero,
    cascade,
    set_null,
    varchar,
)
from boost_collectors.cppa_user_tracker.models import GithubAccount

ACCOUNT = f"{GithubAccount.__tablename__}.baseprofile_ptr_id"
REPOSITORY = "github_activity_tracker_githubrepository.id"


class FileChangeStatus(StrEnum):
    """What a commit did to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"
    COPIED = "copied"
    CHANGED = "changed"


class Language(Base):
    """A programming language, by GitHub's name."""

    __tablename__ = "github_activity_tracker_language"
    __table_args__ = (UniqueConstraint("name"), PrefixIndex("name"))

    id: Mapped[BigIntPrimaryKey]
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[CreatedAt]


class CreatedReposByLanguage(Base):
    """How many repositories of a language were created in a year, and how many of them found an audience."""

    __tablename__ = "github_activity_tracker_createdreposbylanguage"
    __table_args__ = (
        UniqueConstraint("language_id", "year", name="github_activity_tracker_created_lang_year_uniq"),
        CheckConstraint("year >= 0", name="year"),
        CheckConstraint("all_repos >= 0", name="all_repos"),
        CheckConstraint("significant_repos >= 0", name="significant_repos"),
    )

    id: Mapped[BigIntPrimaryKey]
    language_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_language.id"))
    year: Mapped[int] = mapped_column(index=True)
    all_repos: Mapped[Zero]
    significant_repos: Mapped[Zero]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class License(Base):
    """A licence, by GitHub's name."""

    __tablename__ = "github_activity_tracker_license"
    __table_args__ = (UniqueConstraint("name"), PrefixIndex("name"), PrefixIndex("spdx_id"))

    id: Mapped[BigIntPrimaryKey]
    name: Mapped[str] = mapped_column(String(255))
    spdx_id: Mapped[str] = varchar(64, index=True)
    url: Mapped[str] = varchar(512)
    created_at: Mapped[CreatedAt]


class GithubRepository(Base):
    """A repository. ``gone_at``: when we first found that GitHub does not have it any more; cleared if it returns."""

    __tablename__ = "github_activity_tracker_githubrepository"
    __table_args__ = (UniqueConstraint("owner_account_id", "repo_name"), PrefixIndex("repo_name"))

    id: Mapped[BigIntPrimaryKey]
    owner_account_id: Mapped[int] = mapped_column(cascade(ACCOUNT))
    repo_name: Mapped[str] = mapped_column(String(255), index=True)
    stars: Mapped[Zero]
    forks: Mapped[Zero]
    description: Mapped[EmptyText]
    repo_pushed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    repo_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    repo_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    gone_at: Mapped[Timestamp | None]


class GithubRepositoryLicense(Base):
    """A licence that a repository is under."""

    __tablename__ = "github_activity_tracker_githubrepository_licenses"
    __table_args__ = (UniqueConstraint("githubrepository_id", "license_id"),)

    id: Mapped[BigIntPrimaryKey]
    githubrepository_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    license_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_license.id"), index=True)


class RepoLanguage(Base):
    """How many lines of a language a repository has."""

    __tablename__ = "github_activity_tracker_repolanguage"
    __table_args__ = (UniqueConstraint("repo_id", "language_id"),)

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    language_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_language.id"), index=True)
    line_count: Mapped[Zero]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class GitRef(Base):
    """Where a branch or tag of a repository stood when it was last read: the git reader's checkpoint.

    Commits reachable from ``tip`` are stored; the next run reads what the new tip adds. Written in the transaction
    that stores those commits.
    """

    __tablename__ = "github_activity_tracker_gitref"
    __table_args__ = (UniqueConstraint("repo_id", "ref_name"),)

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    ref_name: Mapped[str]
    """The full name: ``refs/heads/develop``, ``refs/tags/boost-1.90.0``."""
    tip: Mapped[str] = mapped_column(String(64))
    """The commit that the ref named (tags peeled)."""
    seen_at: Mapped[Timestamp]
    """When the ref was first seen at this tip; a quiet run does not move it."""
    gone_at: Mapped[Timestamp | None]
    """When the remote was first seen without it; null while it exists."""


class GitForcePush(Base):
    """A rewrite of history: a ref whose new tip does not contain its old one. Kept for ever."""

    __tablename__ = "github_activity_tracker_gitforcepush"
    __table_args__ = (UniqueConstraint("repo_id", "ref_name", "old_tip", "new_tip"),)

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    ref_name: Mapped[str]
    old_tip: Mapped[str] = mapped_column(String(64))
    new_tip: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[Timestamp]
    """When the rewrite was first seen."""


class GitCommit(Base):
    """A commit of a repository, by its author.

    Ranges over ``commit_at`` answer when a change was written; ``committed_at`` is the order in which history grew
    (a rebased commit keeps the first and gets a new second).
    """

    __tablename__ = "github_activity_tracker_gitcommit"
    __table_args__ = (UniqueConstraint("repo_id", "commit_hash"), PrefixIndex("commit_hash"))

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    commit_hash: Mapped[str] = mapped_column(String(64), index=True)
    comment: Mapped[EmptyText]
    """The whole commit message."""
    commit_at: Mapped[Timestamp] = mapped_column(server_default=func.now(), index=True)
    """The author's date."""
    committed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    """The committer's date; null on rows of the earlier system until the commit is read again."""
    gone_at: Mapped[Timestamp | None]
    """When a rewrite first left the commit without any ref; cleared if a ref reaches it again."""


class GithubFile(Base):
    """A path that a repository has or had. A rename makes a new row that points to the old one."""

    __tablename__ = "github_activity_tracker_githubfile"
    __table_args__ = (UniqueConstraint("repo_id", "filename"), PrefixIndex("filename"))

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    filename: Mapped[str] = mapped_column(String(1024), index=True)
    is_deleted: Mapped[Switch]
    previous_filename_id: Mapped[int | None] = mapped_column(
        set_null("github_activity_tracker_githubfile.id"), index=True
    )
    created_at: Mapped[CreatedAt]


class GitCommitFileChange(Base):
    """What a commit did to a file."""

    __tablename__ = "github_activity_tracker_gitcommitfilechange"
    __table_args__ = (UniqueConstraint("commit_id", "github_file_id"), PrefixIndex("status"))

    id: Mapped[BigIntPrimaryKey]
    commit_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_gitcommit.id"))
    github_file_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_githubfile.id"), index=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    """One of FileChangeStatus."""
    additions: Mapped[Zero]
    deletions: Mapped[Zero]
    patch: Mapped[EmptyText]
    created_at: Mapped[CreatedAt]


class Issue(Base):
    """An issue; ``issue_id`` is GitHub's id, ``issue_number`` the number within the repository."""

    __tablename__ = "github_activity_tracker_issue"
    __table_args__ = (
        UniqueConstraint("issue_id"),
        UniqueConstraint("repo_id", "issue_number"),
        PrefixIndex("state"),
    )

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    issue_number: Mapped[int] = mapped_column(index=True)
    issue_id: Mapped[BigInt]
    title: Mapped[str] = varchar(1024)
    body: Mapped[EmptyText]
    state: Mapped[str] = mapped_column(String(20), server_default="open", index=True)
    state_reason: Mapped[str] = varchar(20)
    issue_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    issue_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    issue_closed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class IssueAssignee(Base):
    """Who an issue is assigned to."""

    __tablename__ = "github_activity_tracker_issue_assignees"
    __table_args__ = (UniqueConstraint("issue_id", "githubaccount_id"),)

    id: Mapped[BigIntPrimaryKey]
    issue_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_issue.id"))
    githubaccount_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)


class IssueComment(Base):
    """A comment on an issue."""

    __tablename__ = "github_activity_tracker_issuecomment"
    __table_args__ = (UniqueConstraint("issue_comment_id"),)

    id: Mapped[BigIntPrimaryKey]
    issue_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_issue.id"), index=True)
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    issue_comment_id: Mapped[BigInt]
    body: Mapped[EmptyText]
    issue_comment_created_at: Mapped[Timestamp | None]
    issue_comment_updated_at: Mapped[Timestamp | None]


class IssueLabel(Base):
    """A label on an issue."""

    __tablename__ = "github_activity_tracker_issuelabel"
    __table_args__ = (UniqueConstraint("issue_id", "label_name"), PrefixIndex("label_name"))

    id: Mapped[BigIntPrimaryKey]
    issue_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_issue.id"))
    label_name: Mapped[str] = mapped_column(String(255), index=True)
    created_at: Mapped[CreatedAt]


class PullRequest(Base):
    """A pull request; ``pr_id`` is GitHub's id, ``pr_number`` the number within the repository."""

    __tablename__ = "github_activity_tracker_pullrequest"
    __table_args__ = (
        UniqueConstraint("pr_id"),
        UniqueConstraint("repo_id", "pr_number"),
        PrefixIndex("state"),
        PrefixIndex("head_hash"),
        PrefixIndex("base_hash"),
    )

    id: Mapped[BigIntPrimaryKey]
    repo_id: Mapped[int] = mapped_column(cascade(REPOSITORY))
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    pr_number: Mapped[int] = mapped_column(index=True)
    pr_id: Mapped[BigInt]
    title: Mapped[str] = varchar(1024)
    body: Mapped[EmptyText]
    state: Mapped[str] = mapped_column(String(20), server_default="open", index=True)
    head_hash: Mapped[str] = varchar(64, index=True)
    base_hash: Mapped[str] = varchar(64, index=True)
    pr_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_merged_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_closed_at: Mapped[Timestamp | None] = mapped_column(index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class PullRequestAssignee(Base):
    """Who a pull request is assigned to."""

    __tablename__ = "github_activity_tracker_pullrequest_assignees"
    __table_args__ = (UniqueConstraint("pullrequest_id", "githubaccount_id"),)

    id: Mapped[BigIntPrimaryKey]
    pullrequest_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_pullrequest.id"))
    githubaccount_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)


class PullRequestReview(Base):
    """An inline comment of a review, on a line of the change."""

    __tablename__ = "github_activity_tracker_pullrequestreview"
    __table_args__ = (UniqueConstraint("pr_review_id"),)

    id: Mapped[BigIntPrimaryKey]
    pr_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_pullrequest.id"), index=True)
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    pr_review_id: Mapped[BigInt]
    body: Mapped[EmptyText]
    in_reply_to_id: Mapped[BigInt | None]
    pr_review_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_review_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)


class PullRequestComment(Base):
    """A comment in the conversation of a pull request."""

    __tablename__ = "github_activity_tracker_pullrequestcomment"
    __table_args__ = (UniqueConstraint("pr_comment_id"),)

    id: Mapped[BigIntPrimaryKey]
    pr_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_pullrequest.id"), index=True)
    account_id: Mapped[int] = mapped_column(cascade(ACCOUNT), index=True)
    pr_comment_id: Mapped[BigInt]
    body: Mapped[EmptyText]
    pr_comment_created_at: Mapped[Timestamp | None] = mapped_column(index=True)
    pr_comment_updated_at: Mapped[Timestamp | None] = mapped_column(index=True)


class PullRequestLabel(Base):
    """A label on a pull request."""

    __tablename__ = "github_activity_tracker_pullrequestlabel"
    __table_args__ = (UniqueConstraint("pr_id", "label_name"), PrefixIndex("label_name"))

    id: Mapped[BigIntPrimaryKey]
    pr_id: Mapped[int] = mapped_column(cascade("github_activity_tracker_pullrequest.id"))
    label_name: Mapped[str] = mapped_column(String(255), index=True)
    created_at: Mapped[CreatedAt]
