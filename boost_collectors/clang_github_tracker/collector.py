"""``run_clang_github_tracker``: commits, issues and pull requests of the LLVM project, and their Markdown.

Commits come from git and need no token; issues and pull requests come from the API, by the code that reads those of
Boost, into the same store.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.clang_github_tracker import services
from boost_collectors.clang_github_tracker.commits import CommitHistory, commits_to_read
from boost_collectors.clang_github_tracker.services import ItemRow
from boost_collectors.clang_github_tracker.staged import ClangIntake
from boost_collectors.clang_github_tracker.windows import Span, resolve, window_from
from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CollectionSkipped
from boost_collectors.core.github import GitHubClient, can_read
from boost_collectors.core.protocols import IncrementalState, TrackerResult
from boost_collectors.core.workspace import strict_segment
from boost_collectors.github_activity_tracker.sync_api import (
    ActivityOptions,
    CommitsClone,
    ExportPhase,
    Hosting,
    Item,
    PullRequest,
    clang_target,
    collect_items,
    import_staged,
    look_up_repository,
    planned_points,
    read_whole,
    with_counts,
)

STAGED, COMMITS, ITEMS = "staged", "commits", "items"
"""The units: files that wait in the workspace, what git has, what the API has."""

EXPORT_FOLDER = ("github_activity_tracker", "md_export")
"""Where Markdown is written in the workspace when it is not pushed."""


class ClangGithubOptions(ActivityOptions):
    """The command's own flags."""


class ClangGithubCommand(BaseCollectorCommand):
    """Collect commits, issues and pull requests of the LLVM project, and publish what changed."""

    options = ClangGithubOptions

    def get_collector(self, **options: Any) -> ClangGithubCollector:
        return ClangGithubCollector(self.context, ClangGithubOptions(**options))


class ClangGithubCollector(UnitCollector):
    """A unit for each place that things come from: a spent quota costs no commits, a damaged clone no issues."""

    def __init__(self, context: RunContext, options: ClangGithubOptions | None = None) -> None:
        super().__init__(context)
        self._options = options or ClangGithubOptions()
        self._markdown = ExportPhase(context, self._options, clang_target, EXPORT_FOLDER)
        self._span = Span(None, None, None)

    def validate_config(self) -> None:
        settings = self.context.settings
        strict_segment(settings.clang_github_owner, "CLANG_GITHUB_OWNER")
        strict_segment(settings.clang_github_repo, "CLANG_GITHUB_REPO")
        self._markdown.require_token(settings.clang_github_context_repo_owner, settings.clang_github_context_repo_name)

    def load_incremental_state(self) -> IncrementalState:
        """Where the run starts, by what is stored."""
        with self.context.database.session() as session:
            marks = services.get_commit_watermark(session), services.get_issue_item_watermark(session)
        self._span = span = resolve(self.context.window, *marks)
        said = "Resolved: commits from %s, issues and pull requests from %s, until %s"
        self.context.log.info(said, span.commits, span.items, span.end)
        return span.state(self._key)

    def plan(self) -> Sequence[Unit]:
        return [Unit(name, label=f"{self._key}: {name}") for name in (STAGED, COMMITS, ITEMS)]

    def collect(self) -> TrackerResult:
        if self.context.dry_run:
            self._say_plan()
            return self._markdown.after(super().collect())
        result = self._markdown.after(super().collect())
        files = sum(result.counts.get(name, 0) for name in ("markdown_published", "markdown_written"))
        if not files and not self._options.skip_markdown_export:
            why = "no sync in this run" if self._options.skip_github_sync else "no issues/PRs synced"
            self.context.log.info("No Markdown: %s, and none waited", why)
        return with_counts(result, {"md_files": files})

    def _say_plan(self) -> None:
        options, log = self._options, self.context.log
        log.info("Dry run: nothing is written, pushed or embedded. A run would:")
        log.info("sync %s: %s", self._key, "skipped" if options.skip_github_sync else "commits, issues, pull requests")
        log.info("export Markdown: %s", "skipped" if options.skip_markdown_export else "what changed")
        log.info("push: %s", self._push_target() if options.pushes else "skipped")

    def _push_target(self) -> str:
        target = clang_target(self.context).target
        return target.key if target else "skipped, no target repository is configured"

    def collect_unit(self, unit: Unit) -> Counts:
        if self._options.skip_github_sync:
            return Counts()
        if unit.key == STAGED:
            return self._staged()
        start = self._span.commits if unit.key == COMMITS else self._span.items
        context = self._reading_from(start)
        if unit.key == COMMITS:
            self._commits(context)
        else:
            self._items(context)
        return Counts()

    def _staged(self) -> Counts:
        if self.context.dry_run:
            return Counts()
        return import_staged(ClangIntake(self.context, *self._repository))

    def _reading_from(self, start: datetime | None) -> RunContext:
        """The run's context, with a window that begins at the start that was resolved."""
        window = window_from(self.context.window, start)
        if window is None:
            raise CollectionSkipped(f"everything before {self._span.end} is stored already")
        return replace(self.context, window=window)

    def _commits(self, context: RunContext) -> None:
        clone = CommitsClone(context.workspace, self._key, self._hosting, context.stop)
        if context.dry_run:
            self.counts.add("refs_to_read", int(commits_to_read(context, clone)))
        else:
            self.counts.add("commits", 0)
            read_whole(clone, self.counts, lambda: CommitHistory(context, clone, self.counts).collect())

    def _items(self, context: RunContext) -> None:
        if not can_read(context.settings):
            raise CollectionSkipped("no GitHub token is set: GITHUB_TOKENS_SCRAPING, GITHUB_TOKEN or GITHUB_APP_ID")
        with GitHubClient.from_context(context) as client:
            try:
                state = look_up_repository(client, self._key)
                if state.key.lower() != self._key.lower():
                    said = (
                        "%s is called %s now: set CLANG_GITHUB_OWNER and CLANG_GITHUB_REPO, else nothing is published"
                    )
                    context.log.warning(said, self._key, state.key)
                if context.dry_run:
                    self.counts.add("points_planned", planned_points(context, state))
                else:
                    self.counts.add("issues", 0)
                    self.counts.add("pull_requests", 0)
                    collect_items(context, client, state, self.counts, self._keep_account)
            finally:
                for name, amount in client.counts().items():
                    self.counts.add(name, amount)

    def _warn_of_new_name(self, key: str) -> None:
        """Items are stored under the present name, and published by the configured one."""
        if key.lower() != self._key.lower():
            said = "%s is called %s now: set CLANG_GITHUB_OWNER and CLANG_GITHUB_REPO, or nothing is published"
            self.context.log.warning(said, self._key, key)

    def _keep_account(self, session: Session, items: Sequence[Item], changed: Collection[int]) -> None:
        """Note the items of a page in the tracker's own table, in the page's transaction."""
        rows = [ItemRow(item.number, isinstance(item, PullRequest), item.created_at, item.updated_at) for item in items]
        services.upsert_issue_items_batch(session, rows, batch_size=len(rows))
        services.touch_items(session, changed)
        for row in rows:
            if row.number in changed:
                self.counts.add("pull_requests" if row.is_pull_request else "issues")

    @property
    def _repository(self) -> tuple[str, str]:
        return self.context.settings.clang_github_owner, self.context.settings.clang_github_repo

    @property
    def _key(self) -> str:
        return "/".join(self._repository)

    @property
    def _hosting(self) -> Hosting:
        return Hosting.of(self.context.settings)
