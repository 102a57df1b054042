"""Renews the pictures of docs/images: ``python -m tests.browser.screenshots``.

Runs the demo once in a folder of its own and takes them from its UI.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from include.stack.airflow import PROJECT, Secrets
from include.stack.profile import demo_profile
from include.stack.runs import run_every_dag
from include.stack.runtime import Stack, running
from tests.browser.airflow_ui import AirflowUi, chromium, somebody

IMAGES = PROJECT / "docs" / "images"
GROUP = "github"
# Charts and the graph move into place; nothing in the page says when they have.
SETTLED_MS = 3000


def main() -> int:
    """Returns 1 without new pictures if the demo failed."""
    with tempfile.TemporaryDirectory(prefix="screenshots-") as name:
        Path(name).chmod(0o755)  # the database server may run as another user
        console = Console()
        with running(demo_profile({**os.environ, "WORKSPACE_DIR": name}), console) as stack:
            if not run_every_dag(stack, console):
                return 1
            _take_all(stack)
    return 0


def _take_all(stack: Stack) -> None:
    with chromium() as browser, somebody(browser, stack.api.url) as ui:
        ui.log_in(Secrets.of(stack.folder).password)
        ui.open("dags")
        _take(ui, "dags")
        ui.graph(GROUP, _last_run(stack))
        ui.page.locator(".react-flow__controls-fitview").click()
        _take(ui, "dag-github")
        form = ui.trigger_form(GROUP)
        form.get_by_text("Run Parameters").evaluate("heading => heading.scrollIntoView()")
        _take(ui, "trigger-form")
        ui.open("plugin/operations")
        _take(ui, "operations")


def _last_run(stack: Stack) -> str:
    health = stack.api.health("").json()
    return str(health["checks"]["collector_groups"][GROUP]["last_run"]["run_id"])


def _take(ui: AirflowUi, name: str) -> None:
    ui.page.wait_for_load_state("networkidle")
    ui.page.wait_for_timeout(SETTLED_MS)
    ui.page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
