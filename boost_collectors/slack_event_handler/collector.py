"""``run_slack_event_handler``: a service of its own that listens to Slack and does what is asked for there."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from pydantic import Field

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CollectorError
from boost_collectors.core.options import Options
from boost_collectors.slack_event_handler import services
from boost_collectors.slack_event_handler.access import Workspace, missing_tokens, workspaces
from boost_collectors.slack_event_handler.huddles import publish_target
from boost_collectors.slack_event_handler.routing import HUDDLES, PULL_REQUESTS
from boost_collectors.slack_event_handler.service import Service
from boost_collectors.slack_event_handler.sessions import load_session
from boost_collectors.slack_event_handler.worker import Worker


class EventHandlerOptions(Options):
    """What to do instead of listening."""

    dry_run: bool = Field(False, description="Say which workspaces could be listened to, and end.")
    status: bool = Field(False, description="Print how the connections and the queue stand, as JSON, and end.")
    drain: bool = Field(False, description="Do the jobs that are due, without listening, and end.")
    retry_dead: bool = Field(False, description="Let jobs that were given up be tried anew, and end.")


class SlackEventHandlerCommand(BaseCommand):
    options = EventHandlerOptions

    def execute(self, options: Options) -> None:
        """Listen until told to stop, or do what the options say.

        Raises ConfigurationError when no workspace can be listened to, PermanentError when none can any more.
        """
        assert isinstance(options, EventHandlerOptions)
        if options.dry_run:
            self._tell_plan()
        elif options.status:
            self._tell_status()
        elif options.retry_dead:
            self._revive()
        elif options.drain:
            self._drain()
        else:
            self._listen()

    def _tell_status(self) -> None:
        with self.context.database.session() as session:
            told = services.summary(session)
        sys.stdout.write(json.dumps(told, indent=2) + "\n")

    def _listen(self) -> None:
        known = workspaces(self.context)
        self._warn_about(known)
        Service(self.context, known).run()

    def _drain(self) -> None:
        known = workspaces(self.context)
        done = Worker(self.context, known).drain()
        self.context.log.info("%d jobs done", done)

    def _revive(self) -> None:
        with self.context.database.session() as session:
            revived = services.revive_dead(session)
        self.context.log.info("%d jobs are tried anew", revived)

    def _tell_plan(self) -> None:
        log, settings = self.context.log, self.context.settings
        for team_id in settings.slack_team_ids:
            missing = missing_tokens(self.context, team_id)
            for name in (f"SLACK_BOT_TOKEN_{team_id}", f"SLACK_APP_TOKEN_{team_id}"):
                if name in missing:
                    log.warning("Dry run: %s is not set", name)
                else:
                    log.info("Dry run: %s is set", name)
        if not settings.slack_team_ids:
            log.warning("Dry run: no workspace is named: see SLACK_TEAM_ID in .env.example")
        log.info("Dry run: the Slack event handler would start")

    def _warn_about(self, known: Mapping[str, Workspace]) -> None:
        """Say at once what would otherwise fail job by job."""
        settings = self.context.settings
        for team_id in known:
            scopes = settings.slack_team_scopes[team_id]
            if PULL_REQUESTS in scopes and not settings.slack_pr_bot_github_token:
                self.context.log.warning("%s: SLACK_PR_BOT_GITHUB_TOKEN is not set: no comment can be written", team_id)
            if HUDDLES in scopes:
                try:
                    publish_target(self.context)
                    load_session(self.context, team_id)
                except CollectorError as error:
                    self.context.log.warning("%s: no huddle can be published: %s", team_id, error)
