"""People are told of tasks and groups that fail, once, and that they work again; no webhook hurts a task."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from include.sandbox import Sandbox
from include.sandbox.webhooks import PREFIX, addresses

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient` is deprecated"),
]

MONDAY = datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    running.webhooks.clear()
    running.faults.clear()
    for name, url in addresses(running.url).items():
        monkeypatch.setenv(name, url)
    return running


def daily(command: str, units: str) -> str:
    return f"command: {command}, schedule: daily, args: ['--units', '{units}']"


def titles(sandbox: Sandbox) -> list[str]:
    """What Slack was told, by the headers; Discord must have heard the same."""
    slack = [post.body["blocks"][0]["text"]["text"] for post in sandbox.webhooks.posts if post.service == "Slack"]
    discord = [post.body["embeds"][0]["title"] for post in sandbox.webhooks.posts if post.service == "Discord"]
    assert slack == discord
    sandbox.webhooks.clear()
    return slack


def test_a_failure_is_told_once_and_so_is_its_end(airflow: Any, sandbox: Sandbox) -> None:
    group = airflow.group
    broken = (daily("sample", "broken-17"), daily("mapped", ",".join(f"broken-{n}" for n in range(40))))
    assert airflow.run(*broken, date=MONDAY).state == "failed"
    assert "broken-17 cannot be read" in sandbox.webhooks.posts[0].text
    failed = [f"Task failed: {group} / sample", f"Task failed: {group} / mapped", f"Group failed: {group}"]
    assert titles(sandbox) == failed

    assert airflow.run(*broken, date=MONDAY.replace(day=3)).state == "failed"
    assert titles(sandbox) == []

    half = (daily("sample", "fine"), broken[1])
    assert airflow.run(*half, date=MONDAY.replace(day=4)).state == "failed"
    assert titles(sandbox) == [f"Works again: {group}", f"Group failed: {group}"]

    fine = (daily("sample", "fine"), daily("mapped", "fine"))
    assert airflow.run(*fine, date=MONDAY.replace(day=5)).state == "success"
    (post, _) = sandbox.webhooks.posts
    assert f"{group}/mapped: after " in post.text
    assert titles(sandbox) == [f"Works again: {group}"]

    assert airflow.run(*fine, date=MONDAY.replace(day=6)).state == "success"
    assert titles(sandbox) == []


def test_what_could_not_be_told_is_told_the_next_time_and_no_run_is_hurt(airflow: Any, sandbox: Sandbox) -> None:
    sandbox.faults.add(f"{PREFIX}/*", "status", status=403, times=None)
    assert airflow.run(daily("sample", "broken"), date=MONDAY).states["sample"] == "failed"
    assert airflow.run(daily("sample", "fine"), date=MONDAY.replace(day=3)).state == "success"
    assert titles(sandbox) == []
    assert airflow.run(daily("sample", "broken"), date=MONDAY.replace(day=4)).states["sample"] == "failed"
    sandbox.faults.clear()
    assert airflow.run(daily("sample", "broken"), date=MONDAY.replace(day=5)).states["sample"] == "failed"
    assert "1 more like this" in sandbox.webhooks.posts[0].text
    assert titles(sandbox) == [f"Task failed: {airflow.group} / sample", f"Group failed: {airflow.group}"]


def test_a_group_of_interval_tasks_works_again_too(airflow: Any, sandbox: Sandbox) -> None:
    def every(units: str) -> str:
        return f"command: sample, schedule: interval, minutes: 30, args: ['--units', '{units}']"

    assert airflow.run(every("broken"), date=MONDAY, minutes=30).state == "failed"
    sandbox.webhooks.clear()
    assert airflow.run(every("fine"), date=MONDAY.replace(day=3), minutes=30).state == "success"
    text = sandbox.webhooks.posts[0].text
    assert f"{airflow.group}__every_30min: after 1 failure" in text
    assert f"{airflow.group}__every_30min/sample: after 1 failure" in text
    assert titles(sandbox) == [f"Works again: {airflow.group}__every_30min"]


def test_a_rehearsal_is_not_told_of(airflow: Any, sandbox: Sandbox) -> None:
    conf = {"dry_run": True}
    assert airflow.run(daily("sample", "unplannable"), date=MONDAY, conf=conf).state == "failed"
    assert titles(sandbox) == []
