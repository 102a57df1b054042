"""Killed at any point and started again, the event handler does each job exactly once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from boost_collectors.slack_event_handler.intake import Intake
from boost_collectors.slack_event_handler.routing import Rules
from tests.slack_event_handler.desk import CHANNEL, NUMBER, PULL, REPOSITORY, TEAM, Desk

NAME = f"{REPOSITORY}#{NUMBER}"
SERVICE = ("boost_collectors", "run_slack_event_handler")
# Beyond these the commits of the run repeat themselves: claims, the quota's bookkeeping, ends of jobs.
COMMITS = (2, 3, 5, 7, 9, 12)


@contextmanager
def process(desk: Desk, root: Any, *command: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **desk.variables, "PYTHONPATH": str(root)}
    started = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Shells start what runs in the background with interrupts ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate(timeout=30)


def killed(desk: Desk, root: Any, *command: str) -> None:
    """Run a process that must end by SIGKILL."""
    with process(desk, root, *command) as running:
        told = running.communicate(timeout=60)[1]
        assert running.returncode == -signal.SIGKILL, told


def expect_once(desk: Desk, requests: int = 1) -> None:
    assert len(desk.comments()) == requests
    assert sorted(desk.texts()) == sorted(
        [f"✅ Comment on {NAME} queued."] * requests + [f"✅ Comment posted on {NAME}."] * requests
    )
    assert len(desk.slack.reactions) == requests
    assert set(",".join(desk.jobs.values()).split(",")) == {"done"}


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """Somebody asked for a comment, which is stored; nothing is done yet."""
    ts = "1710000000.000100"
    event = {
        "type": "message",
        "channel": CHANNEL,
        "channel_type": "channel",
        "user": "U01MILA",
        "text": PULL,
        "ts": ts,
    }
    desk.slack.said[TEAM, CHANNEL].append(event)
    assert Intake(desk.context(), Rules(TEAM, channel=CHANNEL)).take({"event_id": "Ev1", "event": event}) == 2
    return desk


@pytest.mark.parametrize("number", COMMITS)
def test_killed_at_a_commit_and_started_again(asked: Desk, number: int, pytestconfig: Any) -> None:
    killed(asked, pytestconfig.rootpath, "tests.slack_event_handler.killed_handler", str(number))
    asked.make_due()
    asked.drain()
    expect_once(asked)


@pytest.mark.parametrize("moment", ["comment", "reply"])
def test_killed_when_the_other_side_has_done_it_but_before_it_says_so(
    asked: Desk, moment: str, pytestconfig: Any
) -> None:
    with process(asked, pytestconfig.rootpath, *SERVICE, "--drain") as running:

        def kill(*_: Any) -> None:
            running.kill()
            asked.slack.on_post = lambda _: None

        if moment == "comment":
            asked.sandbox.github.after(2, kill, path=f"/issues/{NUMBER}/comments")  # the look, then the post
        else:
            asked.slack.on_post = kill
        running.communicate(timeout=60)
        assert running.returncode == -signal.SIGKILL
    done = {"comment": asked.comments(), "reply": asked.texts()}
    assert len(done[moment]) == 1
    asked.make_due()
    asked.drain()
    expect_once(asked)


def told_to_stop(running: subprocess.Popen[str], by: signal.Signals) -> tuple[int, list[str]]:
    """The exit code, and the lines of its log."""
    running.send_signal(by)
    told = running.communicate(timeout=60)[1]
    return running.returncode, told.splitlines()


def connections(desk: Desk) -> Sequence[Any]:
    return desk.slack.socket.connections[TEAM]


def test_killed_between_the_event_and_its_acknowledgement_and_ended_well_by_sigterm(
    desk: Desk, pytestconfig: Any
) -> None:
    with process(desk, pytestconfig.rootpath, *SERVICE) as first:
        desk.slack.wait(lambda: connections(desk))
        desk.slack.socket.on_ack = lambda _: first.kill()
        before = desk.slack.say(TEAM, CHANNEL, PULL)
        first.wait(60)
    assert first.returncode == -signal.SIGKILL
    desk.slack.socket.on_ack = lambda _: None
    desk.slack.wait(lambda: not connections(desk))
    # As if the acknowledgement had been lost: Slack sends the event again, among others that came meanwhile.
    before.is_acknowledged = False
    desk.make_due()
    meanwhile = desk.slack.say(TEAM, CHANNEL, PULL)
    desk.variables["LOG_FORMAT"] = "json"
    with process(desk, pytestconfig.rootpath, *SERVICE) as second:
        desk.slack.wait(lambda: before.is_acknowledged and meanwhile.is_acknowledged)
        desk.slack.wait(lambda: len(desk.slack.reactions) == 2)
        code, log = told_to_stop(second, signal.SIGTERM)
        assert code == 0
    lines = [json.loads(line) for line in log]
    assert {line["command"] for line in lines} == {"run_slack_event_handler"}
    assert len({line["run_id"] for line in lines}) == 1
    desk.drain()
    expect_once(desk, requests=2)
    assert desk.rows("SELECT state FROM slack_event_handler_listener") == ["stopped"]


def test_an_interrupt_ends_it_well_too(desk: Desk, pytestconfig: Any) -> None:
    with process(desk, pytestconfig.rootpath, *SERVICE) as running:
        desk.slack.wait(lambda: connections(desk))
        assert told_to_stop(running, signal.SIGINT)[0] == 0
