"""``run_update_db`` on a database that knows a few accounts, repositories, files and headers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.boost_library_tracker import services as libraries
from boost_collectors.boost_usage_tracker import services
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_user_tracker import services as people
from boost_collectors.github_activity_tracker import services as github

SPEC = registry.find("run_update_db")


@dataclass
class Imports:
    """Runs the command and looks at what became of it. ``said`` is what the last run wrote, to stdout and stderr."""

    database: Database
    settings: Settings
    folder: Path
    capture: pytest.CaptureFixture[str]
    said: tuple[str, str] = ("", "")

    def run(self, target: str, content: str | bytes | None = None, *, name: str = "given.csv") -> dict[str, int]:
        """Import a file of this content, or the default one. Returns the counts of the line that tells them."""
        arguments: tuple[str, ...] = ("--target", target)
        if content is not None:
            path = self.folder / name
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            arguments += ("--source", str(path))
        return self.execute(*arguments)

    def execute(self, *arguments: str) -> dict[str, int]:
        try:
            execute(SPEC, Request(arguments=arguments), settings=self.settings)
        finally:
            self.said = tuple(self.capture.readouterr())  # type: ignore[assignment]
        return self.counts

    def fail(self, target: str, content: str | bytes | None = None, *, name: str = "given.csv") -> str:
        """Import what must fail. Returns what was written to stderr, after which the error names the target."""
        with pytest.raises(CommandError, match=rf"{target} failed"):
            self.run(target, content, name=name)
        return self.said[1]

    @property
    def counts(self) -> dict[str, int]:
        """Of the first line; ``created`` and ``updated`` behind ``repos:`` and ``ext:`` with that in front."""
        found: dict[str, int] = {}
        kind = ""
        for word in self.said[0].splitlines()[0].split() if self.said[0] else ():
            name, is_count, number = word.partition("=")
            if word in ("repos:", "ext:"):
                kind = f"{word[:-1]} "
            elif is_count and number.isdigit():
                found[f"{kind if name in ('created', 'updated') else ''}{name}"] = int(number)
        return found

    def rows(self, query: str) -> list[Any]:
        with self.database.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def problems(self, target: str) -> list[list[str]]:
        """The lines of the report of what was not used, without its header."""
        path = self.settings.workspace_dir / "boost_usage_tracker" / "import_problems" / f"{target}.csv"
        return list(csv.reader(path.read_text().splitlines()))[1:] if path.exists() else []

    @property
    def repositories(self) -> dict[str, tuple[Any, ...]]:
        """Stars, forks, description, version, embedded and used by name."""
        rows = self.rows(
            "SELECT r.repo_name, r.stars, r.forks, r.description, e.boost_version, e.is_boost_embedded, e.is_boost_used"
            " FROM github_activity_tracker_githubrepository r"
            " JOIN boost_usage_tracker_boostexternalrepository e ON e.githubrepository_ptr_id = r.id"
        )
        return {row[0]: row[1:] for row in rows}

    @property
    def usages(self) -> list[tuple[Any, ...]]:
        """File, header, date and the day it was excepted."""
        return self.rows(
            "SELECT f.filename, h.filename, u.last_commit_date, u.excepted_at"
            " FROM boost_usage_tracker_boostusage u"
            " JOIN github_activity_tracker_githubfile f ON f.id = u.file_path_id"
            " JOIN github_activity_tracker_githubfile h ON h.id = u.boost_header_id ORDER BY 1, 2"
        )


def stock(database: Database) -> None:
    """Accounts ada and boostorg, ada/tool with 77 stars and both flags, its file a.cpp, the header boost/asio.hpp."""
    with database.session() as session:
        ada, _ = people.get_or_create_github_account(session, 7, "ada")
        boost, _ = people.get_or_create_github_account(session, 8, "boostorg")
        tool, _ = github.get_or_create_repository(session, ada, "tool", stars=77, forks=3, description="kept")
        services.get_or_create_boost_external_repo(session, tool, "1.84.0", is_boost_embedded=True, is_boost_used=True)
        github.create_or_update_github_file(session, tool, "a.cpp")
        asio, _ = github.get_or_create_repository(session, boost, "asio")
        library, _ = libraries.get_or_create_boost_library(
            session, libraries.get_or_create_boost_library_repo(session, asio)[0], "asio"
        )
        header, _ = github.create_or_update_github_file(session, asio, "include/boost/asio.hpp")
        libraries.get_or_create_boost_file(session, header, library)


@pytest.fixture
def imports(database: Database, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Imports:
    """A database with what ``stock`` makes."""
    stock(database)
    return Imports(database, settings, tmp_path, capsys)
