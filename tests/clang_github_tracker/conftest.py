"""A sandbox whose LLVM a test may change, and runs of the tracker's commands against it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.protocols import TrackerResult
from include.sandbox import Sandbox
from include.sandbox.git import publishing
from include.sandbox.shelf import SAMPLES

Collect = Callable[..., TrackerResult]
COMMAND = registry.find("run_clang_github_tracker")
KEY = "llvm/llvm-project"


@dataclass
class Llvm:
    """The sandbox with its own copy of LLVM's history, and what the tracker made of it."""

    sandbox: Sandbox
    folder: Path
    database: Database

    @property
    def recipe(self) -> Path:
        return self.folder / "samples" / "git" / "llvm" / "llvm-project.yaml"

    def commits(self) -> list[dict[str, Any]]:
        """The commits of the recipe."""
        return list(yaml.safe_load(self.recipe.read_text(encoding="utf-8"))["commits"])

    def rewrite(self, commits: list[dict[str, Any]]) -> None:
        """Give the repository this history."""
        recipe = yaml.safe_load(self.recipe.read_text(encoding="utf-8")) | {"commits": commits}
        self.recipe.write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")

    def commit(self, id: str, at: str, **fields: Any) -> None:
        """Add a commit to the default branch."""
        new = {"id": id, "branch": "main", "by": "lena", "at": at, "message": id, "write": {id: id}}
        self.rewrite([*self.commits(), new | fields])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.session() as session:
            return [tuple(row) for row in session.execute(text(query))]

    def published(self, *arguments: str) -> str:
        """What git says about the repository that Markdown is published to."""
        (repository,) = self.folder.glob("cache/git/sample-publisher/clang-*.git")
        variables = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", f"--git-dir={repository}", *arguments]
        return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def llvm(tmp_path: Path, database: Database) -> Iterator[Llvm]:
    shutil.copytree(SAMPLES, tmp_path / "samples")
    with Sandbox(samples=tmp_path / "samples", cache=tmp_path / "cache") as sandbox:
        yield Llvm(sandbox, tmp_path, database)


@pytest.fixture
def variables(llvm: Llvm, database_url: str) -> dict[str, str]:
    impatient = {"HTTP_MAX_ATTEMPTS": "2", "HTTP_MAX_WAIT_SECONDS": "1", "GITHUB_QUOTA_RESERVE": "0"}
    return llvm.sandbox.environment() | impatient | {"DATABASE_URL": database_url}


@pytest.fixture
def collect(variables: dict[str, str], make_settings: Any) -> Collect:
    """``collect("--flag", SETTING="x")``: one run of the command line."""

    def run(*arguments: str, **more: str) -> TrackerResult:
        result = execute(COMMAND, Request(arguments), settings=make_settings(**variables | more))
        assert result is not None
        return result

    return run


@pytest.fixture
def publish(collect: Collect) -> Collect:
    """``collect`` with a repository to publish to."""
    return lambda *arguments, **more: collect(*arguments, **publishing() | more)


def written(result: TrackerResult) -> dict[str, int]:
    return {name: n for name, n in result.counts.items() if n and name.endswith(("_inserted", "_updated", "_gone"))}
