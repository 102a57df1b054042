"""``sync_cppa_slack_documents``: what every stored workspace says, into the vector index; a unit per workspace."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from pydantic import Field

from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import CommandError, PermanentError
from boost_collectors.core.options import Options
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from boost_collectors.cppa_slack_tracker.preprocessor import preprocess_team
from boost_collectors.cppa_slack_tracker.services import IndexedTeam, teams_for_index

SHOWN_ERRORS = 3


class SlackDocumentsOptions(Options):
    team: str = Field("", description="Only this workspace, by Slack's id; all that are stored without it.")
    full: bool = Field(False, description="Offer all documents again; what the index holds is still not sent.")
    strict: bool = Field(False, description="Fail when any document failed, not only when a whole workspace did.")
    dry_run: bool = Field(False, description="Compare and count; send and write nothing.")


class SlackDocuments(UnitCollector):
    """Each workspace has an application type and a namespace of its own; one that fails costs no other."""

    def __init__(self, context: RunContext, options: SlackDocumentsOptions) -> None:
        super().__init__(context)
        self._options = options
        self._teams: dict[str, IndexedTeam] = {}

    def validate_config(self) -> None:
        """Raises CommandError for a workspace that is not stored."""
        with self.context.database.session() as session:
            self._teams = {team.team_id: team for team in teams_for_index(session)}
        wanted = self._options.team.strip()
        if wanted and wanted not in self._teams:
            raise CommandError(
                f"--team: there is no Slack workspace {wanted!r}; known: {', '.join(self._teams) or '-'}"
            )
        if wanted:
            self._teams = {wanted: self._teams[wanted]}

    def plan(self) -> Sequence[Unit]:
        return [Unit(team.team_id, label=team.name) for team in self._teams.values()]

    def collect_unit(self, unit: Unit) -> Counts:
        settings, team = self.context.settings, self._teams[unit.key]
        offer = partial(preprocess_team, team.team_id, context=self.context)
        summary = sync_to_pinecone(
            f"{settings.pinecone_slack_app_type_prefix}-{team.name}",
            f"{settings.pinecone_slack_namespace_prefix}-{team.name}",
            (lambda failed, _since: offer(failed, None)) if self._options.full else offer,
            context=self.context,
        )
        self._count(summary)
        self._tell([*summary["errors"], *summary["update_errors"]], team)
        return Counts()

    def _count(self, summary: dict[str, Any]) -> None:
        for name, value in summary.items():
            # The result's own count of that name is of workspaces.
            if isinstance(value, int) and name != "failed_count":
                self.counts.add(name, value)

    def _tell(self, errors: Sequence[str], team: IndexedTeam) -> None:
        if not errors:
            return
        told = f"{len(errors)} errors in the vector sync of {team.name}: {'; '.join(errors[:SHOWN_ERRORS])}"
        if self._options.strict:
            raise PermanentError(told)
        # What failed is on the list of the next run.
        self.context.log.warning("%s", told)


class SlackDocumentsCommand(BaseCollectorCommand):
    options = SlackDocumentsOptions

    def get_collector(self, **options: Any) -> SlackDocuments:
        return SlackDocuments(self.context, SlackDocumentsOptions(**options))
