"""The SQL of the dashboard: one statement per question, whatever the size of the data.

The use of Boost is aggregated into three temporary tables of the transaction, which the other questions read:
``dashboard_repository`` holds the repositories that use Boost and have an audience, ``dashboard_use`` their usages by
repository and library (null: unknown headers), ``dashboard_header`` those by header and year of the last commit.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from boost_collectors.boost_library_usage_dashboard.releases import PATTERN, Calendar, Release, in_order, plain

STARS: Final = 10
"""Repositories with more stars than this count."""

_REPOSITORIES = """
CREATE TEMPORARY TABLE dashboard_repository ON COMMIT DROP AS
WITH found AS (
    SELECT r.id, CASE WHEN owner.username = '' THEN '' ELSE owner.username || '/' END || r.repo_name AS repo_name,
        r.stars, r.repo_created_at AS created_at, r.repo_pushed_at AS pushed_at, e.boost_version,
        regexp_match(btrim(e.boost_version), '^(boost[-_])?([1-9]\\d*)[-_.](\\d+)([-_.]\\d+)*$', 'i') AS parts,
        width_bucket(r.repo_created_at, CAST(:days AS timestamptz[])) AS released
    FROM boost_usage_tracker_boostexternalrepository e
    JOIN github_activity_tracker_githubrepository r ON r.id = e.githubrepository_ptr_id
    JOIN cppa_user_tracker_githubaccount owner ON owner.baseprofile_ptr_id = r.owner_account_id
    WHERE e.is_boost_used AND r.stars > :stars
)
SELECT id, repo_name, stars, created_at, pushed_at, boost_version,
    CASE WHEN parts IS NULL THEN '' ELSE parts[2]::numeric || '.' || parts[3]::numeric || '.0' END AS confirmed,
    CASE WHEN boost_version = '' AND released > 0 THEN (CAST(:versions AS text[]))[released] ELSE '' END AS guessed
FROM found
"""

_USES = """
CREATE TEMPORARY TABLE dashboard_use ON COMMIT DROP AS
SELECT u.repo_id, file.library_id, count(*) AS usages,
    min(u.last_commit_date) AS first_commit, max(u.last_commit_date) AS last_commit
FROM boost_usage_tracker_boostusage u
JOIN dashboard_repository r ON r.id = u.repo_id
LEFT JOIN boost_library_tracker_boostfile file ON file.github_file_id = u.boost_header_id
WHERE u.excepted_at IS NULL
GROUP BY u.repo_id, file.library_id
"""

_HEADERS = """
CREATE TEMPORARY TABLE dashboard_header ON COMMIT DROP AS
SELECT u.boost_header_id, date_part('year', u.last_commit_date)::int AS year, count(*) AS usages
FROM boost_usage_tracker_boostusage u
JOIN dashboard_repository r ON r.id = u.repo_id
WHERE u.excepted_at IS NULL AND u.boost_header_id IS NOT NULL
GROUP BY u.boost_header_id, date_part('year', u.last_commit_date)
"""

_RELEASES = "SELECT id, version, version_created_at FROM boost_library_tracker_boostversion WHERE version ~ :pattern"

_LIBRARIES = """
WITH numbered AS (
    SELECT id, version, (regexp_match(version, '(\\d+)[._](\\d+)[._](\\d+)'))::int[] AS number
    FROM boost_library_tracker_boostversion
), lives AS (
    SELECT of.library_id,
        (array_agg(v.version ORDER BY v.number NULLS LAST, v.version))[1] AS first_version,
        (array_agg(v.version ORDER BY v.number DESC NULLS LAST, v.version DESC) FILTER (WHERE v.version ~ :pattern))[1]
            AS last_version,
        (array_agg(of.description ORDER BY v.number DESC NULLS LAST, v.version DESC)
            FILTER (WHERE of.description <> ''))[1] AS description
    FROM boost_library_tracker_boostlibraryversion of JOIN numbered v ON v.id = of.version_id
    GROUP BY of.library_id
)
SELECT lib.id, lib.name, r.repo_name, coalesce(lives.first_version, '') AS first_version,
    coalesce(lives.last_version, '') AS last_version, coalesce(lives.description, '') AS description
FROM boost_library_tracker_boostlibrary lib
JOIN github_activity_tracker_githubrepository r ON r.id = lib.repo_id
LEFT JOIN lives ON lives.library_id = lib.id
ORDER BY lib.name COLLATE "C", r.repo_name COLLATE "C", lib.id
"""

_LIBRARY_USE = """
SELECT u.library_id, count(*) AS repositories, sum(u.usages)::bigint AS usages, floor(avg(r.stars))::int AS stars,
    min(u.first_commit) AS first_commit, max(u.last_commit) AS last_commit
