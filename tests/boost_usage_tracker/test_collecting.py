"""The command against repositories of the test's own, over git and HTTP."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from boost_collectors.core.errors import CommandError, PermanentError, RateLimited, TransientError
from boost_collectors.core.window import Window, WindowMode
from tests.boost_usage_tracker.conftest import UsageBench

STARS = ("--task", "monitor_stars")
CONTENT = ("--task", "monitor_content")
ASIO, ANY = "#include <boost/asio.hpp>\n", "#include <boost/any.hpp>\n"


def test_what_a_repository_includes_declares_and_asks_for(bench: UsageBench) -> None:
    bench.headers("include/boost/asio.hpp")
    files = {
        "src/a.cpp": ASIO + ANY + ASIO,
        "src/b.hpp": "// " + ASIO + "int x;\n",
        "README.md": ASIO,
        "CMakeLists.txt": "find_package(Boost 1.82 REQUIRED COMPONENTS system)",
    }
    bench.repository("ada/tool", files)
    counts = bench.collect(*STARS)
    assert bench.usages() == [
        ("tool", "src/a.cpp", "include/boost/asio.hpp", False),
        ("tool", "src/a.cpp", None, False),
    ]
    assert bench.missing() == [("src/a.cpp", "boost/any.hpp", False)]
    assert bench.external() == {"tool": (True, False, "1.82.0")}
    assert bench.rows("SELECT kind, component, version FROM boost_usage_tracker_boostdeclaration") == [
        ("cmake", "system", "1.82.0")
    ]
    assert (counts["processed"], counts["boost_used"], counts["usages_created"]) == (1, 1, 1)
    assert counts["missing_header_recorded"] == 1


def test_files_are_dated_by_the_commit_that_touched_them_last(bench: UsageBench) -> None:
    bench.repository("ada/tool", {"a.cpp": ASIO}, {"b.cpp": ANY}, {"a.cpp": ASIO + "\n", "c.txt": "x"}, {"d.txt": "y"})
    bench.collect(*STARS)
    dates = bench.rows(
        "SELECT f.filename, u.last_commit_date FROM boost_usage_tracker_boostusage u"
        " JOIN github_activity_tracker_githubfile f ON f.id = u.file_path_id ORDER BY 1"
    )
    assert dates == [("a.cpp", datetime(2024, 1, 3, 10, tzinfo=UTC)), ("b.cpp", datetime(2024, 1, 2, 10, tzinfo=UTC))]


def test_a_later_run_reads_only_what_changed_and_ends_what_vanished(bench: UsageBench) -> None:
    bench.headers("include/boost/asio.hpp", "include/boost/any.hpp")
    bench.repository("ada/tool", {f"f{n}.cpp": ASIO for n in range(6)} | {"gone.cpp": ANY, "two.cpp": ASIO + ANY})
    first = bench.collect(*STARS)
    assert first["files_read"] == 8
    bench.push("ada/tool", {"gone.cpp": None, "two.cpp": ASIO, "new.cpp": ANY})
    later = bench.collect("--only", "ada/tool")
    assert (later["files_read"], later["usages_created"], later["usages_excepted"]) == (2, 1, 2)
    excepted = [usage[1:3] for usage in bench.usages() if usage[3]]
    assert excepted == [("gone.cpp", "include/boost/any.hpp"), ("two.cpp", "include/boost/any.hpp")]
    unchanged = bench.collect("--only", "ada/tool")
    assert (unchanged["scans_unchanged"], unchanged.get("files_read", 0)) == (1, 0)


def test_a_use_that_returns_is_no_longer_excepted_and_its_first_day_never_moves(bench: UsageBench) -> None:
    bench.repository("ada/tool", {"a.cpp": ASIO, "b.cpp": ANY}, {"a.cpp": "int x;\n"})
    bench.collect(*STARS)
    bench.push("ada/tool", {"b.cpp": "int y;\n"})
    bench.collect("--only", "ada/tool")
    assert bench.external() == {"tool": (False, False, "")}
    assert bench.missing() == [("b.cpp", "boost/any.hpp", True)]
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE boost_usage_tracker_boostusage SET excepted_at = '2020-01-01'")
    bench.push("ada/tool", {"c.cpp": ASIO})
    bench.collect("--only", "ada/tool")
    assert bench.missing() == [("b.cpp", "boost/any.hpp", True), ("c.cpp", "boost/asio.hpp", False)]
    assert bench.rows("SELECT count(*) FROM boost_usage_tracker_boostusage WHERE excepted_at = '2020-01-01'") == [1]
    bench.push("ada/tool", {"b.cpp": ANY})
    bench.collect("--only", "ada/tool")
    assert bench.missing()[0] == ("b.cpp", "boost/any.hpp", False)


def test_a_copy_of_boost_is_no_use_but_tells_the_version(bench: UsageBench) -> None:
    copy = {
        "deps/boost_1_69_0/boost/version.hpp": "#define BOOST_VERSION 106900\n",
        "deps/boost_1_69_0/boost/any.hpp": ASIO,
        "deps/boost_1_69_0/libs/any/test.cpp": ANY,
        "conanfile.txt": "boost/1.80.0",
    }
    bench.repository("ada/copy", copy)
    bench.repository("ada/both", copy | {"src/a.cpp": ANY})
    bench.collect(*STARS)
    assert bench.external() == {"copy": (False, False, ""), "both": (True, True, "1.69.0")}
    assert [usage[:2] for usage in bench.usages()] == [("both", "src/a.cpp")]


def test_the_version_is_looked_for_again_only_when_a_file_that_tells_it_changed(bench: UsageBench) -> None:
    bench.repository("ada/tool", {"a.cpp": ASIO, "conanfile.txt": "boost/1.80.0", "sub/CMakeLists.txt": "project(x)"})
    bench.collect(*STARS)
    bench.push("ada/tool", {"b.cpp": ANY})
    assert bench.collect("--only", "ada/tool")["git_fetches"] == 2  # the commit and one file, no manifest
    assert bench.external() == {"tool": (True, False, "1.80.0")}
    bench.push("ada/tool", {"conanfile.txt": "boost/1.85.0"})
    bench.collect("--only", "ada/tool")
    assert bench.external() == {"tool": (True, False, "1.85.0")}
    bench.push("ada/tool", {"conanfile.txt": None})
    bench.collect("--only", "ada/tool")
    assert bench.external() == {"tool": (True, False, "")}


def test_a_history_that_was_rewritten_is_read_whole(bench: UsageBench) -> None:
    bench.repository("ada/tool", {"a.cpp": ASIO, "b.cpp": ANY})
    bench.collect(*STARS)
    bench._commits["ada/tool"].clear()
    bench.push("ada/tool", {"c.cpp": ASIO})
    bench.collect("--only", "ada/tool")
    assert [(usage[1], usage[3]) for usage in bench.usages()] == [("a.cpp", True), ("b.cpp", True), ("c.cpp", False)]


def test_code_search_spares_looks_but_never_ends_a_use(bench: UsageBench) -> None:
    bench.repository("ada/plain", {"a.cpp": "int x;\n"})
    bench.repository("ada/tool", {"a.cpp": ASIO})
    counts = bench.collect(*STARS)
    assert (counts["spared_by_hint"], counts["processed"]) == (1, 2)
    assert bench.external() == {"plain": (False, False, ""), "tool": (True, False, "")}
    assert not [request for request in bench.sandbox.requests if "plain.git" in request.path]
    # The index does not know the file any more: one that is known to use Boost is looked into all the same.
    bench.sandbox.faults.add("/github-api/search/code", "status", status=422, times=None)
    bench.collect("--since", "2024-01-01", "--until", "2024-01-31", *CONTENT)
    assert bench.external()["tool"] == (True, False, "")


@pytest.mark.parametrize("status", [422, 403, 500])
def test_a_failing_code_search_changes_nothing_about_a_repository(bench: UsageBench, status: int) -> None:
    bench.repository("ada/tool", {"a.cpp": ASIO})
    bench.collect(*STARS)
    bench.push("ada/tool", {"b.txt": "x"})
    bench.sandbox.faults.add("/github-api/search/code", "status", status=status, times=None)
    try:
        bench.collect("--since", "2024-01-01", "--until", "2024-01-31", *CONTENT)
    except (TransientError, PermanentError, RateLimited):
        assert status != 422
    assert bench.external() == {"tool": (True, False, "")}
    assert [usage[3] for usage in bench.usages()] == [False]


def test_without_quota_for_code_search_git_looks_into_all(bench: UsageBench) -> None:
    bench.repository("ada/plain", {"a.cpp": "int x;\n"})
    bench.repository("ada/tool", {"a.cpp": ASIO})
    bench.sandbox.github.limits.configure(code_search=0)
    counts = bench.collect(*STARS)
    assert (counts["processed"], counts.get("spared_by_hint", 0), counts["boost_used"]) == (2, 0, 1)


def test_one_broken_repository_costs_no_other_and_waits_for_the_next_run(bench: UsageBench) -> None:
    bench.repository("ada/broken", {"a.cpp": ASIO})
    bench.repository("ada/tool", {"a.cpp": ASIO})
    bench.sandbox.faults.add("/git/ada/broken*", "status", status=500, times=None)
    failure = bench.fail(*STARS)
    assert isinstance(failure, TransientError)
    assert "ada/broken" in str(failure)
    assert bench.external() == {"tool": (True, False, "")}
    assert bench.rows("SELECT full_name FROM boost_usage_tracker_scancandidate") == ["ada/broken"]
    bench.sandbox.faults.clear()
    # It is not searched for again, and is done first of all the same.
    counts = bench.collect(*CONTENT)
    assert counts["processed"] == 1
    assert set(bench.external()) == {"broken", "tool"}
    assert bench.rows("SELECT full_name FROM boost_usage_tracker_scancandidate") == []


def test_a_repository_that_cannot_be_read_keeps_its_uses(bench: UsageBench) -> None:
    bench.repository("ada/tool", {"a.cpp": ASIO, "b.cpp": ANY, "conanfile.txt": "boost/1.80.0"})
    bench.collect(*STARS)
    before = bench.usages(), bench.missing(), bench.external()
    bench.push("ada/tool", {"a.cpp": None, "b.cpp": "int x;\n", "conanfile.txt": None})
    # Asking for the newest commit succeeds, fetching what changed does not.
    bench.sandbox.faults.add("/git/ada/tool.git/git-upload-pack", "truncated", times=None, after=2)
    assert isinstance(bench.fail("--only", "ada/tool"), TransientError)
    assert (bench.usages(), bench.missing(), bench.external()) == before
    bench.sandbox.faults.clear()
    assert bench.collect("--only", "ada/tool")["usages_excepted"] == 2


def test_content_is_read_by_push_days_and_goes_on_where_it_stood(bench: UsageBench) -> None:
    today = datetime.now(UTC)
    bench.repository("ada/old", {"a.cpp": ASIO}, pushed_at=_stamp(today - timedelta(days=9)))
    bench.repository("ada/late", {"a.cpp": ASIO}, pushed_at=_stamp(today - timedelta(days=3)))
    bench.repository("ada/new", {"a.cpp": ASIO}, pushed_at=_stamp(today))
    bench.collect(*CONTENT)
    assert set(bench.external()) == {"new"}
    with bench.database.engine.begin() as connection:
        day = (today - timedelta(days=3)).date().isoformat()
        connection.exec_driver_sql(f'UPDATE core_checkpoint SET cursor = \'{{"until": "{day}"}}\'')
    bench.collect(*CONTENT)
    assert set(bench.external()) == {"new", "late"}
    assert bench.rows("SELECT cursor->>'until' FROM core_checkpoint") == [today.date().isoformat()]


def test_chosen_days_move_no_checkpoint(bench: UsageBench) -> None:
    bench.repository("ada/a", {"a.cpp": ASIO}, pushed_at="2024-03-01T23:59:59Z")
    bench.repository("ada/b", {"a.cpp": ASIO}, pushed_at="2024-03-03T00:00:00Z")
    bench.repository("ada/c", {"a.cpp": ASIO}, pushed_at="2024-03-03T23:59:59Z", stars=10)
    bench.repository("ada/d", {"a.cpp": ASIO}, pushed_at="2024-03-04T00:00:00Z")
    bench.collect(*CONTENT, "--since", "2024-03-02", "--until", "2024-03-03")
    assert set(bench.external()) == {"b"}
    assert bench.rows("SELECT unit FROM core_checkpoint") == []
    bench.collect(*CONTENT, "--since", "2024-03-02", "--until", "2024-03-03", "--min-stars", "9")
    assert set(bench.external()) == {"b", "c"}


def test_a_backfill_keeps_to_the_second(bench: UsageBench) -> None:
    bench.repository("ada/a", {"a.cpp": ASIO}, pushed_at="2024-03-02T11:59:59Z")
    bench.repository("ada/b", {"a.cpp": ASIO}, pushed_at="2024-03-02T12:00:00Z")
    since = datetime(2024, 3, 2, 12, tzinfo=UTC)
    bench.collect(window=Window(WindowMode.BACKFILL, since, since + timedelta(days=1)))
    assert set(bench.external()) == {"b"}


def test_stars_are_refreshed_whatever_their_number_age_and_name(bench: UsageBench) -> None:
    repositories = [
        bench.repository("ada/ancient", {"a.cpp": ASIO}, created_at="2008-04-02T10:00:00Z", stars=50),
        bench.repository("ada/fallen", {"a.cpp": ASIO}, stars=20),
        bench.repository("ada/moved", {"a.cpp": ASIO}, stars=20),
        bench.repository("ada/gone", {"a.cpp": ASIO}, stars=20),
    ]
    bench.collect(*STARS)
    assert set(bench.external()) == {"ancient", "fallen", "moved", "gone"}
    ancient, fallen, moved, gone = repositories
    world = bench.sandbox.github.world
    ancient.stars, fallen.stars = 70, 4
    world.drop_repository(moved, moved=True)
    moved.name, moved.stars = "renamed", 5
    world.add_repository(moved)
    world.drop_repository(gone)
    counts = bench.collect(*STARS)
    assert counts["stars_changed"] == 1
    rows = bench.rows("SELECT repo_name, stars, gone_at IS NULL FROM github_activity_tracker_githubrepository")
    assert sorted(rows) == [("ancient", 70, True), ("fallen", 4, True), ("gone", 20, False), ("renamed", 5, True)]
    assert [usage[0] for usage in bench.usages() if usage[3]] == ["gone"]
    assert counts.get("processed", 0) == 0  # none of them is new


def test_boosts_own_repositories_are_no_external_ones(bench: UsageBench) -> None:
    bench.repository("boostorg/asio", {"a.cpp": ASIO})
    counts = bench.collect(*STARS)
    assert (counts["repositories_found"], counts.get("processed", 0)) == (1, 0)
    assert bench.external() == {}


def test_a_header_that_a_library_gets_later_becomes_its_usage(bench: UsageBench) -> None:
    bench.repository("ada/tool", {"a.cpp": ASIO + ANY})
    bench.collect(*STARS)
    assert [usage[2] for usage in bench.usages()] == [None]
    bench.headers("include/boost/asio.hpp")
    bench.collect(*CONTENT)
    assert [usage[2:] for usage in bench.usages()] == [("include/boost/asio.hpp", False), (None, False)]
    bench.headers("include/boost/any.hpp")
    bench.collect(*CONTENT)
    assert [usage[2] for usage in bench.usages()] == ["include/boost/any.hpp", "include/boost/asio.hpp"]
    assert bench.missing() == []


def test_a_dry_run_names_twenty_and_counts_the_rest(bench: UsageBench, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(23):
        bench.repository(f"ada/tool{number:02}", {"a.cpp": ASIO}, stars=50 - number)
    with caplog.at_level(logging.INFO):
        counts = bench.collect(*CONTENT, "--since", "2024-01-01", "--until", "2024-01-31", "--dry-run")
    named = [record.message for record in caplog.records if "would scan" in record.message]
    assert len(named) == 20
    assert named[0] == "monitor_content would scan ada/tool00 (50)"
    assert "monitor_content: and 3 more" in caplog.text
    assert (counts["tasks"], counts["dry_run"]) == (1, 1)
    assert bench.collect("--dry-run")["tasks"] == 2
    assert bench.rows("SELECT count(*) FROM boost_usage_tracker_scancandidate") == [0]


def test_flags_that_cannot_be_meant_are_refused_before_any_request(
    bench: UsageBench, caplog: pytest.LogCaptureFixture
) -> None:
    late = bench.fail("--since", "2024-03-02", "--until", "2024-03-01")
    negative = bench.fail("--min-stars", "-1")
    tokenless = bench.fail(settings=bench.settings(GITHUB_TOKENS_SCRAPING="", GITHUB_TOKEN=""))
    assert isinstance(late, CommandError)
    assert (isinstance(negative, CommandError), getattr(negative, "returncode", 0)) == (True, 2)
    assert isinstance(tokenless, CommandError)
    assert list(bench.sandbox.requests) == []
    with caplog.at_level(logging.WARNING):
        bench.collect(*CONTENT, "--since", "yesterday")
    assert "'yesterday' is not a date" in caplog.text


def test_a_refused_token_is_said_so(bench: UsageBench) -> None:
    bench.sandbox.github.limits.configure(strict=True)
    failure = bench.fail(*STARS)
    assert isinstance(failure, PermanentError)
    assert "GitHub accepts none" in str(failure)


def test_statements_do_not_grow_with_the_files(bench: UsageBench) -> None:
    from tests.bench import statements

    bench.headers("include/boost/asio.hpp")
    used: list[int] = []
    # The large one has more files than GitHub's code search would ever show.
    for key, size in (("ada/first", 1), ("ada/small", 10), ("ada/large", 1100)):
        bench.repository(key, {f"f{n}.cpp": ASIO + ANY for n in range(size)})
        with statements() as seen:
            bench.collect("--only", key)
        used.append(len(seen))
    assert used[2] == used[1]
    assert len({usage[1] for usage in bench.usages() if usage[0] == "large"}) == 1100


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
