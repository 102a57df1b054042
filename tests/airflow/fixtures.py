"""The fixture ``stack``, for tests of several folders: one running stack per test session.

Tests that use it stand in ``tests/airflow`` and ``tests/browser``, which one worker runs (``tests/scheduling.py``).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.sandbox import Sandbox
from include.sandbox.shelf import SAMPLES
from include.stack.processes import members
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
SAMPLE_GROUPS = """
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
  late:
    default_time: "{quiet:%H:%M}"
    deadline_minutes: 1
    tasks:
      - {{command: sample, schedule: daily, args: [--units, limited-late]}}
  poor:
    default_time: "{quiet:%H:%M}"
    tasks:
      - {{command: needy, schedule: daily}}
      - {{command: sample, schedule: daily}}
"""
# The sandbox's mails and papers are younger than its commits; with this one a day of all three can be asked for.
A_DAY_OF_ALL = datetime(2024, 9, 4, tzinfo=UTC)
COMMIT = """
  - id: later
    branch: develop
    by: ada
    at: {day:%Y-%m-%d}T12:00:00+00:00
    message: "Count a year on"
    write: {{include/boost/config/year.hpp: "#define SAMPLE_YEAR 2024"}}
tags:
"""


@pytest.fixture(scope="session")
def sandbox_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox's hand-made data with a commit more."""
    samples = tmp_path_factory.mktemp("sandbox") / "data"
    shutil.copytree(SAMPLES, samples)
    recipe = samples / "git" / "boostorg" / "config.yaml"
    before = recipe.read_text(encoding="utf-8")
    recipe.write_text(before.replace("\ntags:\n", COMMIT.format(day=A_DAY_OF_ALL)), encoding="utf-8")
    return samples


@pytest.fixture(scope="session")
def clockwork_time() -> datetime:
    """When the group `clockwork` is due: in so few minutes that a test can wait for it."""
    return (datetime.now(UTC) + timedelta(minutes=2)).replace(second=0, microsecond=0)


@pytest.fixture(scope="session")
def quiet_time(clockwork_time: datetime) -> datetime:
    """When all other groups are due: no test session takes as long."""
    return clockwork_time + timedelta(hours=12)


@pytest.fixture(scope="session")
def running_stack(
    tmp_path_factory: pytest.TempPathFactory, sandbox_samples: Path, clockwork_time: datetime, quiet_time: datetime
) -> Iterator[LocalStack]:
    """The session's stack on the sandbox, started once and ended at the end without a trace."""
    times = {"quiet": quiet_time, "soon": clockwork_time}
    with Sandbox(samples=sandbox_samples) as sandbox:
        stack = LocalStack(
            tmp_path_factory.mktemp("stack"),
            sandbox,
            schedule=SCHEDULE.format(**times),
            samples=SAMPLE_GROUPS.format(**times),
        )
        try:
            stack.start()
            yield stack
            assert stack.stop() == 0
            assert list(members(stack.folder.root)) == []
        finally:
            stack.remove()


@pytest.fixture
def stack(running_stack: LocalStack) -> LocalStack:
    """A running stack that has collected nothing yet and is disturbed by nothing."""
    running_stack.reset()
    return running_stack
