"""Publishing Clang's Markdown by git over HTTP."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from boost_collectors.core.errors import CommandError, ConfigurationError, NetworkError, TransientError
from tests.clang_github_tracker.conftest import KEY, Collect, Llvm

FILES = [
    "issues/2024/2024-02/#1 - [clang] crash on an empty lambda.md",
    "issues/2024/2024-03/#3 - [clang-tidy] Suggest a check.md",
    "pull_requests/2024/2024-02/#2 - [clang] Do not crash on an empty lambda.md",
]
MESSAGE = "chore: update Clang issues/PRs markdown"


def files(llvm: Llvm) -> list[str]:
    return llvm.published("ls-tree", "-r", "-z", "--name-only", "master").split("\0")[:-1]


def log(llvm: Llvm) -> list[str]:
    return llvm.published("log", "--format=%s|%an|%ae|%cn", "master").splitlines()


def pushes(llvm: Llvm) -> int:
    return sum(request.path.endswith("git-receive-pack") for request in llvm.sandbox.requests)


def test_what_was_read_is_published_by_one_push_and_no_change_makes_no_commit(publish: Collect, llvm: Llvm) -> None:
    first = publish(GIT_AUTHOR_NAME="Pub Lisher", GIT_AUTHOR_EMAIL="pub@example.org")
    assert first.counts["md_files"] == 3
    assert files(llvm) == FILES
    assert log(llvm) == [f"{MESSAGE}|Pub Lisher|pub@example.org|Pub Lisher"]
    assert pushes(llvm) == 1
    llvm.sandbox.requests.clear()
    second = publish()
    assert second.counts["md_files"] == 0
    assert not [request for request in llvm.sandbox.requests if "sample-publisher" in request.path]
    assert len(log(llvm)) == 1


def test_a_new_title_takes_the_place_of_the_old_one(publish: Collect, llvm: Llvm) -> None:
    publish()
    llvm.sandbox.github.changes.edit_item(KEY, 3, title="[clang-tidy] Suggest: another?")
    assert publish().counts["md_files"] == 1
    assert files(llvm) == [FILES[0], "issues/2024/2024-03/#3 - [clang-tidy] Suggest another.md", FILES[2]]


def test_a_failed_push_leaves_the_numbers_waiting(publish: Collect, llvm: Llvm) -> None:
    llvm.sandbox.faults.add("*/git-receive-pack", "dropped", times=1)
    with pytest.raises(NetworkError, match="Git push failed") as caught:
        publish()
    assert caught.value.result is not None
    assert caught.value.result.counts["commits"] == 4
    again = publish("--skip-github-sync")
    assert again.counts["md_files"] == 3
    assert files(llvm) == FILES


def test_without_a_push_files_are_written_and_gone_after_the_next_push(
    publish: Collect, llvm: Llvm, make_settings: Any
) -> None:
    folder = make_settings().workspace_dir / "github_activity_tracker" / "md_export"
    assert publish("--skip-remote-push").counts["md_files"] == 3
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md")) == FILES
    llvm.sandbox.faults.add("*/git-receive-pack", "dropped", times=1)
    with pytest.raises(NetworkError):
        publish()
    assert len(list(folder.rglob("*.md"))) == 3
    publish()
    assert not folder.exists()
    assert files(llvm) == FILES


def test_without_an_export_everything_waits(publish: Collect, llvm: Llvm) -> None:
    assert publish("--skip-markdown-export", GITHUB_TOKEN_WRITE="").counts["md_files"] == 0
    assert pushes(llvm) == 0
    assert publish().counts["md_files"] == 3


def test_without_a_target_that_is_an_error_in_the_log_and_the_run_goes_on(
    collect: Collect, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert collect().success
    assert "no target repository is configured" in caplog.text


def test_a_blank_branch_is_master_and_another_one_must_be_there(publish: Collect, llvm: Llvm) -> None:
    publish(CLANG_GITHUB_CONTEXT_REPO_BRANCH=" ")
    assert files(llvm) == FILES
    with pytest.raises(CommandError, match="no branch other"):
        publish(CLANG_GITHUB_CONTEXT_REPO_BRANCH="other")


def test_names_are_checked(publish: Collect, llvm: Llvm) -> None:
    for part, what in (("OWNER", "owner"), ("NAME", "repo")):
        for name in ("..", ".", "a/b", "a\\b", "/a", "-a", "a-", "a b", "_a"):
            with pytest.raises(CommandError, match=f"Invalid GitHub {what}"):
                publish("--skip-github-sync", **{f"CLANG_GITHUB_CONTEXT_REPO_{part}": name})
    assert list(llvm.sandbox.requests) == []


def test_the_write_token_is_asked_for_before_anything_is_read(publish: Collect, llvm: Llvm) -> None:
    with pytest.raises(ConfigurationError, match="GITHUB_TOKEN_WRITE"):
        publish(GITHUB_TOKEN_WRITE="")
    assert list(llvm.sandbox.requests) == []
    assert publish("--skip-remote-push", GITHUB_TOKEN_WRITE="").success


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"CLANG_GITHUB_CONTEXT_REPO_NAME": "nothing"}, "Git clone failed"),
        ({"GITHUB_TOKEN_WRITE": "wrong-token-of-a-test"}, "Git push failed"),
    ],
)
def test_failures_say_what_failed_and_no_token(
    publish: Collect, broken: dict[str, str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(CommandError, match=said) as caught:
        publish(**broken)
    for token in ("sandbox-write-token", "wrong-token-of-a-test"):
        assert token not in f"{caught.value} {caplog.text}"


def test_a_workspace_that_takes_no_clone_fails_the_run_and_hides_nothing(
    publish: Collect, llvm: Llvm, make_settings: Any
) -> None:
    folder = make_settings().workspace_dir / "publish"
    folder.mkdir(parents=True)
    (folder / "sample-publisher").write_text("in the way", encoding="utf-8")
    with pytest.raises(CommandError, match="prepare clone") as caught:
        publish()
    assert caught.value.result is not None
    assert caught.value.result.counts["commits"] == 4


def test_somebody_elses_files_and_commits_stay(publish: Collect, llvm: Llvm, tmp_path: Any) -> None:
    publish()
    llvm.sandbox.github.changes.edit_item(KEY, 1, body="`clang -c crash.cpp` ends with a signal, still.")
    tree = llvm.published("rev-parse", "master^{tree}").strip()
    who = ("-c", "user.name=Else", "-c", "user.email=else@example.org")
    other = llvm.published(*who, "commit-tree", "-m", "by somebody else", "-p", "master", tree).strip()
    llvm.published("update-ref", "refs/heads/master", other)
    publish()
    assert [line.partition("|")[0] for line in log(llvm)] == [MESSAGE, "by somebody else", MESSAGE]


def test_what_was_read_is_published_though_another_unit_failed(publish: Collect, llvm: Llvm) -> None:
    llvm.sandbox.faults.add("/git/llvm/*", "status", status=500, times=None)
    with pytest.raises(TransientError, match="commits") as caught:
        publish()
    assert caught.value.result is not None
    assert caught.value.result.counts["md_files"] == 3
    assert files(llvm) == FILES
