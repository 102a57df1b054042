"""Doing the jobs of the queue, each once, whatever happens in the middle."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import (
    AlreadyRunning,
    CollectorError,
    PermanentError,
    RateLimited,
)
from boost_collectors.core.locks import hold
from boost_collectors.core.redaction import Redactor
from boost_collectors.slack_event_handler import kinds, services
from boost_collectors.slack_event_handler.access import Workspace
from boost_collectors.slack_event_handler.answering import post_reply, react, reason
from boost_collectors.slack_event_handler.comments import post_comment
from boost_collectors.slack_event_handler.huddles import publish_huddle
from boost_collectors.slack_event_handler.intake import comment_limit
from boost_collectors.slack_event_handler.routing import PULL_REQUESTS
from boost_collectors.slack_event_handler.services import Job

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""How long a job of another process may go unnoticed; those of this one ring the bell."""

LONGEST_BACK_OFF = 300.0
_OTHER_KINDS = (kinds.REPLY, kinds.REACTION, kinds.HUDDLE)


class Worker:
    """Takes jobs until it is told to stop. Any number of them may work at once, in any number of processes.

    A job is done under a lease, which says when to begin it anew, and an advisory lock, which makes sure that nobody
    does it meanwhile: a worker that was only slow still has the lock.
    """

    def __init__(
        self, context: RunContext, workspaces: Mapping[str, Workspace], bell: threading.Event | None = None
    ) -> None:
        self._context, self._workspaces, self._bell = context, workspaces, bell or threading.Event()
        self._limit = comment_limit(context)
        self._redactor = Redactor(context.settings.secret_values())

    def run(self) -> None:
        """Work until the context's ``stop``, whatever happens. A database that cannot be reached is waited for."""
        while not self._context.stop.is_set():
            try:
                busy = self.step()
            except SQLAlchemyError as error:
                logger.error("The queue cannot be reached: %s", self._redactor.redact(str(error)))
                busy = False
            except Exception:
                logger.exception("A worker stumbled and goes on")
                busy = False
            if not busy:
                self._bell.wait(POLL_SECONDS)
                self._bell.clear()

    def drain(self) -> int:
        """Do all jobs that can be done now; how many there were."""
        done = 0
        while not self._context.stop.is_set() and self.step():
            done += 1
        return done

    def step(self) -> bool:
        """Do one job; False when there is none to do now."""
        job = self._claim()
        if job is None:
            return False
        self._bell.set()  # there may be more, for others
        self._do(job)
        return True

    def _claim(self) -> Job | None:
        lease = self._context.settings.slack_events_lease_seconds
        with self._context.database.session() as session:
            job = services.claim(session, list(self._workspaces), _OTHER_KINDS, lease)
        for team, scopes in self._context.settings.slack_team_scopes.items():
            if job is None and team in self._workspaces and PULL_REQUESTS in scopes:
                with self._context.database.session() as session:
                    job = services.claim_comment(session, team, kinds.COMMENT, lease, self._limit)
        return job

    def _do(self, job: Job) -> None:
        try:
            with hold(self._context.database, self._context.command, [job.key]):
                if self._still_mine(job):
                    self._perform(job)
        except AlreadyRunning:
            self._hand_back(job, POLL_SECONDS)
        except RateLimited as limited:
            self._hand_back(job, _seconds_until(limited.retry_at, self._context.clock()))
        except PermanentError as error:
            self._bury(job, error)
        except SQLAlchemyError:
            raise  # the lease runs out by itself
        except Exception as error:
            self._failed(job, error)

    def _perform(self, job: Job) -> None:
        workspace = self._workspaces[job.team_id]
        if job.kind == kinds.COMMENT:
            self._finish(job, post_comment(self._context, job), is_comment=True, then=kinds.after_comment(job))
        elif job.kind == kinds.HUDDLE:
            self._finish(job, publish_huddle(workspace, job))
        elif job.kind == kinds.REACTION:
            self._finish(job, react(workspace, job))
        else:
            self._finish(job, post_reply(workspace, job))

    def _still_mine(self, job: Job) -> bool:
        # Somebody may have done it between the end of the lease and the lock.
        with self._context.database.session() as session:
            return services.extend(session, job, self._context.settings.slack_events_lease_seconds)

    def _finish(self, job: Job, result: Mapping[str, Any], **more: Any) -> None:
        with self._context.database.session() as session:
            services.finish(session, job, result, **more)
        logger.info("%s: done %s", job.key, dict(result))

    def _failed(self, job: Job, error: Exception) -> None:
        if self._context.stop.is_set():
            self._hand_back(job)
        elif job.failures + 1 >= self._context.settings.slack_events_max_attempts:
            self._bury(job, error)
        else:
            wait = min(2.0 ** (job.failures + 1), LONGEST_BACK_OFF)
            known = isinstance(error, CollectorError)
            logger.warning(
                "%s: failed, again in %.0f s: %s", job.key, wait, self._told(error), exc_info=None if known else error
            )
            with self._context.database.session() as session:
                services.postpone(session, job, self._told(error), wait)

    def _bury(self, job: Job, error: Exception) -> None:
        told = self._told(error)
        logger.error("%s: given up: %s", job.key, told)
        with self._context.database.session() as session:
            services.bury(session, job, told, then=kinds.after_failure(job, told))

    def _hand_back(self, job: Job, seconds: float = 0.0) -> None:
        with self._context.database.session() as session:
            services.hand_back(session, job, seconds)

    def _told(self, error: Exception) -> str:
        return self._redactor.redact(reason(error))


def _seconds_until(moment: datetime, now: datetime) -> float:
    return max(0.0, (moment - now).total_seconds())
