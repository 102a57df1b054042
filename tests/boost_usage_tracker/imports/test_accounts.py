"""The JSON files of accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from boost_collectors.boost_usage_tracker.imports.accounts import import_accounts
from tests.boost_usage_tracker.imports.conftest import Imports
from tests.contract.content import versions

ACCOUNTS = (
    "SELECT github_account_id, username, display_name, avatar_url, account_type"
    " FROM cppa_user_tracker_githubaccount WHERE github_account_id NOT IN (7, 8) ORDER BY 1"
)


def give(imports: Imports, content: Any) -> dict[str, int]:
    return imports.run("github_account", json.dumps(content), name="given.json")


def test_accounts_as_github_and_as_our_tables_show_them(imports: Imports) -> None:
    records = [
        {"id": 1, "login": "one", "name": None, "avatar_url": "https://a/1", "type": "Organization"},
        {"id": " 2 ", "login": "two", "type": "ORG"},
        {"id": 99, "name": "a repository", "owner": {"id": 3, "login": "three", "type": "Enterprise"}},
        {"github_account_id": 4, "username": "four", "display_name": "Four", "account_type": "Bot"},
    ]
    assert give(imports, records) == {"created": 4, "updated": 0}
    assert f"table=github_account source={imports.folder / 'given.json'} created=4 updated=0" in imports.said[0]
    assert imports.rows(ACCOUNTS) == [
        (1, "one", "", "https://a/1", "organization"),
        (2, "two", "", "", "organization"),
        (3, "three", "", "", "enterprise"),
        (4, "four", "Four", "", "user"),
    ]
    before = versions(imports.database)
    assert give(imports, records) == {"created": 0, "updated": 4}
    assert versions(imports.database) == before


def test_what_a_record_does_not_say_is_left_alone(imports: Imports) -> None:
    give(imports, {"id": 1, "login": "one", "name": "One", "type": "Organization"})
    give(imports, {"id": 1, "login": "renamed", "name": ""})
    assert imports.rows(ACCOUNTS) == [(1, "renamed", "One", "", "organization")]
    give(imports, {"id": 1, "type": ""})
    assert imports.rows(ACCOUNTS)[0][-1] == "user"


@pytest.mark.parametrize(
    "record",
    [
        5,
        "text",
        None,
        [1],
        {},
        {"id": None},
        {"id": True},
        {"id": 1.0},
        {"id": "x1"},
        {"id": "\u0661"},
        {"id": -1},
        {"id": 2**63},
        {"id": "9" * 30},
        {"id": 1, "owner": None},
        {"id": 1, "owner": "ada"},
        {"id": 1, "login": 5},
        {"id": 1, "login": "x" * 256},
        {"id": 1, "type": ["User"]},
    ],
)
def test_a_record_that_is_no_account_costs_no_other(
    imports: Imports, record: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert give(imports, [{"id": 10, "login": "a"}, record, {"id": 11, "login": "b"}]) == {"created": 2, "updated": 0}
    assert [row[1] for row in imports.rows(ACCOUNTS)] == ["a", "b"]
    assert "Skipping" in caplog.text


def test_an_empty_login_is_stored_with_a_warning(imports: Imports, caplog: pytest.LogCaptureFixture) -> None:
    assert give(imports, {"id": 1, "login": ""})["created"] == 1
    assert "empty username" in caplog.text


@pytest.mark.parametrize("content", ["5", '"text"', "null"])
def test_a_file_of_other_json_has_no_records(imports: Imports, content: str) -> None:
    assert imports.run("github_account", content, name="given.json") == {"created": 0, "updated": 0}


def test_a_folder_is_read_whole_in_the_order_of_its_paths(imports: Imports, caplog: pytest.LogCaptureFixture) -> None:
    folder = imports.folder / "accounts"
    files = {
        "b/second.json": '[{"id": 1, "login": "newer"}]',
        "a/first.json": '\ufeff{"id": 1, "login": "older", "name": "One"}',
        "a/broken.json": '[{"id": 2, "login": "lost"}, {"id": ',
        "a/latin.json": b'{"id": 3, "login": "\xe9"}',
        "a/deep.json": "[" * 100_000,
        ".hidden.json": '{"id": 4, "login": "hidden"}',
        ".hidden/x.json": '{"id": 4, "login": "hidden"}',
        "a/other.txt": '{"id": 5, "login": "text"}',
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "a" / "folder.json").mkdir()
    assert imports.execute("--target", "github_account", "--source", str(folder)) == {"created": 1, "updated": 1}
    assert imports.rows(ACCOUNTS) == [(1, "newer", "One", "", "user")]
    skipped = [record.getMessage() for record in caplog.records if record.getMessage().startswith("Skipping")]
    assert [message.partition(".json")[0].rpartition("/")[2] for message in skipped] == ["broken", "deep", "latin"]


def test_a_broken_file_alone_stores_nothing(imports: Imports) -> None:
    said = imports.fail("github_account", '[{"id": 1, "login": "a"}, {', name="given.json")
    assert "Skipping" in said
    assert imports.counts == {"created": 0, "updated": 0}
    assert imports.rows(ACCOUNTS) == []


def test_what_is_no_source_of_accounts(imports: Imports) -> None:
    assert "not a directory or .json file" in imports.fail("github_account", "[]", name="given.txt")
    absent = import_accounts(imports.database, "github_account", imports.folder / "absent.json")
    assert "not a directory or .json file" in absent.errors[0]
    other = import_accounts(imports.database, "gitlab_account", imports.folder)
    assert "Unsupported table" in other.errors[0]
    assert (other.counts, other.source_path) == ({"created": 0, "updated": 0}, imports.folder)
