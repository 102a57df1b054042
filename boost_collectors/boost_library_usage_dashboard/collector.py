"""``run_boost_library_usage_dashboard``: collect the figures, write the report and the pages, publish the pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from boost_collectors.boost_library_usage_dashboard import data_file, report, unchanged
from boost_collectors.boost_library_usage_dashboard.collecting import STATISTICS, collect, stamp
from boost_collectors.boost_library_usage_dashboard.places import SLUG
from boost_collectors.boost_library_usage_dashboard.publication import publish_pages, require_pages
from boost_collectors.boost_library_usage_dashboard.rendering import render
from boost_collectors.boost_library_usage_dashboard.site import Site
from boost_collectors.core.collectors import AbstractCollector, BaseCollectorCommand
from boost_collectors.core.context import RunContext
from boost_collectors.core.options import Options
from boost_collectors.core.protocol_dto import GenericTrackerResult
from boost_collectors.core.protocols import TrackerResult
from boost_collectors.core.publishing import PublishTarget

DEFAULT_BRANCH = "main"


class DashboardOptions(Options):
    """The command's own flags."""

    skip_collect: bool = Field(False, description="Leave the data file and the report as they are.")
    skip_render: bool = Field(False, description="Leave the pages as they are.")
    skip_publish: bool = Field(False, description="Do not push the pages.")
    owner: str = Field("", description="Owner of the repository to publish to, instead of the setting's.")
    repo: str = Field("", description="Name of that repository, instead of the setting's.")
    branch: str = Field("", description="Branch of that repository, instead of the setting's.")


class DashboardCommand(BaseCollectorCommand):
    """Bring the dashboard up to date, and publish it."""

    options = DashboardOptions

    def get_collector(self, **options: Any) -> DashboardCollector:
        return DashboardCollector(self.context, DashboardOptions(**options))


class DashboardCollector(AbstractCollector):
    """Collect, render, publish; each can be left out."""

    def __init__(self, context: RunContext, options: DashboardOptions | None = None) -> None:
        super().__init__()
        self.context = context
        self._options = options or DashboardOptions()
        self._target: PublishTarget | None = None

    @property
    def name(self) -> str:
        return self.context.command

    @property
    def folder(self) -> Path:
        """Where the data file, the report and the pages are."""
        return self.context.workspace.path(SLUG)

    def validate_config(self) -> None:
        if not self._options.skip_publish:
            self._target = self._publish_target()

    def collect(self) -> TrackerResult:
        if self.context.dry_run:
            self.context.log.info("Dry run: the dashboard in %s is left as it is", self.folder)
            return GenericTrackerResult.ok()
        counts: dict[str, int] = {}
        if self._options.skip_collect:
            self._render()
        else:
            counts["repos_analyzed"] = self._bring_up_to_date()
        self._publish()
        return GenericTrackerResult.ok(**counts)

    def _bring_up_to_date(self) -> int:
        """Collect and render, unless both would write what is there. Returns the number of repositories."""
        folder = self.folder
        with self.context.database.session() as session:
            of = unchanged.inputs(self.context, session)
        if (known := unchanged.noted(folder, of)) is not None:
            self.context.log.info("The dashboard is up to date: nothing that it shows has changed")
            return known
        with self.context.database.session() as session:
            members = collect(self.context, session, folder / data_file.NAME)
        self._write_report(members)
        repositories = analysed(members[STATISTICS])
        if not self._options.skip_render:
            self._render()
            unchanged.note(folder, of, repositories)
        return repositories

    def _write_report(self, members: Mapping[str, Any]) -> None:
        made = data_file.stamp_of(self.folder / data_file.NAME)
        Site(self.folder).put(report.NAME, report.render(made, members[STATISTICS]))

    def _render(self) -> None:
        if self._options.skip_render:
            return
        site = render(self.folder)
        self.context.log.info(
            "Dashboard: %d files written, %d unchanged, %d removed in %s",
            *(site.written, site.unchanged, site.removed, self.folder),
        )

    def _publish(self) -> None:
        if self._target is None:
            return
        require_pages(self.folder)
        result = publish_pages(self.context, self.folder, self._target, stamp(self.context.clock()))
        told = f"published {result.files_changed} files" if result.commit else "found all pages published already"
        self.context.log.info("Dashboard: %s at %s", told, self._target.key)

    def _publish_target(self) -> PublishTarget | None:
        settings, options = self.context.settings, self._options
        owner = options.owner.strip() or settings.boost_library_usage_dashboard_publish_owner
        repo = options.repo.strip() or settings.boost_library_usage_dashboard_publish_repo
        branch = options.branch.strip() or settings.boost_library_usage_dashboard_publish_branch or DEFAULT_BRANCH
        if not owner or not repo:
            self.context.log.warning("The dashboard is not published: no owner or no repository is set")
            return None
        return PublishTarget(owner, repo, branch)


def analysed(statistics: Mapping[str, Any]) -> int:
    """The number of repositories that statistics tell of, under the first of its names that they have."""
    names = ("repos_analyzed", "total_repos", "total_repositories")
    return next((int(statistics[name]) for name in names if name in statistics), 0)
