"""The CSV files of files and of usages."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime

import pytest

from tests.bench import statements
from tests.boost_usage_tracker.imports.conftest import Imports
from tests.contract.content import versions

HEAD = "owner,repo_name,file_path,boost_header_name,last_commit_ts,excepted_at\n"
ASIO = "include/boost/asio.hpp"
FILES = (
    "SELECT f.filename, f.is_deleted FROM github_activity_tracker_githubfile f"
    " JOIN github_activity_tracker_githubrepository r ON r.id = f.repo_id AND r.repo_name = 'tool' ORDER BY 1"
)


def today() -> date:
    return datetime.now(UTC).date()


def test_files_are_made_and_marked_as_deleted(imports: Imports) -> None:
    head = "owner,repo_name,file_path,is_deleted\n"
    counts = imports.run("githubfile", head + "ada,tool,b.cpp,\nada,tool,a.cpp,1\nada,gone,c.cpp,\nada,tool,,\n")
    assert counts == {"created": 1, "updated": 1, "skipped_no_repo": 1, "skipped_blank": 1}
    assert imports.rows(FILES) == [("a.cpp", True), ("b.cpp", False)]
    assert imports.problems("githubfile")[1] == ["4", "repo_name", "ada/gone", "is no repository that is stored"]
    before = versions(imports.database)
    assert imports.run("githubfile", "owner,repo_name,file_path\nada,tool,a.cpp\nada,tool,b.cpp\n")["updated"] == 2
    assert versions(imports.database) == before
    imports.run("githubfile", head + "ada,tool,a.cpp,no\n")
    assert imports.rows(FILES) == [("a.cpp", False), ("b.cpp", False)]


@pytest.mark.parametrize(
    ("target", "told"), [("githubfile", ("owner", "file_path")), ("boostusage", ("CSV must have columns",))]
)
def test_a_missing_column_is_named(imports: Imports, target: str, told: tuple[str, ...]) -> None:
    said = imports.fail(target, "repo_name\ntool\n")
    assert all(word in said for word in told)


def test_usages_are_made_and_excepted_after_all_lines(imports: Imports) -> None:
    imports.run("githubfile", "owner,repo_name,file_path\n" + "".join(f"ada,tool,{name}.cpp\n" for name in "bcd"))
    given = HEAD + (
        "ada,tool,a.cpp,boost/asio.hpp,2024-01-02T03:04:05Z,\n"
        f"ada,tool,b.cpp,{ASIO},,2023-05-06\n"
        f"ada,tool,b.cpp,{ASIO},2024-02-01,\n"
        "ada,tool,c.cpp,asio.hpp,,yes\n"
    )
    assert imports.run("boostusage", given)["created"] == 3
    assert imports.usages == [
        ("a.cpp", ASIO, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), None),
        ("b.cpp", ASIO, datetime(2024, 2, 1, tzinfo=UTC), date(2023, 5, 6)),
        ("c.cpp", ASIO, None, today()),
    ]
    before = versions(imports.database)
    assert imports.run("boostusage", given)["updated"] == 4
    assert versions(imports.database) == before


def test_what_a_line_says_of_a_stored_usage(imports: Imports) -> None:
    line = "ada,tool,a.cpp,boost/asio.hpp"
    imports.run("boostusage", f"{HEAD}{line},2024-01-01,2020-02-02\n")
    imports.run("boostusage", f"{HEAD}{line},,true\n")  # today is no better than the day that is known
    assert imports.usages[0][2:] == (datetime(2024, 1, 1, tzinfo=UTC), date(2020, 2, 2))
    imports.run("boostusage", f"{HEAD}{line},,2021-03-03\n")
    assert imports.usages[0][3] == date(2021, 3, 3)
    imports.run("boostusage", "owner,repo_name,file_path,boost_header_name\n" + line + "\n")
    assert imports.usages[0][2:] == (datetime(2024, 1, 1, tzinfo=UTC), None)


def test_each_line_is_left_out_for_the_first_thing_that_is_not_known(imports: Imports) -> None:
    given = HEAD + (
        "boostorg,asio,a.cpp,x,,\n"  # stored, but no external repository
        "ada,tool,z.cpp,x,,\n"
        "ada,tool,a.cpp,boost/io.hpp,,\n"
        "ada,tool,a.cpp,,,\n"
        "ada,tool,a.cpp,boost/asio.hpp,2024-13-01,\n"
        "ada,tool,a.cpp,boost/asio.hpp,,2024-00-10\n"
    )
    said = imports.fail("boostusage", given).splitlines()
    assert imports.counts == {
        "created": 0,
        "updated": 0,
        "skipped_no_repo": 1,
        "skipped_no_file": 1,
        "skipped_no_boost_header": 1,
        "skipped_blank": 1,
    }
    assert [problem[:3] for problem in imports.problems("boostusage")] == [
        ["5", "boost_header_name", ""],
        ["6", "last_commit_ts", "2024-13-01"],
        ["7", "excepted_at", "2024-00-10"],
        ["2", "repo_name", "boostorg/asio"],
        ["3", "file_path", "z.cpp"],
        ["4", "boost_header_name", "boost/io.hpp"],
    ]
    assert len(said) == 2


def test_the_statements_do_not_grow_with_the_lines(imports: Imports) -> None:
    used = []
    for size in (10, 3000):
        paths = [f"{size}/{number}.cpp" for number in range(size)]
        with statements() as seen:
            imports.run("githubfile", "owner,repo_name,file_path\n" + "".join(f"ada,tool,{path}\n" for path in paths))
            imports.run("boostusage", HEAD + "".join(f"ada,tool,{path},boost/asio.hpp,,\n" for path in paths))
        used.append(len(seen))
    assert used[0] == used[1]
    assert len(imports.usages) == 3010


def test_memory_does_not_grow_with_the_lines(imports: Imports) -> None:
    head = "owner,repo_name,file_path\n"
    paths = [f"ada,tool,{number}/{'x' * 500}.cpp\n" for number in range(8_000)]
    peaks = []
    for size in (200, len(paths)):
        content = head + "".join(paths[:size])
        (imports.folder / "given.csv").write_text(content)
        tracemalloc.start()
        try:
            imports.execute("--target", "githubfile", "--source", str(imports.folder / "given.csv"))
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000  # of four
