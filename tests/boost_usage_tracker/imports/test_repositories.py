"""The CSV file of repositories, and what all CSV files have in common."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import click
import pytest

from boost_collectors import registry
from boost_collectors.__main__ import run as run_process
from tests.boost_usage_tracker.imports.conftest import Imports
from tests.contract.content import versions

HEAD = "owner,repo_name,stars,forks,description,repo_pushed_at,boost_version,is_boost_embedded,is_boost_used\n"
DATES = (
    "SELECT repo_pushed_at, repo_created_at, repo_updated_at FROM github_activity_tracker_githubrepository"
    " WHERE repo_name = 'new'"
)


def test_repositories_are_made_and_brought_up_to_date(imports: Imports) -> None:
    given = HEAD + (
        'ada, new ,12,4,"a, b\non lines",2024-03-01,1.85.0,no,YES\n'
        "ada,tool,80,,,2024-03-01T12:00:00+02:00,,0,1\n"
        "nobody,lost,1,,,,,,\n"
        ",nameless,1,,,,,,\n"
        "\n"
    )
    assert imports.run("repository", given) == {
        "repos created": 1,
        "repos updated": 1,
        "ext created": 1,
        "ext updated": 1,
        "skipped_no_owner": 1,
        "skipped_blank": 1,
    }
    assert f"source={imports.folder / 'given.csv'} repos: created=1 updated=1 ext: created=1 " in imports.said[0]
    assert imports.repositories == {
        "new": (12, 4, "a, b\non lines", "1.85.0", False, True),
        "tool": (80, 3, "kept", "1.84.0", False, True),
    }
    assert imports.rows(DATES) == [(datetime(2024, 3, 1, tzinfo=UTC), None, None)]
    assert imports.problems("repository") == [
        ["6", "owner", "", "is blank"],
        ["5", "owner", "nobody", "is no account that is stored"],
    ]


def test_a_second_import_writes_nothing_and_counts_every_line_as_updated(imports: Imports) -> None:
    given = HEAD + "ada,new,12,4,x,2024-03-01,1.85.0,no,yes\nada,tool,80,,,,,0,1\nada,new,,,,,,,yes\n"
    first = imports.run("repository", given)
    assert (first["repos created"], first["repos updated"]) == (1, 2)
    before = versions(imports.database)
    again = imports.run("repository", given)
    assert (again["repos created"], again["repos updated"], again["ext updated"]) == (0, 3, 3)
    assert versions(imports.database) == before


def test_what_a_file_does_not_say_is_left_alone(imports: Imports) -> None:
    imports.run("repository", "owner,repo_name\nada,tool\nada,new\n")
    assert imports.repositories == {
        "new": (0, 0, "", "", False, False),
        "tool": (77, 3, "kept", "1.84.0", True, True),
    }
    imports.run("repository", HEAD + "ada,tool,many,,,soon\n")
    assert imports.repositories["tool"] == (77, 3, "kept", "1.84.0", True, True)
    assert [problem[:3] for problem in imports.problems("repository")] == [
        ["2", "stars", "many"],
        ["2", "repo_pushed_at", "soon"],
    ]


def test_of_several_lines_about_one_repository_the_last_that_is_given_counts(imports: Imports) -> None:
    imports.run("repository", HEAD + "ada,new,5,1,first,,1.80.0,1,1\nada,new,,2,,,,0,1\n")
    assert imports.repositories["new"] == (5, 2, "first", "1.80.0", False, True)


@pytest.mark.parametrize(
    ("cell", "value"), [("", False), ("0", False), ("FALSE", False), ("No", False), ("n", True), ("1", True)]
)
def test_what_is_off(imports: Imports, cell: str, value: bool) -> None:
    imports.run("repository", f"owner,repo_name,is_boost_used\nada,tool,{cell}\n")
    assert imports.repositories["tool"][-1] is value


def test_a_byte_order_mark_and_the_case_of_columns_do_not_matter(imports: Imports) -> None:
    given = b"\xef\xbb\xbf" + b" OWNER ,Repo_Name,Stars\r\nada,tool,1\r\n"
    assert imports.run("repository", given)["repos updated"] == 1
    assert imports.repositories["tool"][0] == 1


def test_a_broken_line_is_named_and_costs_no_other(imports: Imports) -> None:
    given = HEAD.encode() + (
        b"ada,a,1,,,2024-13-01,,,\n"
        b"ada,b,2,,\xff\xfe,,,,\n"
        b'ada,c,3,,"x"y,,,,\n'
        b"ada,d,4,,one, two,,,,\n"
        b"ada,e,5,,,2024-2-30,,,\n"
        b"ada,f,6,,,," + b"1" * 65 + b",,\n"
        b"ada," + b"g" * 256 + b",7,,,,,,\n"
        b"ada,h,8,,\0nul,2024-3-1,,,\n"
        b"ada,i,9,,,0001-01-01T00:00:00+01:00,,,\n"
        b'ada,j,10,,"never closed,,,,\n'
    )
    said = imports.fail("repository", given)
    stored = imports.rows("SELECT repo_name, stars, description FROM github_activity_tracker_githubrepository")
    assert {row for row in stored if row[0] not in ("tool", "asio")} == {("h", 8, "nul")}
    assert imports.counts["repos created"] == 1
    path = imports.folder / "given.csv"
    told = [line.removeprefix(f"{path}, line ") for line in said.splitlines()]
    assert told[0].startswith("2, column repo_pushed_at: '2024-13-01' is no date")
    assert told[1] == "3, column description: '\\xff\\xfe' is not UTF-8"
    assert told[3] == "5 has 10 cells for 9 columns"
    assert [re.split(r"\D", line)[0] for line in told] == ["2", "3", "4", "5", "6", "7", "8", "10", "11"]
    assert len(imports.problems("repository")) == len(told)


def test_only_the_first_errors_are_told_and_all_are_listed(imports: Imports) -> None:
    given = "owner,repo_name,repo_pushed_at\n" + "ada,tool,2024-99-99\n" * 130
    said = imports.fail("repository", given).splitlines()
    assert len(said) == 101
    assert "and 30 more lines" in said[-1]
    assert len(imports.problems("repository")) == 130
    imports.run("repository", "owner,repo_name\nada,tool\n")
    assert imports.problems("repository") == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "not found"),
        ("", "must have columns owner, repo_name; it has no owner and no repo_name"),
        ("owner,stars\nada,1\n", "it has no repo_name"),
        ("owner,repo_name,stars,stars\nada,tool,1,2\n", "the column stars is there twice"),
    ],
)
def test_a_file_that_cannot_be_used_writes_nothing(imports: Imports, content: str | None, told: str) -> None:
    before = versions(imports.database)
    said = imports.fail("repository", content)
    assert told in said
    assert len(said.splitlines()) == 1
    assert set(imports.counts.values()) == {0}
    assert versions(imports.database) == before


def test_the_default_files_are_in_the_workspace(imports: Imports) -> None:
    folder = imports.settings.workspace_dir / "boost_usage_tracker"
    folder.mkdir(parents=True)
    (folder / "add_to_boostExternalRepository.csv").write_text("owner,repo_name\nada,new\n")
    (folder / "add_to_githubFile.csv").write_text("owner,repo_name,file_path\nada,new,b.cpp\n")
    (folder / "add_to_boostUsage.csv").write_text(
        "owner,repo_name,file_path,boost_header_name\nada,new,b.cpp,boost/asio.hpp\n"
    )
    for target in ("repository", "githubfile", "boostusage"):
        imports.run(target)
    assert [usage[0] for usage in imports.usages] == ["b.cpp"]
    assert imports.run("github_account") == {"created": 0, "updated": 0}
    assert (folder / "github_account").is_dir()


def test_the_exit_code_tells_a_wrong_call_from_a_failed_import(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments in ((), ("--target", "everything")):
        with pytest.raises(click.UsageError):
            imports.execute(*arguments)
    monkeypatch.setenv("DATABASE_URL", imports.settings.database_url or "")
    monkeypatch.setenv("WORKSPACE_DIR", str(imports.settings.workspace_dir))
    spec = registry.find("run_update_db")
    assert run_process(spec, ()) == 2
    assert run_process(spec, ("--target", "githubfile", "--source", "/nowhere.csv")) == 1
    assert "File not found: /nowhere.csv" in imports.capture.readouterr().err
