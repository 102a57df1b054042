"""Publishing over HTTP to the sandbox, which takes real pushes from who has the token."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import AlreadyRunning, CommandError, NetworkError
from boost_collectors.core.locks import hold
from boost_collectors.core.publish_clone import SIZE_LIMIT
from boost_collectors.core.publish_paths import checked_path
from boost_collectors.core.publishing import PublishTarget, publish
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox

TOKEN = "token-of-the-test-that-may-write"
TARGET = PublishTarget("pub", "pages")
ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
RECIPE = f"push_token: {TOKEN}\ncommits: []\n"
STARTED = f"""
push_token: {TOKEN}
people: {{ada: Ada <ada@example.org>}}
commits:
  - {{id: start, branch: master, by: ada, at: 2024-01-02T10:00:00Z, message: Start,
      write: {{README.md: hello, docs/old.md: old, docs/kept.md: kept}}}}
"""


@dataclass
class Hosting:
    """The sandbox, and what a visitor of the repository sees."""

    sandbox: Sandbox
    folder: Path
    context: RunContext

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], env=ENVIRONMENT, cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout

    def files(self) -> dict[str, str]:
        """Path and content of everything on the branch."""
        names = self.git(f"--git-dir={self.repository}", "ls-tree", "-r", "-z", "--name-only", "master").split("\0")
        return {name: self.git(f"--git-dir={self.repository}", "show", f"master:{name}") for name in names if name}

    def log(self, form: str = "%s") -> list[str]:
        return self.git(f"--git-dir={self.repository}", "log", f"--format={form}", "master").splitlines()

    @property
    def repository(self) -> Path:
        (found,) = self.folder.glob("cache/git/pub/pages-*.git")
        return found

    def publish(self, files: Any, **more: Any) -> Any:
        return publish(self.context, TARGET, files, message=more.pop("message", "an update"), **more)


@pytest.fixture
def make_hosting(
    tmp_path: Path, make_settings: Callable[..., Settings], make_context: Callable[..., RunContext], database_url: str
) -> Iterator[Callable[..., Hosting]]:
    opened: list[Sandbox] = []

    def make(recipe: str = RECIPE, token: str = TOKEN) -> Hosting:
        samples = tmp_path / "samples"
        (samples / "git" / "pub").mkdir(parents=True)
        (samples / "git" / "pub" / "pages.yaml").write_text(recipe, encoding="utf-8")
        sandbox = Sandbox(samples=samples, cache=tmp_path / "cache")
        opened.append(sandbox.__enter__())
        settings = make_settings(
            DATABASE_URL=database_url,
            GITHUB_GIT_URL=f"{sandbox.url}/git",
            GITHUB_TOKEN_WRITE=token,
            GIT_AUTHOR_NAME="The <Robot>",
            GIT_AUTHOR_EMAIL="robot@example.org",
        )
        clock = lambda: datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)  # noqa: E731 - a value of the context
        return Hosting(sandbox, tmp_path, make_context(settings=settings, clock=clock))

    yield make
    for sandbox in opened:
        sandbox.close()


def test_a_first_push_makes_the_branch_of_an_empty_repository(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting()
    source = hosting.folder / "page.md"
    source.write_text("from a file", encoding="utf-8")
    odd = 'issues/2024/#7 - "quoted" é .md'
    result = hosting.publish({odd: b"text\n", "b/page.md": source})
    assert hosting.files() == {odd: "text\n", "b/page.md": "from a file"}
    assert result.files_changed == 2
    assert hosting.log("%H|%an <%ae>|%cn <%ce>|%ct|%s") == [
        f"{result.commit}|The Robot <robot@example.org>|The Robot <robot@example.org>|1714979289|an update"
    ]


def test_nothing_to_change_makes_no_commit(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting()
    first = hosting.publish({"a.md": b"a"})
    hosting.sandbox.requests.clear()
    again = hosting.publish({"a.md": b"a"}, stale=["never/there.md"])
    assert (again.commit, again.files_changed) == (None, 0)
    assert hosting.log("%H") == [first.commit]
    assert not [request for request in hosting.sandbox.requests if "receive-pack" in request.path]


def test_nothing_for_an_empty_repository(make_hosting: Callable[..., Hosting]) -> None:
    assert make_hosting().publish({}).commit is None


def test_git_is_given_only_what_differs_from_the_branch(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    result = hosting.publish({"README.md": b"written anew", "docs/kept.md": b"kept"}, stale=["docs/old.md"])
    assert hosting.files() == {"README.md": "written anew", "docs/kept.md": "kept"}
    assert result.files_changed == 2
    (clone,) = {path.parent for path in hosting.context.workspace.root.rglob("FETCH_HEAD")}
    held = hosting.git(f"--git-dir={clone}", "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    sizes = {line.split()[2] for line in held if " blob " in line}
    assert str(len("written anew")) in sizes
    assert str(len("kept")) not in sizes


def test_a_file_of_a_folder_that_goes_stays_when_it_is_published(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    hosting.publish({"docs/kept.md": b"kept"}, stale=["docs"])
    assert hosting.files() == {"README.md": "hello", "docs/kept.md": "kept"}


def test_stale_paths_go_and_other_files_stay(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    result = hosting.publish({"docs/new.md": b"new", "docs/kept.md": b"kept 2"}, stale=["docs/old.md", "docs/kept.md"])
    assert hosting.files() == {"README.md": "hello", "docs/new.md": "new", "docs/kept.md": "kept 2"}
    assert (result.files_changed, hosting.log()) == (3, ["an update", "Start"])


def test_stale_paths_may_be_chosen_from_what_is_there(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)

    def chosen(paths: Iterator[str]) -> list[str]:
        return [path for path in paths if path.startswith("docs/")]

    hosting.publish({"docs/new.md": b"new"}, stale=chosen)
    assert hosting.files() == {"README.md": "hello", "docs/new.md": "new"}


def test_a_clone_holds_neither_contents_nor_history_nor_the_token(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    hosting.publish({"a.md": b"a"})
    (clone,) = (hosting.context.workspace.root / "publish").glob("pub/pages/*.git")
    objects = hosting.git(f"--git-dir={clone}", "cat-file", "--batch-check", "--batch-all-objects").splitlines()
    assert sorted(line.split()[1] for line in objects).count("blob") == 1
    everything = b"".join(path.read_bytes() for path in clone.rglob("*") if path.is_file())
    assert TOKEN.encode() not in everything
    assert b"x-access-token" not in everything


def test_the_token_is_on_no_command_line(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting()
    hosting.sandbox.faults.add("*/git-receive-pack", "latency", seconds=1.0)
    seen: list[bytes] = []
    pushing = threading.Thread(target=hosting.publish, args=({"a.md": b"a"},))
    pushing.start()
    while pushing.is_alive():
        seen += [line for line in _command_lines() if b"push" in line]
        pushing.join(0.05)
    assert seen
    assert not [line for line in seen if TOKEN.encode() in line]


def _command_lines() -> list[bytes]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes())
        except OSError:
            continue
    return [line for line in lines if line.startswith(b"git\0")]


def _push_by_another(hosting: Hosting, name: str) -> None:
    """A commit by somebody else, straight into the repository."""
    work = hosting.folder / f"work-{name}"
    hosting.git("clone", "--quiet", str(hosting.repository), str(work))
    (work / name).write_text("theirs", encoding="utf-8")
    who = ["-c", "user.name=Them", "-c", "user.email=them@example.org"]
    hosting.git("-C", str(work), "add", ".")
    hosting.git("-C", str(work), *who, "commit", "--quiet", "-m", f"their {name}")
    hosting.git("-C", str(work), "push", "--quiet", "origin", "HEAD:master")


def test_a_branch_that_moved_meanwhile_gets_the_change_on_its_new_head(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)

    def files() -> Iterator[tuple[str, bytes]]:
        yield "docs/new.md", b"new"
        _push_by_another(hosting, "theirs.md")  # after the head was read, before the push

    result = hosting.publish(files(), stale=["docs/old.md"])
    assert hosting.log() == ["an update", "their theirs.md", "Start"]
    assert set(hosting.files()) == {"README.md", "docs/kept.md", "docs/new.md", "theirs.md"}
    assert result.files_changed == 2


def test_the_same_change_by_another_leaves_nothing_to_do(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)

    def files() -> Iterator[tuple[str, bytes]]:
        yield "theirs.md", b"theirs"
        _push_by_another(hosting, "theirs.md")

    assert hosting.publish(files()).commit is None
    assert hosting.log() == ["their theirs.md", "Start"]


def test_a_push_whose_answer_was_lost_is_not_made_twice(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    hosting.sandbox.faults.add("*/git-receive-pack", "truncated", after=0)
    with pytest.raises(NetworkError, match="Git push failed"):
        hosting.publish({"a.md": b"a"})
    hosting.publish({"a.md": b"a"})
    assert hosting.log() == ["an update", "Start"]


def test_a_killed_git_leaves_no_lock_behind(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    hosting.publish({"a.md": b"a"})
    (clone,) = (hosting.context.workspace.root / "publish").glob("pub/pages/*.git")
    for lock in ("shallow.lock", "refs/publish/next.lock", "config.lock"):
        (clone / lock).write_text("")
    hosting.publish({"b.md": b"b"})
    assert {"a.md", "b.md"} <= set(hosting.files())


@pytest.mark.parametrize("left", ["folder", "file", "broken"])
def test_what_is_no_clone_gives_way(make_hosting: Callable[..., Hosting], left: str) -> None:
    hosting = make_hosting(STARTED)
    hosting.publish({"a.md": b"a"})
    (clone,) = (hosting.context.workspace.root / "publish").glob("pub/pages/*.git")
    if left == "broken":
        (clone / "HEAD").write_text("nonsense")
    else:
        clone.rename(clone.with_name("away"))
        if left == "folder":
            (clone / "notes").mkdir(parents=True)
        else:
            clone.write_text("a file")
    hosting.publish({"b.md": b"b"})
    assert {"a.md", "b.md"} <= set(hosting.files())


def test_a_clone_that_has_grown_too_big_is_made_anew(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    hosting.publish({"a.md": b"a"})
    (clone,) = (hosting.context.workspace.root / "publish").glob("pub/pages/*.git")
    with (clone / "ballast").open("wb") as ballast:
        ballast.truncate(SIZE_LIMIT + 1)  # takes no room on the disk
    hosting.publish({"b.md": b"b"})
    assert not (clone / "ballast").exists()
    assert {"a.md", "b.md"} <= set(hosting.files())


def test_without_a_token(make_hosting: Callable[..., Hosting]) -> None:
    with pytest.raises(CommandError, match="No write token"):
        make_hosting(token="").publish({"a.md": b"a"})


def test_with_a_wrong_token(make_hosting: Callable[..., Hosting]) -> None:
    wrong = "another-token-that-may-not"
    with pytest.raises(CommandError, match="Git push failed") as caught:
        make_hosting(token=wrong).publish({"a.md": b"a"})
    chain = [caught.value, caught.value.__cause__]
    assert not [error for error in chain if wrong in str(error)]


def test_a_repository_that_is_not_there(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting()
    with pytest.raises(CommandError, match=r"Git clone failed \(may the token"):
        publish(hosting.context, PublishTarget("pub", "missing"), {"a": b"a"}, message="m")


def test_a_branch_that_is_not_there(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    with pytest.raises(CommandError, match="no branch typo"):
        publish(hosting.context, PublishTarget("pub", "pages", "typo"), {"a": b"a"}, message="m")


def test_a_file_where_the_folder_of_clones_belongs(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting()
    (hosting.context.workspace.path("publish") / "pub").write_text("in the way", encoding="utf-8")
    with pytest.raises(CommandError, match="Could not prepare clone"):
        hosting.publish({"a.md": b"a"})


def test_a_failing_pull_of_a_known_repository(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    hosting.publish({"a.md": b"a"})
    hosting.sandbox.faults.add("*/info/refs*", "status", status=503)
    with pytest.raises(NetworkError, match="Git pull failed"):
        hosting.publish({"b.md": b"b"})


def test_files_of_the_clone_are_not_published(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    hosting.publish({"a.md": b"a"})
    (clone,) = (hosting.context.workspace.root / "publish").glob("pub/pages/*.git")
    with pytest.raises(CommandError, match="must not overlap"):
        hosting.publish({"b.md": clone / "config"})


def test_two_runs_do_not_publish_to_one_branch_at_once(make_hosting: Callable[..., Hosting]) -> None:
    hosting = make_hosting(STARTED)
    with hold(hosting.context.database, "publish", [TARGET.key]), pytest.raises(AlreadyRunning):
        hosting.publish({"a.md": b"a"})


PATHS = ["", "/a", "a//b", "../a", "a/../b", "a/.", ".git/config", "a/.GIT/b", "a\\b", "a\nb", "a\0b", "git~1/x"]


@pytest.mark.parametrize("path", [*PATHS, ".g\u200cit/config", "x" * 256, "é" * 128])
def test_no_path_escapes(make_hosting: Callable[..., Hosting], path: str) -> None:
    with pytest.raises(CommandError, match="escapes"):
        checked_path(path)


@pytest.mark.parametrize("place", ["files", "stale"])
def test_a_bad_path_publishes_nothing(make_hosting: Callable[..., Hosting], place: str) -> None:
    hosting = make_hosting(STARTED)
    bad = {"files": {"a.md": b"a", "../b.md": b"b"}, "stale": {"a.md": b"a"}}[place]
    with pytest.raises(CommandError, match="escapes"):
        hosting.publish(bad, stale=["../c"] if place == "stale" else [])
    assert hosting.log() == ["Start"]


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "a\\b", "/a", "-a", "a-", ".a", "a b", "a\n"])
def test_names_of_owners_and_repositories(name: str) -> None:
    with pytest.raises(CommandError, match="Invalid GitHub owner"):
        PublishTarget(name, "repo")
    with pytest.raises(CommandError, match="Invalid GitHub repo"):
        PublishTarget("owner", name)


def test_a_blank_branch_is_master() -> None:
    assert PublishTarget("a", "b", " ").branch == "master"
    with pytest.raises(CommandError, match="Invalid branch"):
        PublishTarget("a", "b", "--upload-pack=x")


def test_what_git_says_is_logged_nowhere_with_the_token(
    make_hosting: Callable[..., Hosting], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make_hosting().publish({"a.md": b"a"})
    assert TOKEN not in caplog.text
