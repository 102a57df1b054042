"""The command on a sandbox whose GitHub has what a test puts there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from boost_collectors import registry
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from include.sandbox.github.limits import LimitOptions
from include.sandbox.github.repository import Repository
from tests.bench import CollectorBench

COMMAND = "run_boost_usage_tracker"
PEOPLE = {"ada": "Ada Sample <ada@example.org>"}


class UsageBench(CollectorBench):
    """Repositories are made by ``repository`` and changed by ``push``; hours pass between commits."""

    spec: ClassVar[CommandSpec] = registry.find(COMMAND)
    folder: Path

    def repository(self, key: str, *commits: Mapping[str, str | None], **facts: Any) -> Repository:
        """A repository with a history of commits: each writes files, or removes those that are None."""
        owner, _, name = key.partition("/")
        world = self.sandbox.github.world
        given = {
            "languages": {"C++": 1000},
            "stars": 100,
            "default_branch": "main",
            "pushed_at": "2024-01-05T10:00:00Z",
        }
        row = Repository(id=world.new_id(), owner=world.login(owner), name=name, git=key, **(given | facts))
        self._commits: dict[str, list[dict[str, Any]]] = getattr(self, "_commits", {})
        self._commits[key] = []
        self.push(key, *commits)
        return world.add_repository(row)

    def push(self, key: str, *commits: Mapping[str, str | None]) -> None:
        """Further commits."""
        history = self._commits[key]
        for files in commits:
            number = len(history) + 1
            history.append(
                {
                    "id": f"c{number}",
                    "branch": "main",
                    "by": "ada",
                    "at": f"2024-01-{number:02}T10:00:00+00:00",
                    "message": "change\n",
                    "write": {path: text for path, text in files.items() if text is not None},
                    "delete": [path for path, text in files.items() if text is None],
                }
            )
        path = self.folder / "git" / f"{key}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({"default_branch": "main", "people": PEOPLE, "commits": history}))

    def usages(self) -> list[tuple[Any, ...]]:
        """Repository, file, header (None: unknown) and whether it is excepted, of every usage."""
        return self.rows(
            "SELECT r.repo_name, f.filename, h.filename, u.excepted_at IS NOT NULL"
            " FROM boost_usage_tracker_boostusage u JOIN github_activity_tracker_githubrepository r ON r.id = u.repo_id"
            " JOIN github_activity_tracker_githubfile f ON f.id = u.file_path_id"
            " LEFT JOIN github_activity_tracker_githubfile h ON h.id = u.boost_header_id ORDER BY 1, 2, 3"
        )

    def missing(self) -> list[tuple[Any, ...]]:
        """File and header of every include that no library has, and whether the file's placeholder is excepted."""
        return self.rows(
            "SELECT f.filename, m.header_name, u.excepted_at IS NOT NULL"
            " FROM boost_usage_tracker_boostmissingheadertmp m"
            " JOIN boost_usage_tracker_boostusage u ON u.id = m.usage_id"
            " JOIN github_activity_tracker_githubfile f ON f.id = u.file_path_id ORDER BY 1, 2"
        )

    def external(self) -> dict[str, tuple[bool, bool, str]]:
        """Used, embedded and version by name."""
        rows = self.rows(
            "SELECT r.repo_name, e.is_boost_used, e.is_boost_embedded, e.boost_version"
            " FROM boost_usage_tracker_boostexternalrepository e"
            " JOIN github_activity_tracker_githubrepository r ON r.id = e.githubrepository_ptr_id"
        )
        return {name: (used, embedded, version) for name, used, embedded, version in rows}

    def headers(self, *paths: str) -> dict[str, int]:
        """Give a Boost library these headers. Returns the id of each."""
        return {path: self._header(path) for path in paths}

    def _header(self, path: str) -> int:
        from boost_collectors.boost_library_tracker import services as libraries
        from boost_collectors.cppa_user_tracker import services as people
        from boost_collectors.github_activity_tracker import services as github

        with self.database.session() as session:
            owner, _ = people.get_or_create_github_account(session, 1, "boostorg")
            repo, _ = github.get_or_create_repository(session, owner, "sample")
            library, _ = libraries.get_or_create_boost_library(
                session, libraries.get_or_create_boost_library_repo(session, repo)[0], "sample"
            )
            file, _ = github.create_or_update_github_file(session, repo, path)
            libraries.get_or_create_boost_file(session, file, library)
            return file.id


@pytest.fixture
def bench(
    tmp_path: Path, database: Database, database_url: str, make_settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UsageBench]:
    folder = tmp_path / "samples"
    (folder / "github").mkdir(parents=True)
    with Sandbox(samples=folder, limits=LimitOptions(search=1000, code_search=1000)) as sandbox:
        bench = UsageBench(sandbox, database, database_url, make_settings)
        bench.folder = folder
        yield bench
