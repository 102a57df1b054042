"""The only writers of the tables of Boost libraries and releases, and the reads others may use."""

from boost_collectors.boost_library_tracker.services.dependencies import DependencyRow, store_dependencies
from boost_collectors.boost_library_tracker.services.files import (
    HeaderRow,
    RepositoryChoice,
    files_of_libraries,
    library_repositories,
    link_files,
    link_headers,
    unlinked_files,
)
from boost_collectors.boost_library_tracker.services.people import accounts_of
from boost_collectors.boost_library_tracker.services.reads import (
    LibraryHeader,
    ReleasedLibrary,
    StoredRelease,
    libraries_by_name,
    library_headers,
    released_libraries,
    stored_releases,
)
from boost_collectors.boost_library_tracker.services.releases import (
    RepositoryLibraries,
    ensure_library_repositories,
    ensure_version,
    store_libraries,
    store_version,
)
from boost_collectors.boost_library_tracker.services.singles import (
    add_boost_dependency,
    add_dependency_changelog,
    add_library_category,
    add_library_version_role,
    get_or_create_account_from_name,
    get_or_create_boost_file,
    get_or_create_boost_library,
    get_or_create_boost_library_category,
    get_or_create_boost_library_repo,
    get_or_create_boost_library_version,
    get_or_create_boost_version,
)

__all__ = [
    "DependencyRow",
    "HeaderRow",
    "LibraryHeader",
    "ReleasedLibrary",
    "RepositoryChoice",
    "RepositoryLibraries",
    "StoredRelease",
    "accounts_of",
    "add_boost_dependency",
    "add_dependency_changelog",
    "add_library_category",
    "add_library_version_role",
    "ensure_library_repositories",
    "ensure_version",
    "files_of_libraries",
    "get_or_create_account_from_name",
    "get_or_create_boost_file",
    "get_or_create_boost_library",
    "get_or_create_boost_library_category",
    "get_or_create_boost_library_repo",
    "get_or_create_boost_library_version",
    "get_or_create_boost_version",
    "libraries_by_name",
    "library_headers",
    "library_repositories",
    "link_files",
    "link_headers",
    "released_libraries",
    "store_dependencies",
    "store_libraries",
    "store_version",
    "stored_releases",
    "unlinked_files",
]
