"""Rows for the dashboard, made by PostgreSQL itself: as many as are asked for, and the same each time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of each there are. ``usages`` come five to a file."""

    libraries: int = 200
    versions: int = 60
    headers_each: int = 80
    repositories: int = 30_000
    usages: int = 5_000_000
    commits: int = 60_000
    changes_each: int = 2
    people: int = 500


# Numbers that look random but follow from their place: h(i, seed) lies in [0, 1).
_FUNCTIONS = """
CREATE FUNCTION pg_temp.h(i bigint, seed bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashint8extended(i, seed) & 1048575)::float8 / 1048576 $$
"""
_STATEMENTS = (
    "SET LOCAL session_replication_role = replica",
    # People: account 1 owns Boost, those up to 100 own the other repositories, all write commits.
    """
    INSERT INTO cppa_user_tracker_identity (id, display_name)
    SELECT i, 'Person ' || i FROM generate_series(1, :people, 3) i
    """,
    """
    INSERT INTO cppa_user_tracker_baseprofile (id, type, identity_id)
    SELECT i, 'github', CASE WHEN i % 3 = 1 THEN i END FROM generate_series(1, :people) i
    """,
    """
    INSERT INTO cppa_user_tracker_githubaccount (baseprofile_ptr_id, github_account_id, username, display_name)
    SELECT i, i, CASE WHEN i = 1 THEN 'boostorg' WHEN i % 17 = 0 THEN '' ELSE 'user' || i END,
        CASE i % 5 WHEN 0 THEN '' WHEN 1 THEN 'user' || i || '@example.org' ELSE 'User <' || i || '>' END
    FROM generate_series(1, :people) i
    """,
    # Boost: one repository a library.
    """
    INSERT INTO github_activity_tracker_githubrepository (id, owner_account_id, repo_name)
    SELECT i, 1, 'lib' || i FROM generate_series(1, :libraries) i
    """,
    """
    INSERT INTO boost_library_tracker_boostlibraryrepository (githubrepository_ptr_id)
    SELECT generate_series(1, :libraries)
    """,
    """
    INSERT INTO boost_library_tracker_boostlibrary (id, repo_id, name)
    SELECT i, i, CASE WHEN i % 50 = 2 THEN 'twin' ELSE 'lib_' || i END FROM generate_series(1, :libraries) i
    """,
    """
    INSERT INTO boost_library_tracker_boostversion (id, version, version_created_at)
    SELECT i, 'boost-1.' || 33 + i || '.0',
        CASE WHEN i <> 3 THEN timestamptz '2008-01-15' + i * interval '110 days' END
    FROM generate_series(1, :versions) i
    UNION ALL SELECT :versions + 1, 'boost-1.' || 33 + :versions || '.1', timestamptz '2026-06-01'
    """,
    # Every tenth library has left Boost, the others came one after the other.
    """
    INSERT INTO boost_library_tracker_boostlibraryversion (library_id, version_id, description)
    SELECT l, v, CASE WHEN v % 9 = 0 THEN 'What library ' || l || ' does since ' || v ELSE '' END
    FROM generate_series(1, :libraries) l, generate_series(1, :versions) v
    WHERE v >= (l % :versions) / 2 AND (l % 10 <> 0 OR v < :versions - 3)
    """,
    """
    INSERT INTO boost_library_tracker_boostdependency (client_library_id, version_id, dep_library_id)
    SELECT DISTINCT l, v, 1 + floor(pg_temp.h(l * 1000 + d, v / 10) * l)::int
    FROM generate_series(1, :libraries) l, generate_series(1, :versions) v, generate_series(1, 7) d
    WHERE v >= (l % :versions) / 2
    """,
    """
    INSERT INTO github_activity_tracker_githubfile (id, repo_id, filename)
    SELECT (l - 1) * :headers_each + h, l, 'include/boost/lib_' || l || '/header_' || h || '.hpp'
    FROM generate_series(1, :libraries) l, generate_series(1, :headers_each) h
    """,
    """
    INSERT INTO boost_library_tracker_boostfile (github_file_id, library_id)
    SELECT (l - 1) * :headers_each + h, l
    FROM generate_series(1, :libraries) l, generate_series(1, :headers_each) h
    """,
    # Others: most have stars, some are not flagged any more, some have no dates.
    """
    INSERT INTO github_activity_tracker_githubrepository
        (id, owner_account_id, repo_name, stars, repo_created_at, repo_pushed_at)
    SELECT :libraries + i, 2 + i % 99, 'project-' || i, floor(11 / (0.0005 + pg_temp.h(i, 1)) - 1)::int % 90000,
        CASE WHEN i % 40 <> 0 THEN timestamptz '2009-03-01' + floor(pg_temp.h(i, 2) * 6300) * interval '1 day' END,
        CASE WHEN i % 41 <> 0 THEN timestamptz '2026-10-01' - floor(pg_temp.h(i, 3) * 900) * interval '1 day' END
    FROM generate_series(1, :repositories) i
    """,
    """
    INSERT INTO boost_usage_tracker_boostexternalrepository (githubrepository_ptr_id, boost_version, is_boost_used)
    SELECT :libraries + i,
        CASE i % 12
            WHEN 0 THEN '1.' || 34 + i % :versions || '.0' WHEN 1 THEN 'boost-1.' || 34 + i % :versions || '.0'
            WHEN 2 THEN '1.' || 34 + i % :versions || '.1' WHEN 3 THEN '1_' || 34 + i % :versions || '_0'
            WHEN 4 THEN 'develop' ELSE '' END,
        i % 25 <> 0
    FROM generate_series(1, :repositories) i
    """,
    """
    INSERT INTO github_activity_tracker_githubfile (id, repo_id, filename)
    SELECT 1000000 + f, :libraries + 1 + floor(power(pg_temp.h(f, 4), 1.6) * :repositories)::int,
        'src/file' || f || '.cpp'
    FROM generate_series(1, :usages / 5) f
    """,
    # Popular libraries are included by many; a few includes are gone, a few name no known header.
    """
    INSERT INTO boost_usage_tracker_boostusage (repo_id, boost_header_id, file_path_id, last_commit_date, excepted_at)
    SELECT f.repo_id,
        CASE WHEN pg_temp.h(f.id, 9) < 0.05 AND n = 0 THEN NULL ELSE
            floor(power(pg_temp.h(f.id, 5), 2.5) * (:libraries - 1))::int * :headers_each
            + 1 + (floor(pg_temp.h(f.id, 6) * :headers_each)::int + n * 7) % :headers_each END,
        f.id,
        CASE WHEN pg_temp.h(f.id, 7) > 0.02
            THEN timestamptz '2012-01-01' + floor(pg_temp.h(f.id, 8) * 5400) * interval '1 day' END,
        CASE WHEN (f.id + n) % 30 = 0 THEN date '2025-05-05' END
    FROM github_activity_tracker_githubfile f, generate_series(0, 4) n
    WHERE f.id > 1000000
    """,
    """
    INSERT INTO github_activity_tracker_gitcommit (id, repo_id, account_id, commit_hash, commit_at)
    SELECT i, 1 + i % :libraries, 1 + floor(power(pg_temp.h(i, 10), 2) * :people)::int, md5(i::text),
        timestamptz '2007-06-01' + floor(pg_temp.h(i, 11) * 7000) * interval '1 day'
    FROM generate_series(1, :commits) i
    """,
    """
    INSERT INTO github_activity_tracker_gitcommitfilechange (commit_id, github_file_id, status, patch)
    SELECT i, (i % :libraries) * :headers_each + 1 + (floor(pg_temp.h(i, 12) * :headers_each)::int + n) % :headers_each,
        'modified', repeat(md5(i::text), 45)
    FROM generate_series(1, :commits) i, generate_series(0, :changes_each - 1) n
    """,
    """
    INSERT INTO github_activity_tracker_language (id, name) VALUES (1, 'C++'), (2, 'Rust'), (3, 'Python'), (4, 'C')
    """,
    """
    INSERT INTO github_activity_tracker_createdreposbylanguage (language_id, year, all_repos, significant_repos)
    SELECT l, y, 10000 * l + (y - 2009) * 9000, 900 + l * 50 + (y - 2009) * 60
    FROM generate_series(1, 4) l, generate_series(2010, 2026) y WHERE l <> 2 OR y > 2013
    """,
)


def fill(connection: Connection, scale: Scale) -> None:
    """Fill the empty tables that the dashboard reads. Foreign keys are not checked meanwhile: they are kept."""
    values = {name: getattr(scale, name) for name in Scale.__slots__}
    connection.execute(text(_FUNCTIONS))
    for statement in _STATEMENTS:
        wanted = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.execute(text(statement), wanted)
