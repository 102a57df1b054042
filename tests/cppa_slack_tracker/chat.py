"""Workspaces made for a test, and the collector pointed at them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from boost_collectors import registry
from include.sandbox.slack import TEAMS
from include.sandbox.slack.editing import SampleWorkspace
from tests.bench import CollectorBench

TEAM, OTHER = "T1", "T2"
START = datetime.fromtimestamp(1_700_000_000, UTC)
MESSAGES = "cppa_slack_tracker_slackmessage"


class Bench(CollectorBench):
    """The collector on the workspace T1, with a member U1."""

    spec = registry.find("run_cppa_slack_tracker")

    def __init__(self, samples: Path, *args: Any) -> None:
        tokens = {"SLACK_TEAM_IDS": TEAM, f"SLACK_BOT_TOKEN_{TEAM}": f"xoxb-{TEAM}"}
        super().__init__(*args, **tokens)
        for team in TEAMS:
            self.variables.pop(f"SLACK_BOT_TOKEN_{team}")
            self.variables.pop(f"SLACK_APP_TOKEN_{team}")
        self.samples = samples
        self.work = SampleWorkspace(samples, TEAM, "Workshop")
        self.work.user("U1", "mila")

    @property
    def variables(self) -> dict[str, str]:
        """The settings of every run, to be changed by a test."""
        return self._variables

    def second_workspace(self) -> SampleWorkspace:
        """Another workspace; to be named in the settings too."""
        other = SampleWorkspace(self.samples, OTHER, "Other")
        other.user("U1", "mila")
        return other

    @property
    def both(self) -> dict[str, str]:
        """The variables that name both workspaces."""
        return {"SLACK_TEAM_IDS": f"{TEAM},{OTHER}", f"SLACK_BOT_TOKEN_{OTHER}": f"xoxb-{OTHER}"}

    def asked(self, method: str) -> int:
        """How often the last run called a method."""
        return sum(request.path.endswith(f"/{method}") for request in self.sandbox.requests)

    @property
    def texts(self) -> dict[str, str]:
        """The messages that Slack still has, by ``ts``."""
        return dict(self.rows(f"SELECT ts, message FROM {MESSAGES} WHERE NOT is_deleted"))

    @property
    def deleted(self) -> set[str]:
        return set(self.rows(f"SELECT ts FROM {MESSAGES} WHERE is_deleted AND deleted_at IS NOT NULL"))

    def cursor(self, channel: str, team: str = TEAM) -> dict[str, Any]:
        [cursor] = self.rows(f"SELECT cursor FROM core_checkpoint WHERE unit = '{team}/{channel}'") or [{}]
        return dict(cursor)

    def forget_rereading(self) -> None:
        """As if the last days had been read again long ago."""
        ago = """jsonb_set(cursor, '{reread_at}', '"2020-01-01T00:00:00+00:00"')"""
        with self.database.session() as session:
            session.execute(text(f"UPDATE core_checkpoint SET cursor = {ago} WHERE jsonb_exists(cursor, 'reread_at')"))
