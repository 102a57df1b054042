"""The browser, and the Airflow UI for somebody who is logged in and for somebody who is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.airflow.local_stack import LocalStack
from tests.browser.airflow_ui import CHROMIUM, SECONDS, AirflowUi, chromium, somebody

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
ON_THE_STACK = [pytest.mark.airflow, pytest.mark.timeout(600), *IN_A_BROWSER]
"""The marks of tests of pages that stand by themselves, and of those that look at the running stack."""

expect.set_options(timeout=SECONDS * 1000)

GROUP = "everything"
"""The group of the running stack that most tests run."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of one module: while it is open, no other test of the process can run an event loop."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def stranger(browser: Browser, running_stack: LocalStack) -> Iterator[AirflowUi]:
    """The UI, not logged in."""
    with somebody(browser, running_stack.url) as ui:
        yield ui


@pytest.fixture(scope="module")
def ui(browser: Browser, running_stack: LocalStack) -> Iterator[AirflowUi]:
    """The UI, logged in."""
    with somebody(browser, running_stack.url) as ui:
        ui.log_in(running_stack.password)
        yield ui


@pytest.fixture(scope="module")
def finished(running_stack: LocalStack) -> str:
    """The id of a run of the group that has succeeded."""
    running_stack.reset()
    run = running_stack.run(GROUP)
    assert run["state"] == "success"
    return str(run["dag_run_id"])
