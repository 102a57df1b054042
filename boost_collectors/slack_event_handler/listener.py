"""Listening to one workspace until told to stop, whatever happens to the network."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import PermanentError, RateLimited
from boost_collectors.core.redaction import Redactor
from boost_collectors.slack_event_handler import services
from boost_collectors.slack_event_handler.access import Workspace, checked
from boost_collectors.slack_event_handler.answering import reason
from boost_collectors.slack_event_handler.connection import Connection
from boost_collectors.slack_event_handler.intake import Intake
from boost_collectors.slack_event_handler.routing import PULL_REQUESTS, Rules

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How soon the wish to stop is noticed, and half as soon as a connection that is dead."""

SHORT_LIVED = 30.0
"""Seconds; a connection that ends sooner counts as failed, so that two that push each other out slow down."""

LONGEST_BACK_OFF = 60.0


class Listener:
    """Keeps a connection, and hands what comes to the intake. ``bell`` is rung when there are new jobs."""

    def __init__(self, workspace: Workspace, bell: threading.Event) -> None:
        self._workspace, self._bell = workspace, bell
        self._context: RunContext = workspace.context
        self._intake: Intake | None = None
        self._failures = 0
        self._connected_at = 0.0
        self._redactor = Redactor(self._context.settings.secret_values())
        self._look = threading.Event()
        self.error: Exception | None = None

    @property
    def name(self) -> str:
        return f"slack-listener-{self._workspace.team_id}"

    def wake(self) -> None:
        """Make it notice at once that it is to stop."""
        self._look.set()

    def run(self) -> None:
        """Listen until the context's ``stop``. What ends it for good is in ``error`` afterwards."""
        connection = Connection(self._workspace, self._take, self._refused, self._look)
        try:
            while not self._context.stop.is_set():
                if connection.needs_new or connection.is_switched_off:
                    self._connect(connection)
                elif not self._look.wait(LOOK_SECONDS):
                    connection.probe()
        except Exception as error:  # in a thread nobody else would hear of it
            self.error = error
            known = isinstance(error, PermanentError)
            logger.error("%s ends: %s", self.name, self._told(error), exc_info=None if known else error)
        finally:
            connection.close()
            self._note("stopped", self._told(self.error) if self.error else "")

    def _connect(self, connection: Connection) -> None:
        if self._connected_at:
            lived, self._connected_at = time.monotonic() - self._connected_at, 0.0
            self._failures = self._failures + 1 if lived < SHORT_LIVED else 0
        # The first attempt after a failure is made at once.
        self._wait(min(2.0 ** (self._failures - 2), LONGEST_BACK_OFF) if self._failures > 1 else 0.0)
        if self._context.stop.is_set():
            return
        try:
            if self._intake is None:
                self._intake = Intake(self._context, self._rules())
            connection.reconnect()
        except PermanentError:
            raise
        except RateLimited as limited:
            self._wait((limited.retry_at - self._context.clock()).total_seconds())
        except Exception as error:  # whatever the library and the network come up with
            self._failures += 1
            logger.warning("%s: not connected (%d): %s", self.name, self._failures, self._told(error))
            self._note("waiting", self._told(error))
        else:
            self._connected_at = time.monotonic()
            logger.info("%s: connected", self.name)
            self._note("connected")

    def _rules(self) -> Rules:
        """What holds for the workspace; asked when the first connection is made."""
        workspace, settings = self._workspace, self._context.settings
        bot = str(checked(workspace.api.auth_test()).get("user_id") or "")
        scopes = settings.slack_team_scopes[workspace.team_id]
        channel = self._channel() if PULL_REQUESTS in scopes else None
        return Rules(workspace.team_id, scopes, channel, bot, settings.slack_pr_bot_team.strip())

    def _channel(self) -> str | None:
        name = self._context.settings.slack_pr_bot_channel_name.strip().removeprefix("#")
        if not name:
            return None
        try:
            found = self._workspace.channel_id(name)
        except PermanentError as error:
            logger.error("%s: the channels cannot be listed, only direct messages are answered: %s", self.name, error)
            return None
        if found is None:
            logger.warning("%s: there is no channel #%s, only direct messages are answered", self.name, name)
        return found

    def _take(self, payload: Mapping[str, Any]) -> None:
        assert self._intake is not None
        self._failures = 0
        if self._intake.take(payload):
            self._bell.set()

    def _refused(self, error: Exception) -> None:
        logger.error("%s: an event was not acknowledged: %s", self.name, self._told(error))

    def _note(self, state: str, message: str = "") -> None:
        try:
            with self._context.database.session() as session:
                services.note_connection(session, self._workspace.team_id, state, message)
        except SQLAlchemyError as error:
            logger.warning("%s: %s could not be noted: %s", self.name, state, self._told(error))

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._context.stop.wait(seconds)

    def _told(self, error: Exception) -> str:
        return self._redactor.redact(reason(error))
