"""Metrics by Airflow's own stats: to StatsD, Datadog or OpenTelemetry, whichever its ``[metrics]`` section switches on.

After every attempt of a command its row of the run log is told, and with it how old each source's data are and what is
left of the quotas. ``docs/metrics.md`` lists the names. A backend that knows tags gets them; for plain StatsD they
become parts of the name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.configuration import conf
from airflow.sdk.observability import stats

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from boost_collectors.core.commands import CommandSpec
    from boost_collectors.core.execution import Request
    from boost_collectors.core.models import Run
    from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)

PREFIX = "boost"
_TAGGED = ("statsd_datadog_enabled", "statsd_influxdb_enabled", "otel_on")
_SWITCHES = ("statsd_on", "statsd_datadog_enabled", "otel_on")
_OUTCOMES: Mapping[str, str] = {
    "inserted": "inserted",
    "created": "inserted",
    "updated": "updated",
    "unchanged": "unchanged",
    "removed": "removed",
    "gone": "removed",
    "quarantined": "failed",
}
"""What the last word of a count says of rows; a few old names have it first."""
_STORED = ("inserted", "updated", "unchanged")


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value as it is now."""

    name: str
    value: int
    tags: Mapping[str, str] = field(default_factory=dict)


def is_on() -> bool:
    """Whether the operator has switched any backend on."""
    return any(conf.getboolean("metrics", switch, fallback=False) for switch in _SWITCHES)


def tell(spec: CommandSpec, request: Request, settings: Settings, since: datetime) -> None:
    """Tell of the attempt that began at ``since``, however it ended, if metrics are on. Never raises."""
    if not is_on() or request.dry_run:
        return
    try:
        _tell(spec, request, settings, since)
    except Exception as error:  # what the task did is done, and must not fail for its figures
        logger.warning("No metrics of %s: %s", spec.name, type(error).__name__)


def rows_by_outcome(counts: Mapping[str, int]) -> dict[str, int]:
    """A run's counts summed over its tables: ``seen`` (what was compared with what is stored), ``inserted``,
    ``updated``, ``unchanged``, ``removed`` and ``failed``."""
    found = dict.fromkeys(("seen", "inserted", "updated", "unchanged", "removed", "failed"), 0)
    for name, count in counts.items():
        words = name.split("_")
        outcome = _OUTCOMES.get(words[-1]) or _OUTCOMES.get(words[0])
        if outcome:
            found[outcome] += count
    found["seen"] = sum(found[outcome] for outcome in _STORED)
    found["failed"] += counts.get("failed_count", 0)
    return found


def _tell(spec: CommandSpec, request: Request, settings: Settings, since: datetime) -> None:
    from boost_collectors.core.database import Database
    from boost_collectors.core.run_log import latest_of

    with Database.from_settings(settings) as database, database.session() as session:
        run = latest_of(session, spec.name, request.run_id, request.only)
        if run is not None and run.started_at >= since:
            _tell_run(run)
        for gauge in (*_ages(session), *_quotas(session, settings)):
            name, tags = _named(gauge.name, gauge.tags)
            stats.gauge(name, gauge.value, tags=tags)


def _tell_run(run: Run) -> None:
    of = {"group": run.group_id or "none", "command": run.command}
    counts: Mapping[str, int] = run.counts
    _count("runs", 1, {**of, "status": run.status})
    _count("requests", counts.get("requests", 0), of)
    for outcome, rows in rows_by_outcome(counts).items():
        _count("rows", rows, {**of, "outcome": outcome})
    if run.finished_at is not None:
        name, tags = _named("duration", of)
        stats.timing(name, run.finished_at - run.started_at, tags=tags)


def _ages(session: Session) -> Iterator[Gauge]:
    from boost_collectors.core import checkpoints
    from boost_collectors.core.run_log import last_successes

    now = datetime.now(UTC)
    for name, moments in (("success", last_successes(session)), ("checkpoint", checkpoints.newest(session))):
        for command, moment in moments.items():
            of = {"command": command}
            yield Gauge(f"{name}_time", int(moment.timestamp()), of)
            yield Gauge(f"{name}_age", max(now - moment, timedelta(0)) // timedelta(seconds=1), of)


def _quotas(session: Session, settings: Settings) -> Iterator[Gauge]:
    from boost_collectors.core.github.ledger import all_quotas
    from boost_collectors.cppa_youtube_script_tracker.services.quota import latest_quotas

    now = datetime.now(UTC)
    for bucket in all_quotas(session):
        of = {"source": "github", "bucket": bucket.bucket, "owner": bucket.owner}
        yield Gauge("quota_left", bucket.left(now), of)
        yield Gauge("quota_limit", bucket.points, of)
    for day in latest_quotas(session):
        of = {"source": "youtube", "bucket": "units", "owner": day.project[:8]}
        yield Gauge("quota_left", day.left(settings.youtube_daily_quota), of)
        yield Gauge("quota_limit", settings.youtube_daily_quota, of)


def _count(name: str, amount: int, tags: Mapping[str, str]) -> None:
    full, given = _named(name, tags)
    # Nought too: a series has to be there before what is added to it can be seen.
    stats.incr(full, max(0, amount), tags=given)


def _named(name: str, tags: Mapping[str, str]) -> tuple[str, dict[str, str] | None]:
    """The name and tags as the backend wants them; a dot inside a tag would be a level of the name."""
    if any(conf.getboolean("metrics", switch, fallback=False) for switch in _TAGGED):
        return f"{PREFIX}.{name}", dict(tags)
    parts = [stats.normalize_name_for_stats(value, log_warning=False).replace(".", "_") for value in tags.values()]
    return ".".join([PREFIX, name, *parts]), None
