"""Which failures of a task are tried again: the collectors' own classification decides."""

from __future__ import annotations

from typing import Any

from airflow.sdk.definitions.retry_policy import RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowTaskTimeout


class ByFailureCategory(RetryPolicy):
    """Transient failures follow the task's retries and back-off; all others fail at once.

    Transient are also a time limit, because a collector continues from its checkpoint, and the loss of the project
    database, which the classification leaves unknown because no source is to blame for it.
    """

    def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
        """The decision for a failure; the number of tries left is Airflow's business."""
        # The database libraries are loaded by now; a DAG file must not pay for them.
        from boost_collectors.core.errors import TransientError, classify_failure

        if isinstance(exception, AirflowTaskTimeout):
            return RetryDecision(reason="the time limit was reached; the next try continues from the checkpoint")
        if is_database_loss(exception):
            return RetryDecision(reason="the database was lost or cut the transaction short")
        category = classify_failure(exception)
        if isinstance(exception, TransientError) or category.is_transient:
            return RetryDecision(reason=f"transient failure: {category.value}")
        return RetryDecision.fail(reason=f"permanent failure: {category.value}")


def is_database_loss(exception: BaseException) -> bool:
    """True for what the server or the way to it does to a good statement: restart, cut connection, deadlock."""
    import psycopg
    import sqlalchemy.exc

    return isinstance(exception, sqlalchemy.exc.OperationalError | psycopg.OperationalError)
