"""The only writers of the tables of Boost's users, and the reads that others may use. Nothing here commits."""

from boost_collectors.boost_usage_tracker.services.candidates import (
    Candidate,
    candidates,
    drop_candidate,
    queue_candidates,
    store_hints,
    unhinted,
)
from boost_collectors.boost_usage_tracker.services.catalogue import HeaderCatalogue, resolve_missing_headers
from boost_collectors.boost_usage_tracker.services.external import (
    Tracked,
    ensure_external_repo,
    get_or_create_boost_external_repo,
    tracked_repositories,
    update_boost_external_repo,
)
from boost_collectors.boost_usage_tracker.services.imports import (
    FileLine,
    RepositoryLine,
    Skip,
    UsageLine,
    import_files,
    import_repositories,
    import_usages,
)
from boost_collectors.boost_usage_tracker.services.scans import store_scan, store_without_use
from boost_collectors.boost_usage_tracker.services.usages import (
    bulk_create_or_update_boost_usage,
    create_or_update_boost_usage,
    except_repository,
    get_active_usages_for_repo,
    get_or_create_missing_header_usage,
    mark_usage_excepted,
    mark_usages_excepted_bulk,
)

__all__ = [
    "Candidate",
    "FileLine",
    "HeaderCatalogue",
    "RepositoryLine",
    "Skip",
    "Tracked",
    "UsageLine",
    "bulk_create_or_update_boost_usage",
    "candidates",
    "create_or_update_boost_usage",
    "drop_candidate",
    "ensure_external_repo",
    "except_repository",
    "get_active_usages_for_repo",
    "get_or_create_boost_external_repo",
    "get_or_create_missing_header_usage",
    "import_files",
    "import_repositories",
    "import_usages",
    "mark_usage_excepted",
    "mark_usages_excepted_bulk",
    "queue_candidates",
    "resolve_missing_headers",
    "store_hints",
    "store_scan",
    "store_without_use",
    "tracked_repositories",
    "unhinted",
    "update_boost_external_repo",
]
