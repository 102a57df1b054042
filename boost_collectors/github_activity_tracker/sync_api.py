"""What other folders may import of the GitHub activity store; ``__all__`` is the contract.

Staged and archived files, the REST fetcher, and documents for the vector store. Every function over files takes a
``workspace`` keyword; without it the workspace of the settings is used.
"""

from __future__ import annotations

from boost_collectors.github_activity_tracker import fetcher
from boost_collectors.github_activity_tracker.archive import (
    save_commit_raw_source,
    save_issue_raw_source,
    save_pr_raw_source,
)
from boost_collectors.github_activity_tracker.documents import build_issue_document, build_pr_document
from boost_collectors.github_activity_tracker.normalize import normalize_issue_json, normalize_pr_json
from boost_collectors.github_activity_tracker.payloads import to_mapping
from boost_collectors.github_activity_tracker.workspace_paths import (
    get_commit_json_path,
    get_issue_json_path,
    get_pr_json_path,
    get_raw_source_issue_path,
    get_raw_source_pr_path,
    iter_existing_commit_jsons,
    iter_existing_issue_jsons,
    iter_existing_pr_jsons,
)

__all__ = [
    "build_issue_document",
    "build_pr_document",
    "fetcher",
    "get_commit_json_path",
    "get_issue_json_path",
    "get_pr_json_path",
    "get_raw_source_issue_path",
    "get_raw_source_pr_path",
    "iter_existing_commit_jsons",
    "iter_existing_issue_jsons",
    "iter_existing_pr_jsons",
    "normalize_issue_json",
    "normalize_pr_json",
    "save_commit_raw_source",
    "save_issue_raw_source",
    "save_pr_raw_source",
    "to_mapping",
]
