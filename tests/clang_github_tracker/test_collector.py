"""The whole command over the sandbox's LLVM: git and API together, and what may happen to its history and its items."""

from __future__ import annotations

import json
import logging
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.clang_github_tracker.collector import ClangGithubCollector
from boost_collectors.clang_github_tracker.commits import CommitHistory
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError, RateLimited, TransientError
from boost_collectors.github_activity_tracker.sync_api import CommitsClone, Hosting
from tests.clang_github_tracker.conftest import KEY, Collect, Llvm, written

C, T = "clang_github_tracker_", "github_activity_tracker_"
HISTORY = f"SELECT github_committed_at::date::text, committed_at::date::text FROM {C}commit ORDER BY committed_at, id"
SAMPLE_HISTORY = [
    ("2024-01-15", "2024-01-15"),
    ("2024-02-20", "2024-02-20"),
    ("2024-01-20", "2024-03-12"),
    ("2024-04-02", "2024-04-02"),
]


def clone(folder: Any) -> Path:
    path: Path = folder / "github_activity_tracker" / "commits" / f"{KEY}.git"
    return path


def in_clone(path: Path, *arguments: str) -> str:
    done = subprocess.run(["git", f"--git-dir={path}", *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def test_commits_and_items_come_together_and_a_second_run_writes_nothing(collect: Collect, llvm: Llvm) -> None:
    first = collect()
    names = ("commits", "issues", "pull_requests", "md_files")
    assert [first.counts[name] for name in names] == [4, 2, 1, 0]
    assert llvm.rows(HISTORY) == SAMPLE_HISTORY
    items = f"SELECT number, is_pull_request, github_updated_at IS NOT NULL FROM {C}issue_item ORDER BY 1"
    assert llvm.rows(items) == [(1, False, True), (2, True, True), (3, False, True)]
    before = llvm.rows(f"SELECT xmin::text FROM {C}commit UNION ALL SELECT xmin::text FROM {C}issue_item")
    second = collect()
    assert written(second) == {}
    assert [second.counts[name] for name in names] == [0, 0, 0, 0]
    assert second.counts["git_fetches"] == 0
    assert second.counts["github_graphql_points"] <= 2
    assert llvm.rows(f"SELECT xmin::text FROM {C}commit UNION ALL SELECT xmin::text FROM {C}issue_item") == before


def test_the_clone_holds_commits_and_no_files(collect: Collect, llvm: Llvm, make_settings: Any) -> None:
    collect()
    path = clone(make_settings().workspace_dir)
    kinds = in_clone(path, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert sorted(kinds) == ["commit"] * 4
    llvm.commit("another", "2024-05-01T00:00:00Z")
    assert collect().counts["commits_inserted"] == 1
    kinds = in_clone(path, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert sorted(kinds) == ["commit"] * 5


def test_no_commit_costs_a_request_of_the_api(collect: Collect, llvm: Llvm) -> None:
    collect("--only", "commits")
    assert not [request for request in llvm.sandbox.requests if "github-api" in request.path]


def test_a_commit_dated_in_the_future_hides_no_later_one(collect: Collect, llvm: Llvm) -> None:
    llvm.commit("future", "2037-01-01T00:00:00Z")
    collect()
    llvm.commit("present", "2024-05-01T00:00:00Z")
    assert collect().counts["commits_inserted"] == 1


def test_a_commit_written_before_the_last_run_and_merged_after_it_is_stored(collect: Collect, llvm: Llvm) -> None:
    side = {"branch": "side", "parents": ["start"]}
    llvm.commit("late", "2024-01-16T00:00:00Z", **side)
    assert collect().counts["commits_inserted"] == 4
    llvm.commit("join", "2024-05-01T00:00:00Z", parents=["tidy", "late"])
    assert collect().counts["commits_inserted"] == 2


def test_a_rewritten_branch_is_read_from_where_it_still_agrees(collect: Collect, llvm: Llvm) -> None:
    collect()
    *kept, last = llvm.commits()
    llvm.rewrite([*kept, last | {"message": "[clang-tidy] Add another check"}])
    result = collect()
    assert (result.counts["commits_inserted"], result.counts["commits_unchanged"]) == (1, 0)
    assert len(llvm.rows(HISTORY)) == 5
    assert written(collect()) == {}


def test_a_lost_or_damaged_clone_is_made_anew(collect: Collect, llvm: Llvm, make_settings: Any) -> None:
    collect()
    path = clone(make_settings().workspace_dir)
    for pack in path.glob("objects/pack/*"):
        pack.chmod(0o600)
        pack.write_bytes(b"damaged")
    llvm.commit("another", "2024-05-01T00:00:00Z")
    assert collect().counts["commits_inserted"] == 1


class AskedToStopAfterOneBatch(threading.Event):
    """A run that is asked to stop while its first batch is stored."""

    asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > 1


def test_a_run_stopped_between_batches_goes_on_where_it_ended(
    collect: Collect, llvm: Llvm, variables: dict[str, str], make_context: Any, make_settings: Any
) -> None:
    settings = make_settings(**variables)
    context = make_context("run_clang_github_tracker", settings=settings, stop=AskedToStopAfterOneBatch())
    clone = CommitsClone(context.workspace, KEY, Hosting.at(settings.github_git_url, ""), threading.Event())
    clone.refresh()
    with pytest.raises(TransientError, match="asked to stop"):
        CommitHistory(context, clone, Counts(), batch=2).collect()
    assert llvm.rows(HISTORY) == SAMPLE_HISTORY[:2]
    assert collect().counts["commits_inserted"] == 2
    assert llvm.rows(HISTORY) == SAMPLE_HISTORY


def test_a_changed_item_moves_its_row_and_no_other(collect: Collect, llvm: Llvm) -> None:
    collect()
    query = f"SELECT number, updated_at FROM {C}issue_item ORDER BY 1"
    before = dict(llvm.rows(query))
    llvm.sandbox.github.changes.edit_item(KEY, 3, title="A better title")
    result = collect()
    assert (result.counts["issues"], result.counts["pull_requests"]) == (1, 0)
    after = dict(llvm.rows(query))
    assert [number for number in after if after[number] != before[number]] == [3]


def test_an_edited_comment_moves_the_row_of_its_item(collect: Collect, llvm: Llvm) -> None:
    collect()
    query = f"SELECT updated_at FROM {C}issue_item WHERE number = 1"
    before = llvm.rows(query)
    (comment,) = llvm.rows(f"SELECT issue_comment_id FROM {T}issuecomment WHERE body = 'Confirmed.'")
    llvm.sandbox.github.changes.edit_part("comment", comment[0], body="Confirmed with 18.1.", touch=False)
    assert collect().counts["issues"] == 1
    assert llvm.rows(query) > before


def test_items_are_archived_and_those_of_deleted_accounts_kept(collect: Collect, make_settings: Any) -> None:
    collect()
    folder = make_settings().workspace_dir / "raw" / "github_activity_tracker" / "llvm" / "llvm-project"
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json")) == [
        *("issues/1.json", "issues/3.json", "prs/2.json")
    ]
    pull = json.loads((folder / "prs" / "2.json").read_text(encoding="utf-8"))
    assert pull["pr_info"]["merged"] is True
    assert [review["body"] for review in pull["reviews"]] == ["A test, please.", "Added."]


def test_a_spent_quota_keeps_commits_and_says_when_to_come_back(collect: Collect, llvm: Llvm) -> None:
    llvm.sandbox.github.limits.options = llvm.sandbox.github.limits.options.changed({"graphql": 1})
    with pytest.raises(RateLimited) as caught:
        collect()
    assert caught.value.result is not None
    assert caught.value.result.counts["failed_count"] == 1
    assert llvm.rows(HISTORY) == SAMPLE_HISTORY
    llvm.sandbox.github.limits.options = llvm.sandbox.github.limits.options.changed({"graphql": 5000})


def test_a_host_that_is_down_costs_no_items(collect: Collect, llvm: Llvm) -> None:
    llvm.sandbox.faults.add("/git/*", "status", status=500, times=None)
    with pytest.raises(TransientError, match="commits"):
        collect()
    assert len(llvm.rows(f"SELECT 1 FROM {C}issue_item")) == 3
    llvm.sandbox.faults.clear()
    assert collect().counts["commits"] == 4


def test_a_repository_that_is_not_there_is_named(collect: Collect) -> None:
    with pytest.raises(Exception, match="llvm/nothing") as caught:
        collect(CLANG_GITHUB_REPO="nothing")
    assert caught.value.result.counts["failed_count"] == 2  # type: ignore[attr-defined]


def test_a_renamed_repository_is_read_and_its_new_name_told(
    collect: Collect, llvm: Llvm, caplog: pytest.LogCaptureFixture
) -> None:
    collect()
    llvm.sandbox.github.changes.rename_repository(KEY, "llvm")
    renamed = collect()
    assert not {"issues_pages", "pulls_pages"} & renamed.counts.keys()
    assert (renamed.counts["repositories_renamed"], renamed.counts["commits"], renamed.counts["issues"]) == (1, 0, 0)
    assert "llvm/llvm-project is called llvm/llvm now" in caplog.text


@pytest.mark.parametrize("name", ["..", "a/b", " . "])
def test_names_that_are_no_path_segment_are_refused(collect: Collect, llvm: Llvm, name: str) -> None:
    with pytest.raises(CommandError):
        collect(CLANG_GITHUB_REPO=name)
    assert list(llvm.sandbox.requests) == []


def test_without_a_token_commits_are_read_and_that_is_said(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        result = collect(GITHUB_TOKENS_SCRAPING="")
    assert (result.counts["commits"], result.counts["units_skipped"]) == (4, 1)
    assert "GITHUB_TOKENS_SCRAPING" in caplog.text


def test_without_a_sync_nothing_is_asked_and_no_token_needed(
    collect: Collect, llvm: Llvm, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        result = collect("--skip-github-sync", GITHUB_TOKENS_SCRAPING="")
    assert list(llvm.sandbox.requests) == []
    assert result.counts["md_files"] == 0
    assert "no sync in this run" in caplog.text


def test_a_dry_run_names_its_steps_and_writes_nothing(
    collect: Collect, llvm: Llvm, caplog: pytest.LogCaptureFixture, make_settings: Any
) -> None:
    with caplog.at_level(logging.INFO):
        counts = collect("--dry-run").counts
    assert counts["refs_to_read"] == 1
    assert counts["points_planned"] >= 2
    assert not {"commits", "issues", "pull_requests", "md_files"} & counts.keys()
    for said in ("Resolved:", "sync llvm/llvm-project", "export Markdown", "push: skipped"):
        assert said in caplog.text
    tables = (f"{C}commit", f"{C}issue_item", f"{T}githubrepository", "cppa_user_tracker_baseprofile")
    assert llvm.rows(" UNION ALL ".join(f"SELECT 1 FROM {table}" for table in tables)) == []
    assert not clone(make_settings().workspace_dir).exists()
    collect()
    assert collect("--dry-run").counts["refs_to_read"] == 0


def test_a_window_reads_what_was_committed_and_updated_in_it(collect: Collect, llvm: Llvm) -> None:
    counts = collect("--since", "2024-03-01", "--until", "2024-03-31").counts
    assert counts["commits"] == 1
    assert llvm.rows(HISTORY) == [("2024-01-20", "2024-03-12")]
    assert llvm.rows(f"SELECT number FROM {C}issue_item") == [(3,)]
    assert llvm.rows("SELECT 1 FROM core_checkpoint") == []
    counts = collect("--start-time", "2024-02-01", "--end-time", "2024-03-01").counts
    assert (counts["commits"], counts["issues"], counts["pull_requests"]) == (1, 1, 1)


def test_an_end_alone_goes_on_from_what_is_stored(collect: Collect, llvm: Llvm) -> None:
    collect("--until", "2024-02-01")
    assert llvm.rows(HISTORY) == SAMPLE_HISTORY[:1]
    collect("--to-date", "2024-03-01")
    assert llvm.rows(HISTORY) == SAMPLE_HISTORY[:2]
    skipped = collect("--until", "2024-01-01").counts
    assert skipped["units_skipped"] == 2


@pytest.mark.parametrize("since", ["--since", "--from-date", "--start-time"])
def test_a_bad_date_ends_the_run_before_anything_is_resolved(
    collect: Collect, llvm: Llvm, since: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        with pytest.raises(CommandError, match="Invalid ISO datetime"):
            collect(since, "lately")
        with pytest.raises(CommandError, match="not before"):
            collect(since, "2024-01-02", "--until", "2024-01-01")
    assert "Resolved:" not in caplog.text
    assert list(llvm.sandbox.requests) == []


def test_the_state_says_where_the_run_started(collect: Collect, llvm: Llvm, make_context: Any) -> None:
    collect()
    state = ClangGithubCollector(make_context("run_clang_github_tracker")).load_incremental_state()
    assert state.checkpoint_token == f"clang:{KEY}"
    assert state.human_readable_marker == "2024-04-02T09:00:00.001000+00:00|2024-03-05T10:00:00.001000+00:00"


def test_staged_files_come_first(collect: Collect, llvm: Llvm, make_settings: Any) -> None:
    folder = make_settings().workspace_dir / "github_activity_tracker" / "llvm" / "llvm-project" / "commits"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(json.dumps({"sha": "d" * 40}), encoding="utf-8")
    result = collect()
    assert (result.counts["staged_imported"], result.counts["commits"]) == (1, 5)
    assert list(folder.iterdir()) == []
