"""The fixture ``stack``, for tests of several folders: one running stack per test session.

Tests that use it carry ``pytest.mark.xdist_group("stack")``, so that one worker runs them all, one after another.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from include.sandbox import Sandbox
from tests.airflow.local_stack import LocalStack

# `everything` is what most tests run; nothing starts by itself but the sample group `clockwork`.
SCHEDULE = """
groups:
  everything:
    default_time: "{quiet:%H:%M}"
    tasks:
      - {{command: run_boost_github_activity_tracker, schedule: daily}}
      - {{command: run_boost_mailing_list_tracker, schedule: daily}}
      - {{command: run_wg21_paper_tracker, schedule: daily}}
"""
SAMPLES = """
groups:
  clockwork:
    default_time: "{soon:%H:%M}"
    tasks:
      - {{command: sample, schedule: daily}}
      - {{command: other, schedule: interval, minutes: 180}}
  calendar:
    default_time: "{quiet:%H:%M}"
    tasks:
      - {{command: sample, schedule: daily}}
      - {{command: other, schedule: weekly, on: monday}}
      - {{command: mapped, schedule: monthly, on: 1}}
      - {{command: forgetful, schedule: daily}}
  poor:
    default_time: "{quiet:%H:%M}"
    tasks:
      - {{command: needy, schedule: daily}}
      - {{command: sample, schedule: daily}}
"""


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The session's stack on the sandbox, started once and ended at the end without a trace."""
    now = datetime.now(UTC)
    times = {"quiet": now + timedelta(hours=12), "soon": now + timedelta(minutes=2)}
    with Sandbox() as sandbox:
        stack = LocalStack(
            tmp_path_factory.mktemp("stack"),
            sandbox,
            schedule=SCHEDULE.format(**times),
            samples=SAMPLES.format(**times),
        )
        try:
            stack.start()
            yield stack
            assert stack.stop() == 0
        finally:
            stack.remove()


@pytest.fixture
def stack(running_stack: LocalStack) -> LocalStack:
    """A running stack that has collected nothing yet and is disturbed by nothing."""
    running_stack.reset()
    return running_stack
