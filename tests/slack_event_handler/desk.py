"""The event handler in a test: run as a command, beside the sandbox's Slack and GitHub."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace import write_json
from include.sandbox import Sandbox

SPEC = registry.find("run_slack_event_handler")
TEAM, OTHER = "T0SANDBOX", "T0LIBRARY"
CHANNEL, DIRECT = "C02BUILD", "D01MILA"
PULL = "https://github.com/boostorg/system/pull/10"
REPOSITORY, NUMBER = "boostorg/system", 10
JOBS = "slack_event_handler_job"


class Desk:
    """``variables`` are the settings of the next run, to be changed by a test."""

    def __init__(
        self, sandbox: Sandbox, database: Database, database_url: str, make: tuple[Any, Any], folder: Path
    ) -> None:
        self.sandbox, self.database = sandbox, database
        self._make_settings, self._make_context = make
        self.sessions = folder / "sessions.json"
        self.variables: dict[str, str] = {
            **sandbox.environment(),
            "DATABASE_URL": database_url,
            "WORKSPACE_DIR": str(folder / "workspace"),
            "HTTP_MAX_ATTEMPTS": "1",
            "SLACK_TEAM_IDS": TEAM,
            "SLACK_PR_BOT_CHANNEL_NAME": "#build-help",
            "SLACK_PR_BOT_GITHUB_TOKEN": "token-of-collector",
            "SLACK_HUDDLE_DELAY_SECONDS": "0",
            "GITHUB_TOKEN_WRITE": "sandbox-write-token",
            "GITHUB_SLACK_HUDDLE_REPO_OWNER": "sample-publisher",
            "GITHUB_SLACK_HUDDLE_REPO_NAME": "activity",
            "GITHUB_DEFAULT_BRANCH": "master",
            "ALLOW_INTERNAL_SLACK_TOKENS": "true",
            "SLACK_INTERNAL_TOKENS_JSON": str(self.sessions),
        }
        for kind in ("BOT", "APP"):
            self.variables.pop(f"SLACK_{kind}_TOKEN_{OTHER}")
        self.sign_in(f"xoxc-{TEAM}", f"xoxd-{TEAM}")

    @property
    def slack(self) -> Any:
        return self.sandbox.slack

    def settings(self, **variables: str) -> Settings:
        settings: Settings = self._make_settings(**{**self.variables, **variables})
        return settings

    def context(self, **fields: Any) -> RunContext:
        """What a run of the command is given."""
        context: RunContext = self._make_context(command=SPEC.name, settings=self.settings(), **fields)
        return context

    def sign_in(self, token: str, cookie: str) -> None:
        """Put a session where the event handler looks for it."""
        write_json(self.sessions, {"teams": {TEAM: {"xoxc": token, "xoxd": cookie}}})

    def run(self, *arguments: str, stop: threading.Event | None = None, **variables: str) -> None:
        """Run the command to its end."""
        request = Request(arguments=arguments, stop=stop or threading.Event())
        execute(SPEC, request, settings=self.settings(**variables))

    def drain(self, **variables: str) -> None:
        """Do what is due, without listening."""
        self.run("--drain", **variables)

    @contextmanager
    def listening(self, *teams: str, **variables: str) -> Iterator[_Running]:
        """The service, connected, for the length of the block; it must end well when told to stop."""
        running = _Running(lambda: self.run(stop=running.stop, **variables))
        running.thread.start()
        try:
            for team in teams or (TEAM,):
                self.slack.wait(lambda team=team: self.slack.socket.is_connected(team) or running.error)
            yield running
        finally:
            running.stop.set()
            running.thread.join(30)
        assert not running.thread.is_alive()
        if running.error is not None:
            raise running.error

    def comments(self, number: int = NUMBER, repository: str = REPOSITORY) -> list[str]:
        """The comments of the bot on a pull request."""
        item = self.sandbox.github.world.repository(*repository.split("/")).items.get(number)
        return [each.body for each in item.content.comments if each.author and each.author.login == "collector"]

    def texts(self, channel: str = CHANNEL, team: str = TEAM) -> list[str]:
        """What the bot said."""
        return [message["text"] for message in self.slack.posted(team, channel)]

    def rows(self, query: str) -> list[Any]:
        with self.database.engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(query))]
        return [row[0] if len(row) == 1 else row for row in found]

    def execute(self, statement: str) -> None:
        with self.database.session() as session:
            session.execute(text(statement))

    def make_due(self) -> None:
        """As if every wait and every lease were over."""
        self.execute(f"UPDATE {JOBS} SET available_at = now(), leased_until = NULL WHERE status = 'waiting'")

    @property
    def jobs(self) -> Mapping[str, str]:
        """How the jobs stand, by kind."""
        return dict(self.rows(f"SELECT kind, string_agg(status, ',' ORDER BY id) FROM {JOBS} GROUP BY kind"))


class _Running:
    """The service in a thread."""

    def __init__(self, action: Any) -> None:
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=(action,))

    def _run(self, action: Any) -> None:
        try:
            action()
        except BaseException as error:
            self.error = error
