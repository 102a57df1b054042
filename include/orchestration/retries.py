"""Which failures of a task are tried again: the collectors' own classification decides."""

from __future__ import annotations

from typing import Any

from airflow.sdk.definitions.retry_policy import RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowTaskTimeout

from include.orchestration.shown_errors import original


class ByFailureCategory(RetryPolicy):
    """Transient failures follow the task's retries and back-off; all others fail at once.

    Transient is also a time limit, because a collector continues from its checkpoint.
    """

    def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
        """The decision for a failure; the number of tries left is Airflow's business."""
        # Imported here: a DAG file must not pay for it.
        from boost_collectors.core.errors import classify_failure, retry_may_help

        if isinstance(exception, AirflowTaskTimeout):
            return RetryDecision(reason="the time limit was reached; the next try continues from the checkpoint")
        exception = original(exception)
        category = classify_failure(exception)
        if retry_may_help(exception):
            return RetryDecision(reason=f"transient failure: {category.value}")
        return RetryDecision.fail(reason=f"permanent failure: {category.value}")
