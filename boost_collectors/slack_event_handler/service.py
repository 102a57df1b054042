"""The running event handler: a listener per workspace, some workers, and what is to be done now and then."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import PermanentError
from boost_collectors.slack_event_handler import services
from boost_collectors.slack_event_handler.access import Workspace
from boost_collectors.slack_event_handler.housekeeping import forget_old_files
from boost_collectors.slack_event_handler.listener import Listener
from boost_collectors.slack_event_handler.worker import Worker

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
HOUSEKEEPING_SECONDS = 3600.0


class Service:
    """Runs until the context's ``stop`` is set, or until no listener is left."""

    def __init__(self, context: RunContext, workspaces: Mapping[str, Workspace]) -> None:
        self._context = context
        self._bell = threading.Event()
        self.listeners = [Listener(workspace, self._bell) for workspace in workspaces.values()]
        self._worker = Worker(context, workspaces, self._bell)
        self._housekept = 0.0

    def run(self) -> None:
        """Listen and work. Raises PermanentError when the last listener has ended for good.

        What was begun is finished: on return no thread is left. KeyboardInterrupt ends it like ``stop``.
        """
        workers = self._context.settings.slack_events_workers
        listening = [threading.Thread(target=each.run, name=each.name, daemon=True) for each in self.listeners]
        working = [
            threading.Thread(target=self._worker.run, name=f"slack-worker-{number}", daemon=True)
            for number in range(1, workers + 1)
        ]
        for thread in (*listening, *working):
            thread.start()
        try:
            while not self._context.stop.wait(LOOK_SECONDS) and any(thread.is_alive() for thread in listening):
                self._keep_house()
        except KeyboardInterrupt:
            logger.info("Interrupted")
        finally:
            stopped = self._context.stop.is_set()
            self._context.stop.set()
            self._bell.set()
            for listener in self.listeners:
                listener.wake()
            for thread in (*listening, *working):
                thread.join()
        self._judge(stopped)

    def _judge(self, stopped: bool) -> None:
        failed = [f"{each.name}: {each.error}" for each in self.listeners if each.error]
        if failed and not stopped and len(failed) == len(self.listeners):
            raise PermanentError("no workspace can be listened to any more: " + "; ".join(failed))

    def _keep_house(self) -> None:
        if self._housekept and time.monotonic() - self._housekept < HOUSEKEEPING_SECONDS:
            return
        self._housekept = time.monotonic()
        settings = self._context.settings
        try:
            with self._context.database.session() as session:
                days, window = settings.slack_events_keep_days, settings.slack_pr_bot_comments_window_seconds
                services.forget_old(session, days, float(window))
        except SQLAlchemyError as error:
            logger.warning("Old events could not be removed: %s", type(error).__name__)
        forget_old_files(self._context)
