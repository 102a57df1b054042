"""Errors as Airflow may show them: without the secrets of the settings.

Airflow writes the error that ends a task to the task's log and, with LocalExecutor, to the scheduler's output. Neither
passes the redaction of the root logger's handlers, and the second knows nothing of :func:`airflow.sdk.log.mask_secret`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

_ORIGINAL = "stands_for"


@contextmanager
def without_secrets_of(settings: Settings) -> Iterator[None]:
    """An error that leaves the block and shows a secret is raised as its stand-in (``core.redacted_errors``)."""
    # Imported here: a DAG file must not pay for it.
    from boost_collectors.core.errors import CollectionSkipped, RateLimited
    from boost_collectors.core.redacted_errors import without_secrets
    from boost_collectors.core.redaction import Redactor

    try:
        yield
    except (CollectionSkipped, RateLimited):
        raise  # no failures: their message goes through the log
    except Exception as error:
        shown = without_secrets(error, Redactor(settings.secret_values()))
        if shown is error:
            raise
        setattr(shown, _ORIGINAL, error)
        # Said outright, because the error itself is what Python would take for the context.
        raise shown from shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)


def original(error: BaseException) -> BaseException:
    """The error that a stand-in stands for, to judge it by its class; any other error itself."""
    found: BaseException = getattr(error, _ORIGINAL, error)
    return found