FROM dashboard_use u JOIN dashboard_repository r ON r.id = u.repo_id
WHERE u.library_id IS NOT NULL GROUP BY u.library_id
"""

_LIBRARY_CREATED = """
SELECT u.library_id, date_part('year', r.created_at)::int AS year, sum(u.usages)::bigint AS usages,
    count(*) AS repositories
FROM dashboard_use u JOIN dashboard_repository r ON r.id = u.repo_id
WHERE u.library_id IS NOT NULL AND r.created_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
"""

_LIBRARY_COMMITTED = """
SELECT file.library_id, h.year, sum(h.usages)::bigint AS usages
FROM dashboard_header h JOIN boost_library_tracker_boostfile file ON file.github_file_id = h.boost_header_id
WHERE h.year IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
"""

_LIBRARY_HEADERS = """
SELECT file.library_id, f.filename, sum(h.usages)::bigint AS usages
FROM dashboard_header h
JOIN boost_library_tracker_boostfile file ON file.github_file_id = h.boost_header_id
JOIN github_activity_tracker_githubfile f ON f.id = h.boost_header_id
GROUP BY file.library_id, f.filename
ORDER BY file.library_id, usages DESC, f.filename COLLATE "C"
"""

_CONSUMERS = """
SELECT u.library_id, r.repo_name, r.stars, u.usages, r.created_at, r.pushed_at
FROM dashboard_use u JOIN dashboard_repository r ON r.id = u.repo_id
WHERE u.library_id IS NOT NULL
ORDER BY u.library_id, r.stars DESC, u.usages DESC, r.repo_name COLLATE "C"
"""

_TOTALS = """
SELECT
    (SELECT count(*) FROM boost_usage_tracker_boostexternalrepository e
        JOIN github_activity_tracker_githubrepository r ON r.id = e.githubrepository_ptr_id
        WHERE r.stars > :stars) AS repositories,
    (SELECT coalesce(sum(usages), 0)::bigint FROM dashboard_use) AS usages,
    count(*) AS affected, count(*) FILTER (WHERE boost_version <> '') AS with_version
FROM dashboard_repository
"""

_BY_YEAR = """
SELECT date_part('year', created_at)::int AS year, count(*) AS repositories FROM dashboard_repository
WHERE created_at IS NOT NULL GROUP BY 1 ORDER BY 1
"""

_BY_VERSION = """
SELECT CASE WHEN confirmed <> '' THEN confirmed ELSE guessed END AS version,
    count(*) FILTER (WHERE confirmed <> ''), count(*) FILTER (WHERE confirmed = '')
FROM dashboard_repository WHERE confirmed <> '' OR guessed <> '' GROUP BY 1
"""

_BY_YEAR_AND_VERSION = """
SELECT CASE WHEN confirmed <> '' THEN confirmed ELSE guessed END AS version,
    date_part('year', created_at)::int AS year, count(*) AS repositories
FROM dashboard_repository
WHERE created_at IS NOT NULL AND (confirmed <> '' OR guessed <> '') GROUP BY 1, 2
"""

_TOP = """
SELECT id, repo_name, stars, created_at, pushed_at, boost_version, guessed, coalesce(usages, 0)::bigint AS usages
FROM dashboard_repository
LEFT JOIN (SELECT repo_id, sum(usages) AS usages FROM dashboard_use GROUP BY repo_id) counted
    ON counted.repo_id = id
ORDER BY {order} LIMIT 20
"""

_LANGUAGES = """
SELECT language.name, counted.year, counted.all_repos, counted.significant_repos
FROM github_activity_tracker_createdreposbylanguage counted
JOIN github_activity_tracker_language language ON language.id = counted.language_id
ORDER BY language.name COLLATE "C", counted.year
"""

_DEPENDENCIES = """
SELECT version_id, dep_library_id, client_library_id FROM boost_library_tracker_boostdependency
WHERE dep_library_id <> client_library_id
"""

# The index of the changes' two keys alone is read, never a patch.
_CONTRIBUTIONS = """
WITH touched AS (
    SELECT DISTINCT file.library_id, change.commit_id
    FROM boost_library_tracker_boostfile file
    JOIN github_activity_tracker_gitcommitfilechange change ON change.github_file_id = file.github_file_id
), counted AS (
    SELECT touched.library_id, c.account_id, width_bucket(c.commit_at, CAST(:days AS timestamptz[])) AS released,
        count(*) AS commits
    FROM touched
    JOIN github_activity_tracker_gitcommit c ON c.id = touched.commit_id
    JOIN github_activity_tracker_githubrepository r ON r.id = c.repo_id
    JOIN cppa_user_tracker_githubaccount owner ON owner.baseprofile_ptr_id = r.owner_account_id
    WHERE owner.username <> '' AND c.gone_at IS NULL
    GROUP BY 1, 2, 3
)
SELECT counted.library_id, counted.released, counted.account_id, counted.commits,
    coalesce(identity.display_name, '') AS identity_name, account.display_name, account.username
