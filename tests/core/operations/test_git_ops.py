"""Working trees, against the sandbox over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from boost_collectors.core.errors import AuthenticationError, NetworkError, NotFoundError
from boost_collectors.core.operations.git_ops import clone_repo, prepare_repo_for_pull, pull, push
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox

TOKEN = "token-of-the-test-that-may-write"
RECIPE = f"""
push_token: {TOKEN}
people: {{ada: Ada <ada@example.org>}}
commits:
  - {{id: start, branch: master, by: ada, at: 2024-01-02T10:00:00Z, message: Start, write: {{a.txt: one}}}}
  - {{id: more, branch: master, by: ada, at: 2024-01-03T10:00:00Z, message: More, write: {{b.txt: two}}}}
"""


@dataclass
class Work:
    sandbox: Sandbox
    settings: Settings
    folder: Path

    def clone(self, name: str = "clone", **options: object) -> Path:
        target = self.folder / name
        clone_repo("pub/pages", target, settings=self.settings, **options)  # type: ignore[arg-type]
        return target

    def git(self, folder: Path, *arguments: str) -> str:
        variables = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def work(tmp_path: Path, make_settings: Callable[..., Settings]) -> Iterator[Work]:
    recipes = tmp_path / "samples" / "git" / "pub"
    recipes.mkdir(parents=True)
    (recipes / "pages.yaml").write_text(RECIPE, encoding="utf-8")
    with Sandbox(samples=tmp_path / "samples") as sandbox:
        yield Work(sandbox, make_settings(GITHUB_GIT_URL=f"{sandbox.url}/git", GITHUB_TOKEN=TOKEN), tmp_path)


def test_a_clone_remembers_no_token(work: Work) -> None:
    clone = work.clone()
    assert work.git(clone, "remote", "get-url", "origin") == f"{work.sandbox.url}/git/pub/pages.git"
    assert not [path for path in clone.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert work.git(clone, "rev-list", "--count", "HEAD") == "2"


def test_a_login_in_the_url_is_not_kept(work: Work) -> None:
    url = work.sandbox.url.replace("http://", "http://x-access-token:old-token-of-somebody@")
    clone_repo(f"{url}/git/pub/pages", work.folder / "clone", depth=1, settings=work.settings)
    assert work.git(work.folder / "clone", "remote", "get-url", "origin").startswith(work.sandbox.url)
    assert work.git(work.folder / "clone", "rev-list", "--count", "HEAD") == "1"


def test_push_commits_what_changed(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ambient")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "ambient@example.org")
    clone = work.clone()
    (clone / "new.txt").write_text("new")
    push(clone, git_user_name="Robot", git_user_email="robot@example.org", settings=work.settings)
    other = work.clone("other")
    commit = work.git(other, "log", "-1", "--format=%an <%ae> %cn <%ce>|%s")
    assert re.fullmatch(r"(Robot <robot@example.org> ?){2}\|Auto commit in [\d-]+ [\d:]+ UTC", commit)
    assert "Robot" not in (clone / ".git" / "config").read_text()


def test_push_of_chosen_paths_to_a_branch(work: Work) -> None:
    clone = work.clone()
    (clone / "chosen.txt").write_text("x")
    (clone / "left.txt").write_text("x")
    who = {"git_user_name": "R", "git_user_email": "r@example.org"}
    push(clone, branch="master", commit_message="Chosen", add_paths=["chosen.txt"], settings=work.settings, **who)
    assert sorted(path.name for path in work.clone("other").glob("*.txt")) == ["a.txt", "b.txt", "chosen.txt"]


def test_push_with_nothing_to_commit_still_pushes(work: Work) -> None:
    clone = work.clone()
    who = ["-c", "user.name=R", "-c", "user.email=r@example.org"]
    work.git(clone, *who, "commit", "--allow-empty", "-m", "made before")
    push(clone, settings=work.settings)
    assert work.git(work.clone("other"), "log", "-1", "--format=%s") == "made before"


def test_a_token_in_an_older_clone_is_not_used(work: Work) -> None:
    clone = work.clone()
    url = work.sandbox.url.replace("http://", "http://x-access-token:old-token-of-somebody@")
    work.git(clone, "remote", "set-url", "origin", f"{url}/git/pub/pages.git")
    (clone / "new.txt").write_text("new")
    push(clone, git_user_name="R", git_user_email="r@example.org", settings=work.settings)
    with pytest.raises(AuthenticationError) as caught:
        push(clone, token="another-token-that-may-not", settings=work.settings)
    assert not [part for part in ("old-token", "another-token") if part in str(caught.value)]


def test_pull_and_prepare(work: Work) -> None:
    behind, ahead = work.clone("behind"), work.clone("ahead")
    (ahead / "new.txt").write_text("new")
    push(ahead, git_user_name="R", git_user_email="r@example.org", settings=work.settings)
    (behind / "a.txt").write_text("changed here")
    (behind / "junk").mkdir()
    (behind / "junk" / "file").write_text("junk")
    prepare_repo_for_pull(behind, settings=work.settings)
    assert work.git(behind, "status", "--short") == ""
    assert work.git(behind, "rev-parse", "origin/master") == work.git(ahead, "rev-parse", "HEAD")
    pull(behind, "master", settings=work.settings)
    pull(behind, settings=work.settings)
    assert (behind / "new.txt").read_text() == "new"


def test_failures_say_what_to_do(work: Work) -> None:
    with pytest.raises(NotFoundError):
        clone_repo("pub/missing", work.folder / "x", settings=work.settings)
    work.sandbox.faults.add("*/info/refs*", "dropped")
    with pytest.raises(NetworkError) as caught:
        work.clone()
    assert TOKEN not in str(caught.value)


def test_other_hosts_get_no_token(work: Work, make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(GITHUB_GIT_URL="https://github.example", GITHUB_TOKEN=TOKEN)
    clone_repo(f"{work.sandbox.url}/git/pub/pages.git", work.folder / "clone", settings=settings)
    with pytest.raises(AuthenticationError):
        push(work.folder / "clone", settings=settings)
