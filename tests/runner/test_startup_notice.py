"""The start-up notice says how things stand, under a title that does not claim more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.schedules import crontab, schedule

from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options
from boost_collectors.core.settings import Settings
from boost_collectors.runner.startup_notice import (
    BEAT_LINES_CAP,
    SendStartupNotificationCommand,
    check_database,
    collect_beat_lines,
    describe_celery_schedule,
)
from include.sandbox import Sandbox
from include.sandbox.webhooks import PREFIX, addresses

DEAD_BROKER = "redis://:broker-secret@127.0.0.1:1/0"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def send(
    sandbox: Sandbox, make_settings: Callable[..., Settings], make_context: Callable[..., RunContext], database_url: str
) -> Callable[..., None]:
    sandbox.webhooks.clear()
    sandbox.faults.clear()

    def send(**variables: str) -> None:
        given = {"DATABASE_URL": database_url, "CELERY_BROKER_URL": DEAD_BROKER, **addresses(sandbox.url), **variables}
        context = make_context("send_startup_notification", settings=make_settings(**given))
        SendStartupNotificationCommand(context).execute(Options())

    return send


def test_it_tells_what_is_wrong_in_its_title(send: Callable[..., None], sandbox: Sandbox) -> None:
    send(DEPLOY_BRANCH="main")
    assert sorted(post.service for post in sandbox.webhooks.posts) == ["Discord", "Slack"]
    for post in sandbox.webhooks.posts:
        for told in ("started: with problems", "Branch: main", "DB: OK, ", "Celery workers: inspect failed"):
            assert told in post.text
        assert "boost-collector-group-github-00-05: " in post.text
        assert "00:05 UTC" in post.text
        assert "broker-secret" not in post.text


def test_a_webhook_that_refuses_fails_the_command_after_the_other_was_told(
    send: Callable[..., None], sandbox: Sandbox
) -> None:
    sandbox.faults.add(f"{PREFIX}/slack/*", "status", status=404)
    with pytest.raises(CommandError, match=r"did not reach Slack$"):
        send()
    assert [post.service for post in sandbox.webhooks.posts] == ["Discord"]


@pytest.mark.parametrize(
    "variables",
    [{"ENABLE_STARTUP_NOTIFICATIONS": "false"}, {"SLACK_WEBHOOK_URL": "", "DISCORD_WEBHOOK_URL": ""}],
)
def test_nobody_is_told_when_that_is_not_wanted(
    variables: dict[str, str], send: Callable[..., None], sandbox: Sandbox
) -> None:
    send(**variables)
    assert sandbox.webhooks.posts == []


def test_a_database_that_does_not_answer_is_said_and_not_why(make_settings: Callable[..., Settings]) -> None:
    with Database.from_settings(make_settings()) as database:
        check = check_database(database)
    assert (check.line, check.ok) == ("DB: failed", False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"minutes": 15}, "every 15 minutes"),
        ("5 0 * * *", "00:05 UTC"),
        ("5 0 1 * 1", "00:05 UTC dow=1 dom=1"),
        ("*/5 8-10 * 2 *", "hour=8-10 minute=*/5 moy=2"),
        (crontab(minute="30", hour="16"), "16:30 UTC"),
        (schedule(run_every=timedelta(minutes=20)), "every 20 minutes"),
        (None, "?"),
        (object(), "another schedule"),
    ],
)
def test_a_cadence_in_words(given: Any, said: str) -> None:
    assert describe_celery_schedule(given) == said


def test_many_triggers_are_cut_and_none_is_said(tmp_path: Path) -> None:
    entries = {f"key-{number:02d}": {"task": "t", "schedule": "5 0 * * *"} for number in range(BEAT_LINES_CAP + 3)}
    lines, total = collect_beat_lines(entries)
    assert (len(lines), lines[-1], total) == (BEAT_LINES_CAP + 1, "… and 3 more", BEAT_LINES_CAP + 3)
    assert lines[0] == "key-00: t, 00:05 UTC"
    assert collect_beat_lines({}) == (["(none)"], 0)
