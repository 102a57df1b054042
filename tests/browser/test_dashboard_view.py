"""The dashboard as somebody finds and uses it in the Airflow UI."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import FrameLocator, expect
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from tests.airflow.local_stack import LocalStack
from tests.boost_library_usage_dashboard.small_world import SMALL_WORLD
from tests.browser.airflow_ui import AirflowUi
from tests.browser.conftest import ON_THE_STACK

pytestmark = ON_THE_STACK


@pytest.fixture(scope="module")
def pages(running_stack: LocalStack) -> Iterator[LocalStack]:
    """The stack with the small world's dashboard."""
    running_stack.reset()
    with running_stack.database.session() as session:
        for statement in SMALL_WORLD:
            session.execute(text(statement))
    settings = Settings.load(running_stack.environment, env_file=None)
    execute(registry.find("run_boost_library_usage_dashboard"), Request(("--skip-publish",)), settings=settings)
    yield running_stack
    running_stack.reset()


@pytest.fixture
def dashboard(ui: AirflowUi, pages: LocalStack) -> FrameLocator:
    """The index page, gone to by the navigation."""
    page = ui.open("")
    page.get_by_role("link", name="Boost usage").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Boost Library Usage Dashboard")
    return frame


def test_it_is_found_sorted_and_searched(dashboard: FrameLocator, pages: LocalStack) -> None:
    overview = dashboard.locator("#overview")
    column = overview.get_by_role("columnheader", name="Repo Count")
    column.get_by_role("button").click()
    column.get_by_role("button").click()
    expect(column).to_have_attribute("aria-sort", "descending")
    with pages.database.session() as session:
        used = session.execute(
            text("SELECT count(DISTINCT u.repo_id) FROM boost_usage_tracker_boostusage u"
                 " JOIN boost_usage_tracker_boostexternalrepository e ON e.githubrepository_ptr_id = u.repo_id"
                 " JOIN github_activity_tracker_githubrepository r ON r.id = u.repo_id"
                 " JOIN boost_library_tracker_boostfile f ON f.github_file_id = u.boost_header_id"
                 " WHERE f.library_id = 1 AND u.excepted_at IS NULL AND e.is_boost_used AND r.stars > 10")
        ).scalar_one()  # fmt: skip
    first = overview.locator("tbody tr").first
    expect(first).to_contain_text("asio")
    expect(first.get_by_role("cell").nth(1)).to_have_text(str(used))
    overview.get_by_label("Filter").fill("BEAST")
    expect(overview.get_by_role("status")).to_have_text("Showing 1-1 of 1")
    overview.get_by_role("link", name="beast").click()
    expect(dashboard.get_by_role("heading", level=1)).to_have_text("beast")
    dashboard.get_by_role("link", name="Back to Dashboard").click()
    expect(dashboard.get_by_role("heading", level=1)).to_have_text("Boost Library Usage Dashboard")


def test_it_follows_the_theme_of_the_ui_and_can_be_switched(ui: AirflowUi, dashboard: FrameLocator) -> None:
    switch = dashboard.get_by_role("button", name="Dark theme")
    before = switch.get_attribute("aria-pressed")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false" if before == "true" else "true")
    ui.page.evaluate("localStorage.removeItem('boost-dashboard-theme'); localStorage.setItem('theme', 'dark')")
    ui.page.reload()
    expect(switch).to_have_attribute("aria-pressed", "true")
    ui.page.evaluate("localStorage.removeItem('theme')")


def test_repositories_open_in_a_tab_of_their_own(ui: AirflowUi, dashboard: FrameLocator) -> None:
    ui.page.context.route("https://github.com/**", lambda route: route.fulfill(body="a repository"))
    with ui.page.context.expect_page() as opened:
        dashboard.locator("#top20-by-stars").get_by_role("link", name="bo/three").click()
    assert opened.value.url == "https://github.com/bo/three"
    opened.value.close()


def test_strangers_find_a_login(stranger: AirflowUi, pages: LocalStack) -> None:
    page = stranger.open("dashboard/index.html")
    expect(page.get_by_text("asio")).to_have_count(0)
    page.get_by_role("link", name="Log in").click()
    expect(page.locator("input[name=password]")).to_be_visible()
