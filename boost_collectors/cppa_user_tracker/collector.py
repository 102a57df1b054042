"""``run_cppa_user_tracker``: which profiles are one person's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from boost_collectors.core.collectors import BaseCollectorCommand, Unit, UnitCollector
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import ConfigurationError, TransientError
from boost_collectors.core.options import Options
from boost_collectors.cppa_user_tracker import services
from boost_collectors.cppa_user_tracker.matching.scoring import score
from boost_collectors.cppa_user_tracker.services.grouping import Groups
from boost_collectors.cppa_user_tracker.services.workbench import Workbench

PEOPLE = "people"
GROUPS_AT_A_TIME = 2_000


class UserTracker(UnitCollector):
    """One unit: everybody is compared with everybody else. Groups are merged whole, many of them to a transaction."""

    def validate_config(self) -> None:
        """Raises ConfigurationError when proposals would have to score more than merges."""
        settings = self.context.settings
        if settings.identity_proposal_score > settings.identity_merge_score:
            raise ConfigurationError("IDENTITY_PROPOSAL_SCORE must not be above IDENTITY_MERGE_SCORE")

    def plan(self) -> Sequence[Unit]:
        return [Unit(PEOPLE)]

    def collect_unit(self, unit: Unit) -> Counts:  # noqa: ARG002 - there is but one
        database = self.context.database
        with database.session() as session:
            known = services.last_decision(session)
        with database.session() as session, services.opened(session, self._check_stop) as bench:
            self._compare(bench)
            groups = services.group(bench, self.context.settings.identity_merge_score)
            self._merge(bench, groups, known)
            self._propose(bench, groups, known)
        return Counts()

    def post_collect(self) -> None:
        counts = self.counts
        if self.failures:
            return
        click.echo(
            f"{self.name} completed: {counts['people_merged']} people made or grown, "
            f"{counts['proposals_waiting']} proposals waiting"
        )

    def _compare(self, bench: Workbench) -> None:
        bench.take_in()
        self.counts.add("profiles", bench.population.people)
        lowest = self.context.settings.identity_proposal_score
        for page in bench.pairs():
            self.counts.add("pairs_compared", len(page))
            scored = ((a, b, score(left, right, bench.population)) for a, b, left, right in page)
            bench.keep((a, b, value) for a, b, value in scored if value.value >= lowest)
        bench.settle()

    def _merge(self, bench: Workbench, groups: Groups, known: int) -> None:
        for batch in services.batches(services.planned_merges(bench, groups), GROUPS_AT_A_TIME):
            self._check_stop()
            if self.context.dry_run:
                self.counts.add("people_merged", len(batch))
                continue
            with self.context.database.session() as session:
                services.lock_identities(session)
                valid = services.still_valid(session, batch, known)
                services.write_merges(session, valid)
            self.counts.add("people_merged", len(valid))
            self.counts.add("groups_changed_meanwhile", len(batch) - len(valid))

    def _propose(self, bench: Workbench, groups: Groups, known: int) -> None:
        self.counts.add("proposals_waiting", len(groups.proposed))
        if self.context.dry_run:
            return
        wanted = services.planned_proposals(bench, groups)
        self.counts.merged("proposals", services.replace_proposals(bench.session, wanted, known))

    def _check_stop(self) -> None:
        if self.context.stop.is_set():
            raise TransientError("the run was asked to stop; what is merged so far stays, the next run goes on")


class UserTrackerCommand(BaseCollectorCommand):
    options = Options

    def get_collector(self, **options: Any) -> UserTracker:  # noqa: ARG002 - the command has no flags
        return UserTracker(self.context)
