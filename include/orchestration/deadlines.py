"""Groups that do not finish: Airflow watches the deadline of every run, and its triggerer has people told.

A run that was told of as late works again when a whole run of the DAG succeeds, as everything else does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.configuration import conf
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from include.orchestration.notifications import NOTICE_SECONDS, late_subject, tell_once, within

if TYPE_CHECKING:
    from boost_collectors.core.notices import Notice


def deadline(allowed: timedelta) -> DeadlineAlert:
    """The alert for runs that are not over this long after they were queued: scheduled ones, backfills, manual ones."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=allowed,
        callback=AsyncCallback(tell_late, {"minutes": allowed / timedelta(minutes=1)}),
        name="not over in time",
    )


async def tell_late(minutes: float, context: Mapping[str, Any]) -> None:
    """Called in the triggerer, once for each run that is late. Takes a bounded time, and none of the event loop's."""
    from boost_collectors.core.problems import fingerprint

    run = context["dag_run"]
    subject, mark = late_subject(run["dag_id"]), fingerprint("Deadline", "not over")
    notice = _late(run, minutes)
    await asyncio.to_thread(within, NOTICE_SECONDS, lambda settings: tell_once(settings, subject, mark, notice))


def _late(run: Mapping[str, Any], minutes: float) -> Notice:
    from boost_collectors.core.notices import Notice

    began = datetime.fromisoformat(run["queued_at"] or run["run_after"])
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    facts = [("Run", run["dag_run_id"]), ("Began", f"{began:%Y-%m-%d %H:%M} UTC")]
    if base:
        facts.append(("Page", f"{base}/dags/{quote(run['dag_id'])}/runs/{quote(run['dag_run_id'])}"))
    text = f"The run is not over {minutes:g} minutes after its begin, and goes on."
    return Notice(f"Group late: {run['dag_id']}", text, "WARNING", tuple(facts))
