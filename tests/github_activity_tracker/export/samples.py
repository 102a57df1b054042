"""An issue and a pull request with everything, and a command's and a visitor's view of what is published of them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.export import boost_target, publish
from boost_collectors.github_activity_tracker.records import (
    Actor,
    Comment,
    Issue,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
)
from include.sandbox import Sandbox

ADA = Actor(1, "ada", "Ada")
BOB = Actor(2, "bob")


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2024, 3, day, hour, tzinfo=UTC)


ISSUE = Issue(
    number=7,
    id=700,
    author=ADA,
    title="Crash: on <start>",
    body="It crashes",
    state="open",
    state_reason="",
    created_at=at(1),
    updated_at=at(2),
    closed_at=None,
    comments=(Comment(71, BOB, "Confirmed", at(2), at(2)),),
)
PULL = PullRequest(
    number=8,
    id=800,
    author=BOB,
    title="Fix it",
    body="Fixes #7",
    state="merged",
    head_hash="a" * 40,
    base_hash="b" * 40,
    created_at=at(3),
    updated_at=at(5),
    merged_at=at(5),
    closed_at=at(5),
    comments=(Comment(81, ADA, "Thanks", at(3, 1), at(3, 1)),),
    reviews=(
        Review(82, ADA, "CHANGES_REQUESTED", "Please", at(3, 2), at(3, 2)),
        Review(86, BOB, "COMMENTED", "", at(4), at(4)),
    ),
    review_comments=(
        ReviewComment(
            83, ADA, "```suggestion\nnewer\n```", at(3, 2), at(3, 2), None, 82, "T1", "a.cpp", 1, 1, "@@ -1 +1 @@\n+new"
        ),
        ReviewComment(84, BOB, "Done", at(4), at(4), 83, 86, "T1", "a.cpp", 1, 1, "@@ -1 +1 @@\n+new"),
    ),
    threads=(ReviewThread("T1", "a.cpp", 1, True, False, ADA),),
)


@dataclass
class Publishing:
    """A command's view of the target, and a visitor's."""

    sandbox: Sandbox
    context: RunContext
    folder: Path

    def store(self, *items: Issue | PullRequest, name: str = "boost") -> int:
        """Store items as a collector does, in one transaction."""
        with self.context.database.session() as session:
            repo = services.ensure_repository(session, "boostorg", name)
            services.store_issues(session, repo, [item for item in items if isinstance(item, Issue)])
            services.store_pull_requests(session, repo, [item for item in items if isinstance(item, PullRequest)])
        return repo

    def publish(self, **fields: Any) -> dict[str, int]:
        context = replace(self.context, **fields)
        counts: Counts = publish(context, boost_target(context))
        return {name.removeprefix("markdown_"): value for name, value in counts.as_dict().items() if value}

    def git(self, *arguments: str) -> str:
        (repository,) = self.folder.glob("cache/git/pub/pages-*.git")
        variables = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", f"--git-dir={repository}", *arguments]
        return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout

    def files(self) -> list[str]:
        return self.git("ls-tree", "-r", "-z", "--name-only", "master").split("\0")[:-1]

    def text(self, path: str) -> str:
        return self.git("show", f"master:{path}")

    def log(self) -> list[str]:
        return self.git("log", "--format=%s", "master").splitlines()
