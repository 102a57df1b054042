"""A world small enough to be counted by hand. Today is 2026-05-06.

Libraries: asio (from 1.34.0, with two headers), beast (from 1.100.0, needs asio), old (left after 1.34.0, still used),
and two called twin, in different repositories, never used. Versions: 1.34.0, 1.99.0 and 1.100.0, which text would put
before 1.99.0; 1.99.1 is a patch release.

Repositories with an audience: one (100 stars, version 1.99.1), two (20 stars, 'boost-1.100.0'), three (1000 stars, no
version, created when 1.99.0 was newest), four (30 stars, unknown dates). Not counted: unflagged (500 stars, flag gone)
and poor (10 stars).
"""

from __future__ import annotations

SMALL_WORLD = (
    "INSERT INTO cppa_user_tracker_identity (id, display_name) VALUES (1, 'Ada Sample')",
    """INSERT INTO cppa_user_tracker_baseprofile (id, type, identity_id)
       VALUES (1, 'github', NULL), (2, 'github', 1), (3, 'github', NULL), (4, 'github', NULL), (5, 'github', NULL)""",
    """INSERT INTO cppa_user_tracker_githubaccount (baseprofile_ptr_id, github_account_id, username, display_name)
       VALUES (1, 1, 'boostorg', ''), (2, 2, 'ada', 'A. S.'), (3, 3, 'bo', 'bo@example.org'), (4, 4, '', ''),
       (5, 5, 'eve', '<!-- Eve | </script>')""",
    """INSERT INTO github_activity_tracker_githubrepository
       (id, owner_account_id, repo_name, stars, repo_created_at, repo_pushed_at) VALUES
       (1, 1, 'asio', 5, NULL, NULL), (2, 1, 'beast', 5, NULL, NULL), (3, 1, 'old', 5, NULL, NULL),
       (4, 1, 'twins', 5, NULL, NULL), (5, 1, 'others', 5, NULL, NULL), (6, 4, 'nobodys', 5, NULL, NULL),
       (11, 2, 'one', 100, '2024-03-01', '2026-01-02'), (12, 2, 'two', 20, '2025-02-01', '2025-03-03'),
       (13, 3, 'three', 1000, '2024-07-01', '2026-04-04'), (14, 4, 'four', 30, NULL, NULL),
       (15, 2, 'unflagged', 500, '2024-01-01', NULL), (16, 2, 'poor', 10, '2024-01-01', NULL)""",
    "INSERT INTO boost_library_tracker_boostlibraryrepository (githubrepository_ptr_id) SELECT generate_series(1, 6)",
    """INSERT INTO boost_library_tracker_boostlibrary (id, repo_id, name)
       VALUES (1, 1, 'asio'), (2, 2, 'beast'), (3, 3, 'old'), (4, 4, 'twin'), (5, 5, 'twin')""",
    """INSERT INTO boost_library_tracker_boostversion (id, version, version_created_at) VALUES
       (1, 'boost-1.34.0', '2008-01-01'), (2, 'boost-1.99.0', '2024-05-01'), (3, 'boost-1.100.0', '2025-06-01'),
       (4, 'boost-1.99.1', '2024-06-01')""",
    """INSERT INTO boost_library_tracker_boostlibraryversion (library_id, version_id, description) VALUES
       (1, 1, 'Old words'), (1, 2, 'Networking'), (1, 3, ''), (2, 3, 'HTTP'), (3, 1, 'Gone'), (4, 3, ''), (5, 2, ''),
       (5, 3, '')""",
    """INSERT INTO boost_library_tracker_boostdependency (client_library_id, version_id, dep_library_id) VALUES
       (2, 3, 1), (4, 3, 2), (1, 3, 1), (3, 1, 1), (2, 3, 4)""",
    """INSERT INTO github_activity_tracker_githubfile (id, repo_id, filename) VALUES
       (1, 1, 'include/boost/asio.hpp'), (2, 1, 'include/boost/asio/ip.hpp'), (3, 2, 'include/boost/beast.hpp'),
       (4, 3, 'include/boost/old.hpp'), (5, 6, 'include/boost/asio/from_nobody.hpp'),
       (101, 11, 'a.cpp'), (102, 11, 'b.cpp'), (103, 11, 'c.cpp'), (121, 12, 'a.cpp'), (131, 13, 'a.cpp'),
       (141, 14, 'a.cpp'), (151, 15, 'a.cpp'), (161, 16, 'a.cpp')""",
    """INSERT INTO boost_library_tracker_boostfile (github_file_id, library_id)
       VALUES (1, 1), (2, 1), (3, 2), (4, 3), (5, 1)""",
    """INSERT INTO boost_usage_tracker_boostexternalrepository (githubrepository_ptr_id, boost_version, is_boost_used)
       VALUES (11, '1.99.1', true), (12, 'boost-1.100.0', true), (13, '', true), (14, 'develop', true),
              (15, '1.99.0', false), (16, '1.99.0', true)""",
    # asio: one three times, two once and once gone, three and four once; one's fourth is a placeholder.
    """INSERT INTO boost_usage_tracker_boostusage
       (repo_id, boost_header_id, file_path_id, last_commit_date, excepted_at)
       VALUES (11, 1, 101, '2024-04-01', NULL), (11, 1, 102, '2025-04-01', NULL), (11, 2, 102, '2025-04-02', NULL),
              (11, NULL, 103, '2025-04-02', NULL), (12, 1, 121, '2025-12-31T23:30:00Z', NULL),
              (12, 2, 121, '2025-12-31', '2026-01-01'), (13, 1, 131, NULL, NULL), (14, 2, 141, '2026-02-02', NULL),
              (14, 4, 141, '2023-02-02', NULL), (15, 1, 151, '2025-01-01', NULL), (16, 1, 161, '2025-01-01', NULL)""",
    # Commits to asio: two before 1.99.0, one before 1.100.0 (touching both headers), one after it; nobody's is ignored.
    """INSERT INTO github_activity_tracker_gitcommit (id, repo_id, account_id, commit_hash, commit_at) VALUES
       (1, 1, 2, 'a', '2024-01-01'), (2, 1, 3, 'b', '2024-04-30'), (3, 1, 2, 'c', '2024-05-01'),
       (4, 1, 5, 'd', '2026-01-01'), (5, 6, 2, 'e', '2024-01-01')""",
    """INSERT INTO github_activity_tracker_gitcommitfilechange (commit_id, github_file_id, status)
       VALUES (1, 1, 'added'), (2, 1, 'modified'), (3, 1, 'modified'), (3, 2, 'modified'), (4, 2, 'modified'),
              (5, 5, 'added')""",
    "INSERT INTO github_activity_tracker_language (id, name) VALUES (1, 'C++'), (2, 'Rust'), (3, 'D')",
    """INSERT INTO github_activity_tracker_createdreposbylanguage (language_id, year, all_repos, significant_repos)
       VALUES (1, 2023, 0, 0), (1, 2024, 100, 8), (1, 2025, 200, 3), (2, 2025, 50, 5)""",
)
