"""New releases as asset events: told once, whichever group meets them first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.orchestration.announcement import ANNOUNCE_TASK, RELEASE_ASSET
from include.orchestration.verdict import VERDICT_TASK
from include.sandbox import Sandbox
from include.sandbox.git_releases import START, STEP, BoostReleases, PublishedRelease

HTTPX_WARNING = "ignore:Using `httpx` with `starlette.testclient` is deprecated"
ON_RELEASE = "command: sample, schedule: on_release, args: ['--units', 'fine']"
DAILY = "command: other, schedule: daily"
pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings(HTTPX_WARNING)]


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """``publish("boost-1.84.0", ...)``: from now on these are the tags of the Boost repository."""
    with ExitStack() as stack:

        def serve(*tags: str) -> None:
            releases = [PublishedRelease(tag, START + place * STEP, {}) for place, tag in enumerate(tags)]
            server = stack.enter_context(Sandbox(cache=tmp_path / "cache", releases=BoostReleases(releases)))
            for name, value in server.environment().items():
                monkeypatch.setenv(name, value)

        yield serve


def told(run: Any) -> list[list[str]]:
    """The tags of each event of the asset that a run emitted."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        events = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == run.dag_run.run_id)).all()
        found = [event.extra for event in events if event.asset.name == RELEASE_ASSET.name]
    return [[release["tag"] for release in extra["releases"]] for extra in found]


def day(number: int) -> datetime:
    return datetime(2026, 11, number, 6, tzinfo=UTC)


@pytest.mark.parametrize("order", [("docs", "github"), ("github", "docs")])
def test_whichever_group_runs_first_tells_and_each_does_its_work_once(
    airflow: Any, publish: Callable[..., None], order: tuple[str, str]
) -> None:
    publish("boost-1.84.0", "boost-1.85.0.beta1")
    prefix = airflow.group
    tellings = []
    for number, tags in ((2, ()), (3, ("boost-1.84.0", "boost-1.85.0", "boost-1.85.1", "boost-1.86.0-beta1"))):
        if tags:
            publish(*tags)
        for group in order:
            airflow.group = f"{prefix}_{group}"
            run = airflow.run(ON_RELEASE, date=day(number))
            assert (run.states["sample"], run.states[VERDICT_TASK]) == ("success", "success")
            tellings.append((run.states[ANNOUNCE_TASK], told(run)))
    # Two releases of one day are one event; a beta is none.
    assert tellings == [
        ("success", [["boost-1.84.0"]]),
        ("skipped", []),
        ("success", [["boost-1.85.0", "boost-1.85.1"]]),
        ("skipped", []),
    ]
    for group in order:
        airflow.group = f"{prefix}_{group}"
        run = airflow.run(ON_RELEASE, date=day(4))
        assert (run.states["sample"], run.states[ANNOUNCE_TASK], told(run)) == ("skipped", "skipped", [])


def test_tags_that_cannot_be_read_fail_what_follows_releases_and_nothing_else(
    airflow: Any, publish: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_GIT_URL", "http://127.0.0.1:1/git")
    run = airflow.run(ON_RELEASE, DAILY, date=day(2))
    assert run.states == {"sample": "failed", "other": "success", ANNOUNCE_TASK: "failed", VERDICT_TASK: "failed"}
    publish("boost-1.84.0")
    run = airflow.run(ON_RELEASE, DAILY, date=day(3))
    assert set(run.states.values()) == {"success"}
    assert told(run) == [["boost-1.84.0"]]


def test_a_dry_run_and_a_run_of_chosen_tasks_tell_nobody(airflow: Any, publish: Callable[..., None]) -> None:
    publish("boost-1.84.0")
    for conf in ({"dry_run": True}, {"commands": ["sample"]}):
        run = airflow.run(ON_RELEASE, date=day(2), conf=conf)
        assert (run.states[ANNOUNCE_TASK], told(run)) == ("skipped", [])
