"""Writing the days that changed as Markdown, and publishing them.

The files stand in the folder DISCORD_CONTEXT_REPO_PATH. When that is a clone, and DISCORD_CONTEXT_AUTO_COMMIT is on,
all of it is brought to the branch that the clone is on, at its ``origin``, by one commit and one push. What is not
pushed now is pushed by a later run: the checkpoint says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CollectorError, ConfigurationError
from boost_collectors.core.git import Git
from boost_collectors.core.operations.file_ops import write_text
from boost_collectors.core.publishing import PublishTarget, publish
from boost_collectors.discord_activity_tracker import services
from boost_collectors.discord_activity_tracker.markdown import DayPages
from boost_collectors.discord_activity_tracker.renames import PAGES, Misplaced, misplaced_pages

UNIT = "markdown"
MONTHS = 12
# A row says when its transaction began, which may be long before others can see it.
LONGEST_TRANSACTION = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Written:
    """What a run wrote: how many files, and the instant of the database at which it began to look.

    ``stale`` are the paths of pages that stand under another name now.
    """

    files: int
    looked_at: datetime
    stale: frozenset[str]


def publish_markdown(context: RunContext, allowed: Collection[int], *, push: bool) -> Counts:
    """Write the days that changed since the last time; with ``push`` publish them. Returns what was done.

    Covers the channels (``allowed``, or all) with a message of the last 30 days, and twelve months of them. A failure
    is logged and counted as ``markdown_failed``, and does not fail the run: the next one does what is left.
    """
    counts = Counts()
    try:
        _Export(context, allowed, counts).run(push=push and context.settings.discord_context_auto_commit)
    except (CollectorError, OSError) as error:
        counts.add("markdown_failed")
        context.log.error("Discord: the Markdown export failed: %s", error)
    return counts


class _Export:
    def __init__(self, context: RunContext, allowed: Collection[int], counts: Counts) -> None:
        self._context, self._allowed, self._counts = context, allowed, counts
        self._folder = context.settings.discord_context_repo_path
        self._server_id = int(context.settings.discord_server_id or 0)
        with context.database.session() as session:
            self._cursor: Mapping[str, Any] = checkpoints.load(session, context.command, UNIT) or {}

    def run(self, *, push: bool) -> None:
        written = self._write()
        if written is None:
            return
        pushed = bool(self._cursor.get("pushed")) and not written.files and not written.stale
        stale = written.stale
        if stale:
            # Noted before they go: who comes after a crash knows what to take from the branch too.
            self._save(written.looked_at, pushed=False, stale=stale)
            for path in stale:
                (self._folder / path).unlink(missing_ok=True)
        if push and not pushed:
            self._save(written.looked_at, pushed=False, stale=stale)
            self._push(stale)
            pushed, stale = True, frozenset()
        if written.files or written.stale or pushed != self._cursor.get("pushed", False):
            self._save(written.looked_at, pushed=pushed, stale=stale)

    def _write(self) -> _Written | None:
        with self._context.database.session() as session:
            looked_at = services.database_now(session)
            found = services.exportable_channels(session, self._server_id, self._context.clock(), self._allowed)
            if found is None:
                told = "Discord: server %s is not in DB, so there is no Markdown to write: sync it first"
                self._context.log.warning(told, self._server_id)
                return None
            name, channels = found
            pages = DayPages(self._server_id, name, services.channel_names(session, self._server_id))
            since, moved = self._since(), self._moved(session, pages)
            if moved:
                since = None  # pages of other channels link to those that moved
            days = services.changed_days(session, [c.id for c in channels], self._first(), since)
            days = sorted({*days, *((page.channel_id, page.day) for page in moved)})
            files = sum(self._write_day(session, pages, *day) for day in days)
        self._counts.add("markdown_files", files)
        self._context.log.info("Exported %d Markdown file(s)" if files else "No markdown changed%.0d", files)
        current = {pages.path(*day) for day in days}
        stale = {*self._cursor.get("stale", ()), *(page.path for page in moved)}
        return _Written(files, looked_at, frozenset(stale - current))

    def _moved(self, session: Any, pages: DayPages) -> list[Misplaced]:
        """The pages whose channel has another name since the last time."""
        if not services.may_be_renamed(session, self._server_id, self._since(), pages.alike):
            return []
        return list(misplaced_pages(self._folder, pages))

    def _write_day(self, session: Any, pages: DayPages, channel_id: int, day: Any) -> bool:
        """Write the page of a day; False when it is as it was."""
        path = self._folder / pages.path(channel_id, day)
        text = pages.page(channel_id, day, list(services.messages_of_day(session, channel_id, day)))
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        write_text(path, text)
        return True

    def _first(self) -> datetime:
        """The first instant of the oldest month that is written."""
        now = self._context.clock().astimezone(UTC)
        months = now.year * 12 + now.month - MONTHS
        return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)

    def _since(self) -> datetime | None:
        looked_at = self._cursor.get("looked_at")
        return datetime.fromisoformat(looked_at) - LONGEST_TRANSACTION if looked_at else None

    def _save(self, looked_at: datetime, *, pushed: bool, stale: Collection[str]) -> None:
        cursor = {"looked_at": looked_at.isoformat(), "pushed": pushed, "stale": sorted(stale)}
        with self._context.database.session() as session:
            checkpoints.save(session, self._context.command, UNIT, cursor)

    def _push(self, stale: Collection[str]) -> None:
        message = f"Update Discord archive - {self._context.clock():%Y-%m-%d %H:%M:%S} UTC"
        target = _target(self._folder)
        result = publish(self._context, target, _files(self._folder), message=message, stale=stale)
        self._counts.add("markdown_published", result.files_changed)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.glob(PAGES)):
        yield path.relative_to(folder).as_posix(), path


def _target(folder: Path) -> PublishTarget:
    """Where the clone came from. Raises ConfigurationError when the folder is no clone of a GitHub repository."""
    if not (folder / ".git").exists():
        raise ConfigurationError(f"DISCORD_CONTEXT_REPO_PATH {folder} is not a clone: there is nowhere to push to")
    git = Git(folder)
    url = git.run("remote", "get-url", "origin").decode().strip()
    branch = git.run("symbolic-ref", "--short", "HEAD").decode().strip()
    parts = urlsplit(url).path.removesuffix(".git").strip("/").split("/")
    if len(parts) < 2:
        raise ConfigurationError(f"DISCORD_CONTEXT_REPO_PATH {folder}: its origin is no GitHub repository")
    return PublishTarget(parts[-2], parts[-1].rpartition(":")[2], branch)
