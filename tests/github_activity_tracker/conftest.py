"""Repositories made for a test, and a collector pointed at them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.context import RunContext
from boost_collectors.core.git import Git
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker.git import Commit, PatchLimits, read_commits

OWNER = "boostorg"
START = 1_400_000_000
GIT_URL = "http://git.test"


class Workshop:
    """A repository and the means to write its history. Every commit is an hour younger than the one before."""

    def __init__(self, path: Path, branch: str = "develop") -> None:
        self.path = path
        self._hour = 0
        path.mkdir(parents=True)
        self.git("init", "--quiet", f"--initial-branch={branch}")
        self.git("config", "uploadpack.allowFilter", "true")

    def git(self, *arguments: str | bytes, input: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Cora",
            "GIT_COMMITTER_EMAIL": "cora@example.org",
            **(env or {}),
        }
        command = ["git", "-C", str(self.path), "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, env=variables, input=input, check=True, capture_output=True)
        return done.stdout.decode("utf-8", "replace").strip()

    def commit(
        self,
        message: str = "a change",
        files: Mapping[str, bytes | str | None] | None = None,
        *,
        authored: int | None = None,
        committed: int | None = None,
        **env: str,
    ) -> str:
        """Write files (None removes one), commit everything, return the hash. Times are seconds since 1970."""
        for name, content in (files or {}).items():
            self.write(name, content)
        self._hour += 1
        at = START + 3600 * self._hour
        dates = {"GIT_AUTHOR_DATE": f"{authored or at} +0000", "GIT_COMMITTER_DATE": f"{committed or at} +0000"}
        self.git("add", "--all")
        self.git(
            "commit",
            "--quiet",
            "--allow-empty",
            "--allow-empty-message",
            "-F-",
            input=message.encode(),
            env=dates | env,
        )
        return self.head()

    def write(self, name: str, content: bytes | str | None) -> None:
        path = self.path / name
        if content is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def merge(self, branch: str, message: str = "merge") -> str:
        self._hour += 1
        dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{START + 3600 * self._hour} +0000")
        self.git("merge", "--quiet", "--no-ff", "-m", message, branch, env=dates)
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def count(self) -> int:
        return int(self.git("rev-list", "--count", "--branches", "--tags"))

    def read(self, *, patches: bool = True, limits: PatchLimits | None = None) -> list[Commit]:
        """All commits as the reader sees them, oldest first."""
        tips = self.git("for-each-ref", "--format=%(objectname)", "refs/heads", "refs/tags").split()
        return list(read_commits(Git(self.path), tips, patches=patches, limits=limits))


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """The folder that holds ``owner/name.git``."""
    return tmp_path / "host"


@pytest.fixture
def make_repository(host: Path) -> Callable[..., Workshop]:
    def make(name: str = "boost", owner: str = OWNER, **options: Any) -> Workshop:
        return Workshop(host / owner / f"{name}.git", **options)

    return make


@pytest.fixture
def repository(make_repository: Callable[..., Workshop]) -> Workshop:
    """The superproject: the one repository that is always collected."""
    return make_repository()


@pytest.fixture
def environment(host: Path, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of a process whose repositories come from the host folder, by git's own rewriting of URLs."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[url "file://{host}/"]\n\tinsteadOf = {GIT_URL}/\n', encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    return {
        "DATABASE_URL": database_url,
        "GITHUB_GIT_URL": GIT_URL,
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "WORKSPACE_DIR": str(tmp_path / "workspace"),
    }


@pytest.fixture
def context(
    environment: dict[str, str], make_settings: Callable[..., Settings], make_context: Callable[..., RunContext]
) -> Callable[..., RunContext]:
    """A context of a run of the command, with that environment."""
    settings = make_settings(**environment)

    def make(**fields: Any) -> RunContext:
        return make_context("run_boost_github_activity_tracker", settings=settings, **fields)

    return make