FROM counted
JOIN cppa_user_tracker_githubaccount account ON account.baseprofile_ptr_id = counted.account_id
JOIN cppa_user_tracker_baseprofile profile ON profile.id = counted.account_id
LEFT JOIN cppa_user_tracker_identity identity ON identity.id = profile.identity_id
ORDER BY counted.library_id, counted.released DESC, counted.commits DESC, counted.account_id
"""

TOP_ORDERS: Final = {
    "top20_by_stars": "stars DESC, coalesce(usages, 0) DESC, id",
    "top20_by_usage": "coalesce(usages, 0) DESC, stars DESC, id",
    "top20_by_created": "created_at DESC NULLS LAST, stars DESC, id",
}

Rows = Sequence[Row[Any]]


def begin(session: Session) -> None:
    """Let the whole of the session see one state of the database, and sort in memory."""
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    # The streamed answers are read to their end; a plan for the first rows alone would be slow.
    session.execute(text("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off; SET LOCAL cursor_tuple_fraction = 1"))


def releases(session: Session) -> list[Release]:
    """The releases X.Y.0, by number."""
    found = session.execute(text(_RELEASES), {"pattern": PATTERN})
    return in_order([Release(id, plain(version), created_at) for id, version, created_at in found])


def aggregate_use(session: Session, calendar: Calendar) -> None:
    """Make the temporary tables that the other questions read."""
    session.execute(text(_REPOSITORIES), {"stars": STARS, **_released(calendar)})
    session.execute(text("ANALYZE dashboard_repository"))
    session.execute(text(_USES))
    session.execute(text(_HEADERS))
    session.execute(text("ANALYZE dashboard_use, dashboard_header"))


def libraries(session: Session) -> Rows:
    """Every library with its first and last release and its newest description, by name."""
    return session.execute(text(_LIBRARIES), {"pattern": PATTERN}).all()


def library_use(session: Session) -> Rows:
    """Repositories, usages, mean stars, first and last commit of each library that is used."""
    return session.execute(text(_LIBRARY_USE)).all()


def library_created(session: Session) -> Rows:
    """Usages and repositories of each library by the year in which the repositories were created."""
    return session.execute(text(_LIBRARY_CREATED)).all()


def library_committed(session: Session) -> Rows:
    """Usages of each library by the year of the last commit to the file."""
    return session.execute(text(_LIBRARY_COMMITTED)).all()


def library_headers(session: Session) -> Generator[Row[Any], None, None]:
    """Usages of each header, library after library, most used first."""
    return _streamed(session, text(_LIBRARY_HEADERS))


def consumers(session: Session) -> Generator[Row[Any], None, None]:
    """The repositories that use each library, library after library, most stars first."""
    return _streamed(session, text(_CONSUMERS))


def contributions(session: Session, calendar: Calendar) -> Generator[Row[Any], None, None]:
    """Commits of each account to each library by the number of releases before them, library after library."""
    return _streamed(session, text(_CONTRIBUTIONS), {"days": list(calendar.days)})


def dependencies(session: Session) -> Generator[Row[Any], None, None]:
    """Release, library and the library that needs it."""
    return _streamed(session, text(_DEPENDENCIES))


def totals(session: Session) -> Row[Any]:
    """How many repositories and usages there are, and how many repositories name their version."""
    return session.execute(text(_TOTALS), {"stars": STARS}).one()


def by_year(session: Session) -> dict[int, int]:
    """Repositories that use Boost by the year in which they were created."""
    return {row.year: row.repositories for row in session.execute(text(_BY_YEAR))}


def by_version(session: Session) -> dict[str, tuple[int, int]]:
    """How many repositories name a version, and for how many it is guessed from the day they were created."""
    return {version: (confirmed, guessed) for version, confirmed, guessed in session.execute(text(_BY_VERSION))}


def by_year_and_version(session: Session) -> Rows:
    """Version, year of creation, repositories."""
    return session.execute(text(_BY_YEAR_AND_VERSION)).all()


def top_repositories(session: Session, kind: str) -> Rows:
    """The first twenty repositories, by one of ``TOP_ORDERS``."""
    return session.execute(text(_TOP.format(order=TOP_ORDERS[kind]))).all()


def created_by_language(session: Session) -> Rows:
    """Language, year, repositories created, those of them with an audience."""
    return session.execute(text(_LANGUAGES)).all()


def _released(calendar: Calendar) -> dict[str, list[str] | list[datetime]]:
    return {"days": list(calendar.days), "versions": list(calendar.versions)}


def _streamed(
    session: Session, statement: TextClause, values: dict[str, Any] | None = None
) -> Generator[Row[Any], None, None]:
    result = session.execute(statement, values or {}, execution_options={"yield_per": 5000})
    try:
        yield from result
    finally:
        result.close()
