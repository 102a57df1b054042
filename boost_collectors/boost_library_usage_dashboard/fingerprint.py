"""Whether anything that the dashboard shows has changed: a number for the content of all tables it reads.

One pass over the rows is much cheaper than aggregating and rendering them. The rows themselves are hashed, as no time
of change tells of a row that is deleted, or that a long transaction commits late.
"""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_READ: Final = {
    "boost_usage_tracker_boostusage": "id, repo_id, boost_header_id, last_commit_date, excepted_at",
    "boost_usage_tracker_boostexternalrepository": "githubrepository_ptr_id, is_boost_used, boost_version",
    "boost_library_tracker_boostfile": "github_file_id, library_id",
    "boost_library_tracker_boostlibrary": "id, repo_id, name",
    "boost_library_tracker_boostversion": "id, version, version_created_at",
    "boost_library_tracker_boostlibraryversion": "id, library_id, version_id, description",
    "boost_library_tracker_boostdependency": "id, client_library_id, version_id, dep_library_id",
    "github_activity_tracker_githubrepository": (
        "id, owner_account_id, repo_name, stars, repo_created_at, repo_pushed_at"
    ),
    "github_activity_tracker_gitcommit": "id, repo_id, account_id, commit_at, gone_at",
    "github_activity_tracker_gitcommitfilechange": "commit_id, github_file_id",
    "github_activity_tracker_language": "id, name",
    "github_activity_tracker_createdreposbylanguage": "language_id, year, all_repos, significant_repos",
    "cppa_user_tracker_githubaccount": "baseprofile_ptr_id, username, display_name",
    "cppa_user_tracker_baseprofile": "id, identity_id",
    "cppa_user_tracker_identity": "id, display_name",
}
# Of the paths of all repositories only those of Boost's files are shown.
_PATHS = """
SELECT 'paths', count(*), coalesce(bit_xor(hash_record_extended(ROW(f.id, f.filename), 0)), 0)
FROM github_activity_tracker_githubfile f JOIN boost_library_tracker_boostfile b ON b.github_file_id = f.id
"""
_TABLE = """
SELECT '{table}', count(*), coalesce(bit_xor(hash_record_extended(ROW({columns}), 0)), 0) FROM {table}
"""
_STATEMENT = text(
    "UNION ALL".join([*(_TABLE.format(table=table, columns=columns) for table, columns in _READ.items()), _PATHS])
)


def content(session: Session) -> str:
    """The number, as text."""
    rows = sorted(f"{table} {count} {number}" for table, count, number in session.execute(_STATEMENT))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
