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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneStackScheduling:
    return OneStackScheduling(config, log)
