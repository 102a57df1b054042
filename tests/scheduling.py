"""How pytest-xdist shares the tests out: whatever needs the running stack goes to one worker, so that one stack runs.

xdist's own ``--dist loadgroup`` marks tests by changing their node ids, which this version of pytest does not pass on.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

STACK_FOLDERS = ("tests/airflow/", "tests/browser/")


class OneStackScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Each test by itself, but for those of the running stack, which are one piece of work."""

    def _split_scope(self, nodeid: str) -> str:
        return "stack" if nodeid.startswith(STACK_FOLDERS) else nodeid


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with those that may take longest: the demo as one of the last would leave the other worker idle."""
    items.sort(key=_minutes_allowed, reverse=True)


def _minutes_allowed(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return marker.args[0] / 60 if marker else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneStackScheduling:
    return OneStackScheduling(config, log)
