"""Repositories, their commits and files, issues and pull requests, and how complete they are.

Columns named ``account_id``, ``owner_account_id`` and ``githubaccount_id`` name an account of the identity hub.
"""

from boost_collectors.github_activity_tracker.models.commits import (
    CommitAuthor,
    FileChangeStatus,
    GitCommit,
    GitCommitFileChange,
    GitForcePush,
    GithubFile,
    GitRef,
)
from boost_collectors.github_activity_tracker.models.completeness import Completeness, CountedKind
from boost_collectors.github_activity_tracker.models.exports import ExportedItem, ExportKind
from boost_collectors.github_activity_tracker.models.issues import Issue, IssueAssignee, IssueComment, IssueLabel
from boost_collectors.github_activity_tracker.models.pulls import (
    PullRequest,
    PullRequestAssignee,
    PullRequestComment,
    PullRequestLabel,
    PullRequestReview,
    PullRequestThread,
    PullRequestVerdict,
)
from boost_collectors.github_activity_tracker.models.repositories import (
    ChangeKind,
    CreatedReposByLanguage,
    GithubRepository,
    GithubRepositoryLicense,
    GoneReason,
    Language,
    License,
    RepoLanguage,
    RepositoryChange,
)

__all__ = [
    "ChangeKind",
    "CommitAuthor",
    "Completeness",
    "CountedKind",
    "CreatedReposByLanguage",
    "ExportKind",
    "ExportedItem",
    "FileChangeStatus",
    "GitCommit",
    "GitCommitFileChange",
    "GitForcePush",
    "GitRef",
    "GithubFile",
    "GithubRepository",
    "GithubRepositoryLicense",
    "GoneReason",
    "Issue",
    "IssueAssignee",
    "IssueComment",
    "IssueLabel",
    "Language",
    "License",
    "PullRequest",
    "PullRequestAssignee",
    "PullRequestComment",
    "PullRequestLabel",
    "PullRequestReview",
    "PullRequestThread",
    "PullRequestVerdict",
    "RepoLanguage",
    "RepositoryChange",
]
