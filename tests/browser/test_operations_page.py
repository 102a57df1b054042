"""The operations page as an operator finds and reads it in the Airflow UI."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect
from sqlalchemy import text

from tests.airflow.local_stack import LocalStack
from tests.browser.accessibility import assert_accessible
from tests.browser.airflow_ui import AirflowUi
from tests.browser.conftest import GROUP, ON_THE_STACK

pytestmark = ON_THE_STACK

COMMAND = "run_wg21_paper_tracker"


@pytest.fixture
def operations(ui: AirflowUi, finished: str) -> FrameLocator:
    """The page, gone to by the navigation."""
    page = ui.open("")
    page.get_by_role("link", name="Operations").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Operations", level=1)).to_be_visible()
    return frame


def row(page: FrameLocator | Page, name: str, within: str = "body") -> Locator:
    """The table row that begins with a name."""
    heading = page.get_by_role("rowheader", name=name, exact=True)
    return page.locator(within).get_by_role("row").filter(has=heading)


def digits(cell: Locator) -> int:
    return int(re.sub(r"\D", "", cell.inner_text()))


def test_a_source_shows_as_many_rows_as_its_tables_have(operations: FrameLocator, running_stack: LocalStack) -> None:
    entry = row(operations, COMMAND)
    expect(entry).to_contain_text("success")
    entry.locator("summary").click()
    listed = entry.locator("li")
    shown = {item.locator("code").inner_text(): digits(item.locator("span")) for item in listed.all()}
    with running_stack.database.session() as session:
        stored = {table: session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() for table in shown}
    assert shown == stored
    assert digits(entry.get_by_role("cell").first) == sum(stored.values()) > 0


def test_a_run_of_a_group_leads_to_its_rows_of_the_run_log(
    operations: FrameLocator, running_stack: LocalStack, finished: str
) -> None:
    rows = running_stack.run_log(finished)
    entry = row(operations, finished)
    inserted = sum(n for run in rows for name, n in run.counts.items() if name.endswith("_inserted"))
    assert digits(entry.get_by_role("cell").nth(3)) == inserted > 0
    entry.get_by_role("link").click()
    expect(operations.get_by_role("heading", level=2)).to_have_count(len(rows))
    for run in rows:
        article = f"#run-{run.id}"
        expect(operations.locator(article).get_by_role("heading")).to_contain_text(run.command)
        for name, value in run.counts.items():
            assert digits(row(operations, name.replace("_", " "), article).get_by_role("cell")) == value


def test_a_task_links_to_what_it_did(ui: AirflowUi, running_stack: LocalStack, finished: str) -> None:
    page = ui.open(f"dags/{GROUP}/runs/{finished}/tasks/{COMMAND}/details")
    link = page.get_by_role("link", name="Run log")
    expect(link).to_be_visible()
    page.goto(str(link.get_attribute("href")))
    (run,) = [run for run in running_stack.run_log(finished) if run.command == COMMAND]
    expect(page.locator("article")).to_have_count(1)
    assert digits(row(page, "units").get_by_role("cell")) == run.counts["units"]


def test_the_page_follows_the_theme_keeps_the_rules_of_accessibility_and_fits_a_phone(
    ui: AirflowUi, operations: FrameLocator
) -> None:
    def paper() -> str:
        return str(ui.page.evaluate("getComputedStyle(document.body).backgroundColor"))

    ui.page.goto(f"{ui.page.url.split('/plugin')[0]}/operations/")
    ui.page.evaluate("localStorage.setItem('theme', 'light')")
    ui.page.reload()
    light = paper()
    assert_accessible(ui.page)
    ui.page.evaluate("localStorage.setItem('theme', 'dark')")
    ui.page.reload()
    assert paper() != light
    assert_accessible(ui.page)
    ui.page.evaluate("localStorage.removeItem('theme')")
    before = ui.page.viewport_size
    ui.page.set_viewport_size({"width": 390, "height": 800})
    assert ui.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert before is not None
    ui.page.set_viewport_size(before)


def test_strangers_find_a_login(stranger: AirflowUi) -> None:
    page = stranger.open("operations/")
    expect(page.get_by_text(COMMAND)).to_have_count(0)
    page.get_by_role("link", name="Log in").click()
    expect(page.locator("input[name=password]")).to_be_visible()
