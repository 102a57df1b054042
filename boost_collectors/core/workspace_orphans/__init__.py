"""Files that killed processes left in the workspace, and their removal; docs/workspace.md."""

from boost_collectors.core.workspace_orphans.at_start import clean_up_at_start
from boost_collectors.core.workspace_orphans.json_cache import (
    FileState,
    JsonCacheStats,
    classify_json_file,
    cleanup_github_activity_tracker_json_cache,
)
from boost_collectors.core.workspace_orphans.leftovers import Leftover, find_leftovers, remove

__all__ = [
    "FileState",
    "JsonCacheStats",
    "Leftover",
    "classify_json_file",
    "clean_up_at_start",
    "cleanup_github_activity_tracker_json_cache",
    "find_leftovers",
    "remove",
]
