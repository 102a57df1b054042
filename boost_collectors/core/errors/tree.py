"""What can go wrong while collecting, by what the caller should do about it.

CollectorError
 ├── TransientError            try again soon; the run stopped at a safe point
 │    ├── NetworkError         connection, timeout, 5xx, cut or malformed answer
 │    └── AlreadyRunning       another run of the command holds the lock
 ├── RateLimited               try again at ``retry_at``, not before
 ├── PermanentError            trying again changes nothing until somebody acts
 │    ├── CommandError         wrong option or argument; carries the exit code
 │    ├── ConfigurationError   wrong or missing setting, schedule or migration
 │    ├── AuthenticationError  the source rejected our credentials
 │    ├── NotFoundError        the source says that the thing is gone (404, 410)
 │    └── SourceError          the source broke its own contract
 └── CollectionSkipped         nothing to do here, for the reason given; not a failure
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boost_collectors.core.protocols import TrackerResult


class CollectorError(Exception):
    """Base of all errors a collector raises on purpose.

    ``repair`` is the command (or action) that mends what was left undone, if there is one.
    ``result`` is what the run had collected before it failed, if it got that far.
    ``status`` is the HTTP status of the answer that says so; None where it was no answer.
    """

    def __init__(
        self,
        message: str,
        *,
        repair: str | None = None,
        result: TrackerResult | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.repair = repair
        self.result = result
        self.status = status

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} (repair: {self.repair})" if self.repair else message


class TransientError(CollectorError):
    """Failed now, may succeed soon."""


class NetworkError(TransientError):
    """The source could not be reached or did not answer properly."""


class AlreadyRunning(TransientError):
    """Another run of the same command (or of the same unit) is active on this database."""


class RateLimited(CollectorError):
    """The source asks us to come back at ``retry_at`` (aware, UTC)."""

    def __init__(
        self,
        message: str,
        *,
        retry_at: datetime,
        repair: str | None = None,
        result: TrackerResult | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, repair=repair, result=result, status=status)
        self.retry_at = retry_at


class PermanentError(CollectorError):
    """Will fail again until somebody changes something."""


class CommandError(PermanentError):
    """A command was called wrongly or decided to fail; the process exits with ``returncode``."""

    def __init__(
        self, message: str, *, returncode: int = 1, repair: str | None = None, result: TrackerResult | None = None
    ) -> None:
        super().__init__(message, repair=repair, result=result)
        self.returncode = returncode


class ConfigurationError(PermanentError):
    """A setting, the schedule file or the database schema is not as it must be."""


class AuthenticationError(PermanentError, RuntimeError):
    """The source rejected our credentials."""


class NotFoundError(PermanentError):
    """The source says that the thing asked for does not exist (any more)."""


class SourceError(PermanentError):
    """The source answered something that its own contract does not allow."""


class CollectionSkipped(CollectorError):
    """There is nothing to do, for the reason in the message. The task is skipped, not failed."""
