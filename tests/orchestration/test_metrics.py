"""What commands did, the age of data and what is left of quotas reach StatsD and an OpenTelemetry collector."""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from boost_collectors.core import checkpoints
from boost_collectors.core.database import Database
from boost_collectors.core.github.models import GitHubQuota
from boost_collectors.cppa_youtube_script_tracker.services import quota as youtube_quota
from include.orchestration import metrics
from include.stack.airflow import PROJECT
from tests.orchestration.metric_receivers import StatsdReceiver, otlp_receiver

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient` is deprecated"),
]

MONDAY = datetime(2026, 11, 2, 6, tzinfo=UTC)


def switch_on(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a task's process does at its start; ``dag.test()`` leaves it out."""
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stats.initialize(factory=get_stats_factory(), export_legacy_names=False)


@pytest.fixture(autouse=True)
def _off_again() -> Iterator[None]:
    from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
    from airflow.sdk.observability import stats

    yield
    stats.initialize(factory=NoStatsLogger, export_legacy_names=False)


@pytest.fixture
def statsd(monkeypatch: pytest.MonkeyPatch) -> Iterator[StatsdReceiver]:
    receiver = StatsdReceiver()
    switch_on(receiver.environment, monkeypatch)
    yield receiver
    from airflow.sdk._shared.observability.metrics.stats import _get_backend

    _get_backend().statsd.close()
    receiver.close()


def number(value: str) -> int:
    """A gauge's value, as StatsD writes it."""
    return int(value.removesuffix("|g"))


def documented() -> set[str]:
    """The names of the table in docs/metrics.md, without the prefix."""
    return set(
        re.findall(r"^\| `boost\.(\w+)`", (PROJECT / "docs/metrics.md").read_text(encoding="utf-8"), re.MULTILINE)
    )


def mapped() -> set[str]:
    """The names that the mapping for Prometheus knows."""
    mapping = yaml.safe_load((PROJECT / "deploy/metrics/statsd_mapping.yaml").read_text(encoding="utf-8"))
    return {entry["match"].split(".")[2] for entry in mapping["mappings"]}


def daily(command: str, units: str) -> str:
    return f"command: {command}, schedule: daily, args: ['--units', '{units}']"


def test_statsd_is_told_of_every_attempt_of_ages_and_of_quotas(
    airflow: Any, database: Database, statsd: StatsdReceiver
) -> None:
    now = datetime.now(UTC)
    with database.session() as session:
        checkpoints.save(session, "elsewhere", "unit", {})
        running = {"owner": "org.one", "bucket": "core", "points": 5000, "free": 1234}
        session.add(GitHubQuota(**running, reset_at=now + timedelta(hours=1)))
        session.add(GitHubQuota(owner="two", bucket="search", points=30, free=2, reset_at=now - timedelta(hours=1)))
        assert youtube_quota.book(session, "abcdef0123456789", now.date(), 400, limit=10_000)
    run = airflow.run(daily("sample", "fine-1,fine-2"), daily("mapped", "broken"), date=MONDAY)
    assert run.state == "failed"
    statsd.close()
    of, values = airflow.group, statsd.values()
    assert values[f"airflow.boost.runs.{of}.sample.success"] == "1|c"
    assert values[f"airflow.boost.rows.{of}.sample.inserted"] == "4|c"
    assert values[f"airflow.boost.rows.{of}.sample.seen"] == "4|c"
    assert values[f"airflow.boost.duration.{of}.sample"].endswith("|ms")
    assert values[f"airflow.boost.runs.{of}.mapped.failed"] == "1|c"
    assert values[f"airflow.boost.rows.{of}.mapped.failed"] == "1|c"
    assert values["airflow.boost.quota_left.github.core.org_one"] == "1234|g"
    assert values["airflow.boost.quota_left.github.search.two"] == "30|g", "its window is over"
    assert values["airflow.boost.quota_limit.github.core.org_one"] == "5000|g"
    assert values["airflow.boost.quota_left.youtube.units.abcdef01"] == "9600|g"
    assert 0 <= number(values["airflow.boost.success_age.sample"]) < 600
    assert number(values["airflow.boost.success_time.sample"]) >= int(now.timestamp())
    assert {name.split(".")[2] for name in values} == documented() == mapped()
    assert "airflow.boost.success_age.mapped" not in values, "it never succeeded"
    assert number(values["airflow.boost.checkpoint_age.elsewhere"]) < 600


def test_a_rehearsal_tells_nothing_and_a_dead_server_hurts_nobody(
    airflow: Any, statsd: StatsdReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert airflow.run(daily("sample", "fine"), date=MONDAY, conf={"dry_run": True}).state == "success"
    statsd.close()
    assert statsd.values() == {}
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
    from boost_collectors.core.execution import Request
    from boost_collectors.core.settings import Settings
    from tests.orchestration.sample_commands import sample_specs

    metrics.tell(sample_specs()["sample"], Request(run_id="r"), Settings.load(), datetime.now(UTC))


def test_an_opentelemetry_collector_gets_tags(airflow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk._shared.observability.metrics import otel_logger

    with otlp_receiver() as receiver:
        switch_on(receiver.environment, monkeypatch)
        airflow.run(daily("sample", "fine"), date=MONDAY)
        # A task's process does it at its end.
        otel_logger.flush_otel_metrics()
        otel_logger.metrics.get_meter_provider().shutdown()
        atexit.unregister(otel_logger.flush_otel_metrics)
    of = {"group": airflow.group, "command": "sample"}
    points = [(name, dict(tags), value) for name, tags, value in receiver.points()]
    assert ("airflow.boost.runs", of | {"status": "success"}, 1) in points
    assert ("airflow.boost.rows", of | {"outcome": "inserted"}, 2) in points
    assert [name for name, tags, _ in points if tags == {"command": "sample"}] != []


def test_counts_of_all_tables_are_summed_by_what_happened() -> None:
    counts = {
        "commits_inserted": 3,
        "files_inserted": 2,
        "created_things": 1,
        "issues_updated": 4,
        "issues_unchanged": 5,
        "messages_removed": 6,
        "repositories_gone": 1,
        "videos_quarantined": 2,
        "failed_count": 1,
        "units": 9,
        "requests": 10,
    }
    assert metrics.rows_by_outcome(counts) == {
        "seen": 15,
        "inserted": 6,
        "updated": 4,
        "unchanged": 5,
        "removed": 7,
        "failed": 3,
    }
