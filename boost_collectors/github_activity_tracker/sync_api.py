"""What other folders may import of the GitHub activity store; ``__all__`` is the contract.

States of repositories, staged and archived files, the REST fetcher, documents for the vector store; and for a collector
that follows one repository: its clone, its issues and pull requests, and publishing them. Every function over files
takes a ``workspace`` keyword; without it the workspace of the settings is used.
"""

from __future__ import annotations

from boost_collectors.core.git_hosting import Hosting
from boost_collectors.github_activity_tracker import fetcher
from boost_collectors.github_activity_tracker.archive import (
    save_commit_raw_source,
    save_issue_raw_source,
    save_pr_raw_source,
)
from boost_collectors.github_activity_tracker.catalogue import some as repository_states
from boost_collectors.github_activity_tracker.conversion import time_of
from boost_collectors.github_activity_tracker.documents import build_issue_document, build_pr_document
from boost_collectors.github_activity_tracker.export import ExportPhase, clang_target, with_counts
from boost_collectors.github_activity_tracker.frontier import Frontier
from boost_collectors.github_activity_tracker.normalize import normalize_issue_json, normalize_pr_json
from boost_collectors.github_activity_tracker.one_repository import collect_items, look_up_repository, planned_points
from boost_collectors.github_activity_tracker.options import ActivityOptions
from boost_collectors.github_activity_tracker.payloads import (
    CommitPayload,
    GitHubApiValidationError,
    IssueBundle,
    PullRequestBundle,
    parse_commit,
    parse_issue_bundle,
    parse_pr_bundle,
    to_mapping,
)
from boost_collectors.github_activity_tracker.preprocessor import offer_items
from boost_collectors.github_activity_tracker.records import Item, PullRequest
from boost_collectors.github_activity_tracker.source import CommitsClone, Header, read_whole
from boost_collectors.github_activity_tracker.staged import StagedIntake, StagedKind, import_staged
from boost_collectors.github_activity_tracker.workspace_paths import (
    archive_folder,
    get_commit_json_path,
    get_issue_json_path,
    get_pr_json_path,
    get_raw_source_issue_path,
    get_raw_source_pr_path,
    iter_existing_commit_jsons,
    iter_existing_issue_jsons,
    iter_existing_pr_jsons,
    iter_raw_source_commit_jsons,
    iter_raw_source_issue_jsons,
    iter_raw_source_pr_jsons,
)

__all__ = [
    "ActivityOptions",
    "CommitPayload",
    "CommitsClone",
    "ExportPhase",
    "Frontier",
    "GitHubApiValidationError",
    "Header",
    "Hosting",
    "IssueBundle",
    "Item",
    "PullRequest",
    "PullRequestBundle",
    "StagedIntake",
    "StagedKind",
    "archive_folder",
    "build_issue_document",
    "build_pr_document",
    "clang_target",
    "collect_items",
    "fetcher",
    "get_commit_json_path",
    "get_issue_json_path",
    "get_pr_json_path",
    "get_raw_source_issue_path",
    "get_raw_source_pr_path",
    "import_staged",
    "iter_existing_commit_jsons",
    "iter_existing_issue_jsons",
    "iter_existing_pr_jsons",
    "iter_raw_source_commit_jsons",
    "iter_raw_source_issue_jsons",
    "iter_raw_source_pr_jsons",
    "look_up_repository",
    "normalize_issue_json",
    "normalize_pr_json",
    "offer_items",
    "parse_commit",
    "parse_issue_bundle",
    "parse_pr_bundle",
    "planned_points",
    "read_whole",
    "repository_states",
    "save_commit_raw_source",
    "save_issue_raw_source",
    "save_pr_raw_source",
    "time_of",
    "to_mapping",
    "with_counts",
]
