"""Documentation rows of the earlier system, when each page gets its address."""

from __future__ import annotations

from sqlalchemy import text

from boost_collectors.core.database.migrations import connected, upgrade

BEFORE = "0012"
SITE = "https://www.boost.org/doc/libs"
ROWS = f"""
INSERT INTO cppa_user_tracker_baseprofile (id, type) VALUES (1, 'github');
INSERT INTO cppa_user_tracker_githubaccount (baseprofile_ptr_id, github_account_id, username) VALUES (1, 1, 'boostorg');
INSERT INTO github_activity_tracker_githubrepository (id, owner_account_id, repo_name) VALUES (1, 1, 'asio');
INSERT INTO boost_library_tracker_boostlibraryrepository (githubrepository_ptr_id) VALUES (1);
INSERT INTO boost_library_tracker_boostlibrary (id, repo_id, name) VALUES (1, 1, 'asio');
INSERT INTO boost_library_tracker_boostversion (id, version) VALUES (85, 'boost-1.85.0'), (86, 'boost-1.86.0');
INSERT INTO boost_library_tracker_boostlibraryversion (id, library_id, version_id) VALUES (1, 1, 85), (2, 1, 86);
INSERT INTO boost_library_docs_tracker_boostdoccontent (id, url, content_hash, scraped_at) VALUES
    (1, '{SITE}/1_86_0/libs/asio/index.html', 'same', '2024-08-14Z'),
    (2, '{SITE}/1_86_0/libs/asio/a.html', 'former', '2024-08-14Z'),
    (3, '{SITE}/1_86_0/libs/asio/a.html', 'present', '2024-09-14Z'),
    (4, '{SITE}/1_86_0/libs/asio/b.html', 'never linked', '2024-09-14Z');
INSERT INTO boost_library_docs_tracker_boostlibrarydocumentation
    (id, boost_library_version_id, boost_doc_content_id)
VALUES (11, 1, 1), (12, 2, 1), (13, 2, 2), (14, 2, 3);
"""


def test_every_page_gets_the_address_it_has_in_its_release(empty_database_url: str) -> None:
    upgrade(empty_database_url, BEFORE)
    with connected(empty_database_url) as connection:
        connection.execution_options(no_parameters=True).exec_driver_sql(ROWS)
    upgrade(empty_database_url)
    with connected(empty_database_url) as connection:
        pages = connection.execute(
            text(
                "SELECT id, page_url, boost_doc_content_id"
                " FROM boost_library_docs_tracker_boostlibrarydocumentation ORDER BY id"
            )
        ).all()
        gone = connection.scalars(
            text("SELECT id FROM boost_library_docs_tracker_boostdoccontent WHERE gone_at IS NOT NULL")
        ).all()
        kept = connection.execute(text("SELECT kept_id, row ->> 'id' FROM core_mergedrow")).all()
    assert [tuple(page) for page in pages] == [
        (11, f"{SITE}/1_85_0/libs/asio/index.html", 1),
        (12, f"{SITE}/1_86_0/libs/asio/index.html", 1),
        (14, f"{SITE}/1_86_0/libs/asio/a.html", 3),
    ]
    assert gone == [2]
    assert [tuple(row) for row in kept] == [("14", "13")]
