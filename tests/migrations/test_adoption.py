"""Taking over a database of the earlier system: nothing is lost, nothing is written when something is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.database.adoption import adopt
from boost_collectors.core.database.commands import AdoptCommand, MigrateCommand
from boost_collectors.core.database.migrations import VERSION_TABLE, all_tables, connected, current_revision
from boost_collectors.core.errors import ConfigurationError, TransientError
from boost_collectors.core.options import Options

ROWS = Path(__file__).with_name("earlier_rows.sql")


@pytest.fixture
def filled_url(earlier_url: str) -> str:
    with connected(earlier_url) as connection:
        connection.execution_options(no_parameters=True).exec_driver_sql(ROWS.read_text(encoding="utf-8"))
    return earlier_url


def rows(url: str, query: str) -> list[Any]:
    with connected(url) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def contents(url: str) -> dict[str, list[Any]]:
    """All rows of all tables, as text."""
    with connected(url) as connection:
        tables = inspect(connection).get_table_names()
        return {name: sorted(connection.scalars(text(f"SELECT to_jsonb(t)::text FROM {name} AS t"))) for name in tables}


def test_an_adopted_database_is_a_migrated_one(filled_url: str) -> None:
    adoption = adopt(filled_url)
    with connected(filled_url) as connection:
        assert current_revision(connection) == adoption.upgrade.after
        options = {
            "version_table": VERSION_TABLE,
            "compare_server_default": True,
            "target_metadata": all_tables(),
            "include_name": lambda name, kind, _: kind != "table" or name in all_tables().tables,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, all_tables()) == []
    assert adoption.notes == ()


def test_rows_are_counted_and_none_is_lost(filled_url: str) -> None:
    before = contents(filled_url)
    adoption = adopt(filled_url)
    assert len(adoption.tables) == 70
    for name, counts in adoption.tables.items():
        assert counts.before == len(before[name])
        assert counts.after == counts.before - counts.merged
    merged = {name: counts.merged for name, counts in adoption.tables.items() if counts.merged}
    assert merged == {
        "cppa_user_tracker_baseprofile": 1,
        "cppa_user_tracker_githubaccount": 1,
        "cppa_user_tracker_email": 2,
        "cppa_user_tracker_tempprofileidentityrelation": 1,
        "github_activity_tracker_githubrepository": 1,
        "github_activity_tracker_gitcommit": 1,
        "github_activity_tracker_githubfile": 3,
        "github_activity_tracker_gitcommitfilechange": 1,
        "boost_library_tracker_boostfile": 1,
        "boost_usage_tracker_boostusage": 2,
        "boost_usage_tracker_boostmissingheadertmp": 1,
        "github_activity_tracker_issue_assignees": 1,
        "cppa_pinecone_sync_pineconefaillist": 1,
    }


def test_untouched_tables_keep_every_value(filled_url: str) -> None:
    columns = "id, sender_id, msg_id, parent_id, thread_id, subject, content, list_name, sent_at, created_at"
    queries = [
        f"SELECT {columns} FROM boost_mailing_list_tracker_mailinglistmessage ORDER BY id",
        "SELECT * FROM cppa_user_tracker_slackuser",
        "SELECT * FROM django_migrations",
        "SELECT * FROM auth_user",
    ]
    before = [rows(filled_url, query) for query in queries]
    adopt(filled_url)
    assert [rows(filled_url, query) for query in queries] == before


def test_duplicates_are_merged_into_the_lowest_id(filled_url: str) -> None:
    adopt(filled_url)
    accounts = (
        "SELECT baseprofile_ptr_id, github_account_id, username, display_name, avatar_url, account_type, identity_id"
        " FROM cppa_user_tracker_githubaccount JOIN cppa_user_tracker_baseprofile ON id = baseprofile_ptr_id ORDER BY 1"
    )
    assert rows(filled_url, accounts) == [
        (1, 100, "ann", "Ann", "https://x.org/a.png", "organization", 7),
        (3, 200, "bob", "Bob", "", "user", None),
        (52, 9, "zoe", "", "", "user", None),
    ]
    emails = "SELECT id, base_profile_id, email, is_primary, is_active FROM cppa_user_tracker_email ORDER BY id"
    assert rows(filled_url, emails) == [
        (1, 1, "a@x.org", True, True),
        (3, 1, "b@x.org", False, True),
        (5, 3, "a@x.org", True, True),
    ]
    repositories = (
        "SELECT id, owner_account_id, repo_name, stars, description FROM github_activity_tracker_githubrepository"
    )
    assert rows(filled_url, f"{repositories} ORDER BY id") == [
        (1, 1, "json", 5, "JSON"),
        (3, 1, "url", 0, ""),
        (4, 3, "json", 0, ""),
    ]


def test_what_pointed_to_a_duplicate_points_to_the_kept_row(filled_url: str) -> None:
    adopt(filled_url)
    commits = "SELECT id, repo_id, account_id, commit_hash, comment FROM github_activity_tracker_gitcommit ORDER BY id"
    assert rows(filled_url, commits) == [(1, 1, 1, "aaa", "First"), (3, 1, 1, "bbb", "Second")]
    files = "SELECT id, repo_id, filename, is_deleted, previous_filename_id FROM github_activity_tracker_githubfile"
    assert rows(filled_url, f"{files} ORDER BY id") == [
        (1, 1, "a.hpp", False, 5),
        (4, 4, "main.cpp", False, None),
        (5, 1, "old.hpp", True, None),
    ]
    changes = "SELECT id, commit_id, github_file_id, patch FROM github_activity_tracker_gitcommitfilechange ORDER BY id"
    assert rows(filled_url, changes) == [(1, 1, 1, "@@ patch"), (3, 3, 1, "")]
    assert rows(filled_url, "SELECT * FROM boost_library_tracker_boostfile") == [(1, 1)]
    assert rows(filled_url, "SELECT githubrepository_ptr_id FROM boost_library_tracker_boostlibraryrepository") == [
        (1,)
    ]
    assert rows(filled_url, "SELECT repo_id FROM boost_library_tracker_boostlibrary") == [(1,)]
    usages = "SELECT id, boost_header_id, file_path_id FROM boost_usage_tracker_boostusage ORDER BY id"
    assert rows(filled_url, usages) == [(1, 1, 4), (3, None, 4)]
    missing = "SELECT usage_id, header_name FROM boost_usage_tracker_boostmissingheadertmp ORDER BY id"
    assert rows(filled_url, missing) == [(3, "boost/x.hpp"), (3, "boost/y.hpp")]
    assignees = "SELECT githubaccount_id FROM github_activity_tracker_issue_assignees ORDER BY id"
    assert rows(filled_url, assignees) == [(1,), (3,)]


def test_merged_rows_are_kept_as_they_were(filled_url: str) -> None:
    before = contents(filled_url)
    adopt(filled_url)
    kept = rows(filled_url, "SELECT table_name, kept_id, row::text FROM core_mergedrow ORDER BY id")
    assert len(kept) == 17
    account = next(row for name, _, row in kept if name == "cppa_user_tracker_githubaccount")
    assert account in before["cppa_user_tracker_githubaccount"]
    assert ("github_activity_tracker_githubrepository", "1") in [(name, key) for name, key, _ in kept]
    assert [key for name, key, row in kept if name == "cppa_user_tracker_email" and '" "' in row] == [None]


def test_new_columns_say_what_is_known(filled_url: str) -> None:
    adopt(filled_url)
    lists = "SELECT count(*), min(list_name) FROM boost_mailing_list_tracker_messagelist"
    assert rows(filled_url, lists) == [(40, "boost@lists.boost.org")]
    messages = "SELECT count(*) FROM boost_mailing_list_tracker_mailinglistmessage WHERE updated_at = created_at"
    assert rows(filled_url, messages) == [(40,)]
    slack = "SELECT created_at::date::text, updated_at::date::text FROM cppa_slack_tracker_slackmessage ORDER BY id"
    assert rows(filled_url, slack) == [("2020-01-02", "2020-01-02"), ("2020-01-02", "2020-01-05")]


def test_adopting_twice_is_harmless(filled_url: str) -> None:
    adopt(filled_url)
    first = contents(filled_url)
    again = adopt(filled_url)
    assert (again.upgrade.applied, dict(again.tables)) == ((), {})
    assert contents(filled_url) == first


def test_new_profiles_get_new_numbers(filled_url: str) -> None:
    adopt(filled_url)
    assert rows(filled_url, "INSERT INTO cppa_user_tracker_baseprofile (type) VALUES ('reddit') RETURNING id") == [
        (1001,)
    ]


# What may be wrong, and what the refusal must name.
BREAKAGES = {
    "DROP TABLE reddit_activity_tracker_redditcomment": ["reddit_activity_tracker_redditcomment: the table is missing"],
    "ALTER TABLE wg21_paper_tracker_wg21paper DROP COLUMN subgroup": [
        "wg21_paper_tracker_wg21paper.subgroup",
        "missing",
    ],
    "ALTER TABLE cppa_user_tracker_identity ALTER display_name TYPE text": [
        "cppa_user_tracker_identity.display_name",
        "is text and must be character varying(255)",
    ],
    "ALTER TABLE cppa_user_tracker_email ALTER email DROP NOT NULL": ["cppa_user_tracker_email.email: may be null"],
    "ALTER TABLE wg21_paper_tracker_wg21paper ALTER document_date SET NOT NULL": ["document_date: is NOT NULL"],
    "ALTER TABLE cppa_user_tracker_email ADD extra integer NOT NULL": ["cppa_user_tracker_email.extra: unknown column"],
    "ALTER TABLE cppa_user_tracker_identity ALTER id DROP IDENTITY": ["identity.id: does not number itself"],
    "ALTER TABLE cppa_user_tracker_email ADD UNIQUE (email)": [
        "cppa_user_tracker_email: unknown constraint",
        "UNIQUE (email)",
    ],
    "CREATE UNIQUE INDEX mine ON cppa_user_tracker_email (email)": ["unknown unique index mine"],
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_difference_that_matters_is_refused(earlier_url: str, breakage: str) -> None:
    with connected(earlier_url) as connection:
        connection.exec_driver_sql(breakage)
    before = contents(earlier_url)
    with pytest.raises(ConfigurationError) as refusal:
        adopt(earlier_url)
    for part in BREAKAGES[breakage]:
        assert part in str(refusal.value)
    assert "in 1 ways" in str(refusal.value)
    assert contents(earlier_url) == before


def test_missing_keys_are_refused_by_what_they_say(earlier_url: str) -> None:
    with connected(earlier_url) as connection:
        connection.execution_options(no_parameters=True).exec_driver_sql("""
            DO $$ DECLARE k record; BEGIN
                FOR k IN SELECT conname, conrelid::regclass AS owner FROM pg_constraint
                    WHERE conrelid = 'github_activity_tracker_gitcommit'::regclass AND contype IN ('u', 'f')
                LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', k.owner, k.conname); END LOOP;
            END $$
        """)
    with pytest.raises(ConfigurationError) as refusal:
        adopt(earlier_url)
    assert "in 3 ways" in str(refusal.value)
    assert "github_activity_tracker_gitcommit: UNIQUE (repo_id, commit_hash) is missing" in str(refusal.value)
    assert "FOREIGN KEY (account_id) REFERENCES cppa_user_tracker_githubaccount" in str(refusal.value)


def test_all_differences_are_told_at_once(earlier_url: str) -> None:
    with connected(earlier_url) as connection:
        for breakage in list(BREAKAGES)[:4]:
            connection.exec_driver_sql(breakage)
    with pytest.raises(ConfigurationError, match="in 4 ways; nothing was changed"):
        adopt(earlier_url)


def test_harmless_differences_are_noted(earlier_url: str) -> None:
    with connected(earlier_url) as connection:
        connection.exec_driver_sql("ALTER TABLE cppa_user_tracker_email ADD note text")
        connection.exec_driver_sql("CREATE INDEX mine ON cppa_user_tracker_email (updated_at)")
        name = connection.scalar(
            text("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%gitcommit USING btree (commit_at)'")
        )
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
        connection.exec_driver_sql("ALTER TABLE cppa_user_tracker_email ALTER is_active SET DEFAULT true")
    notes = adopt(earlier_url).notes
    assert len(notes) == 3
    assert "cppa_user_tracker_email.note: unknown column, left as it is" in notes
    assert "cppa_user_tracker_email: unknown index mine, left as it is" in notes
    assert "github_activity_tracker_gitcommit: index btree (commit_at) was missing and is created" in notes


def test_nothing_to_adopt(empty_database_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"no table of the earlier system.*migrate"):
        adopt(empty_database_url)
    with connected(empty_database_url) as connection:
        assert inspect(connection).get_table_names() == []


def test_a_database_in_use_is_not_taken_over(earlier_url: str) -> None:
    with connected(earlier_url) as user:
        user.exec_driver_sql("LOCK TABLE cppa_user_tracker_email IN ROW EXCLUSIVE MODE")
        with pytest.raises(TransientError, match="still works on the database"):
            adopt(earlier_url, lock_seconds=1)


def test_the_commands_say_what_they_did(
    filled_url: str, make_context: Callable[..., RunContext], capsys: pytest.CaptureFixture[str]
) -> None:
    with Database(filled_url) as database:
        with pytest.raises(ConfigurationError, match="adopt"):
            MigrateCommand(make_context("migrate", database=database)).execute(Options())
        AdoptCommand(make_context("adopt", database=database)).execute(Options())
        adopted = capsys.readouterr().out
        MigrateCommand(make_context("migrate", database=database)).execute(Options())
        migrated = capsys.readouterr().out
    assert "Upgraded the database from 0001 to revision" in adopted
    assert "Nothing was lost" in adopted
    assert re.search(r"boost_mailing_list_tracker_mailinglistmessage +40 +0 +40\n", adopted)
    assert re.search(r"github_activity_tracker_githubfile +6 +3 +3\n", adopted)
    assert "nothing to do" in migrated
