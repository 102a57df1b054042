"""Schedule texts, and what the tests of ``run_scheduled_collectors`` ask of a runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boost_collectors.runner.command import TasksFailed

if TYPE_CHECKING:
    from tests.runner.conftest import Runner

MIXED = """\
groups:
  github:
    default_time: 0:05
    tasks:
      - {command: one, schedule: daily}
      - {command: two, schedule: weekly, on: monday, args: ["--say", "weekly"]}
      - {command: three, schedule: monthly, on: 31, args: ["--say", "monthly"]}
      - {command: one, schedule: interval, minutes: 60, args: ["--say", "hourly"]}
  other:
    default_time: 0:10
    tasks:
      - {command: two, schedule: daily}
      - {command: three, schedule: interval, minutes: 60}
      - {command: three, schedule: daily, enabled: false}
"""


def group(*tasks: str, name: str = "g") -> str:
    return f"groups:\n  {name}:\n    default_time: 0:05\n    tasks:\n" + "".join(
        f"      - {{{task}}}\n" for task in tasks
    )


def daily(command: str, end: str = "well", *more: str) -> str:
    arguments = ", ".join(f'"{word}"' for word in ("--end", end, *more))
    return f"command: {command}, schedule: daily, args: [{arguments}]"


def exit_code(runner: Runner, *arguments: str) -> int:
    with pytest.raises(TasksFailed) as caught:
        runner(*arguments)
    return caught.value.returncode
