"""Issues and pull requests as a tree of Markdown files: writing it, finding files of old titles, publishing it."""

from boost_collectors.github_activity_tracker.export.files import write_md_files
from boost_collectors.github_activity_tracker.export.phase import ExportPhase, with_counts
from boost_collectors.github_activity_tracker.export.publisher import (
    ExportTarget,
    boost_target,
    clang_target,
    publish,
    write_files,
)
from boost_collectors.github_activity_tracker.export.stale import (
    detect_renames,
    detect_renames_from_dirs,
    detect_stale_titled_paths,
)
from boost_collectors.github_activity_tracker.services.exports import (
    count_due_exports,
    forget_exports,
    mark_for_export,
)

__all__ = [
    "ExportPhase",
    "ExportTarget",
    "boost_target",
    "clang_target",
    "count_due_exports",
    "detect_renames",
    "detect_renames_from_dirs",
    "detect_stale_titled_paths",
    "forget_exports",
    "mark_for_export",
    "publish",
    "with_counts",
    "write_files",
    "write_md_files",
]
