"""Airflow's UI in headless Chromium, as a person uses it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright

from include.stack.airflow import USER

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WINDOW: ViewportSize = {"width": 1400, "height": 900}
SECONDS = 30
# No sandbox, because a container's root has none to give; and nothing but the page may use the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, with nothing remembered."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def somebody(browser: Browser, url: str) -> Iterator[AirflowUi]:
    """The UI at ``url`` for a person of whom it knows nothing yet."""
    with browser.new_context(viewport=WINDOW, timezone_id="UTC", locale="en-US") as context:
        context.set_default_timeout(SECONDS * 1000)
        yield AirflowUi(context.new_page(), url)


class AirflowUi:
    """The UI at ``url``, in one page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self._url = page, url

    def open(self, path: str) -> Page:
        """Go to a path below the UI's root and wait until the page has all it asked for."""
        self.page.goto(f"{self._url}/{path}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def log_in(self, password: str) -> None:
        """Fill in the login form that the UI shows to strangers, and send it."""
        self.open("")
        self.page.locator("input[name=username]").fill(USER)
        self.page.locator("input[name=password]").fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self._url}/")

    def graph(self, dag_id: str, run_id: str) -> Page:
        """The graph of a run."""
        page = self.open(f"dags/{dag_id}/runs/{run_id}")
        page.get_by_label("Show Graph").click()
        page.locator(".react-flow__node").first.wait_for()
        return page

    def trigger_form(self, dag_id: str) -> Locator:
        """The form that triggers a run, opened."""
        self.open(f"dags/{dag_id}")
        self.page.get_by_test_id("trigger-dag-button").click()
        form = self.page.get_by_role("dialog")
        form.get_by_text("Run Parameters").wait_for()
        return form
