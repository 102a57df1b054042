"""The pages of the dashboard as people use them: opened from the disk, without any server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import text

from benchmarks._dashboard_rows import Scale, fill
from boost_collectors import registry
from boost_collectors.boost_library_usage_dashboard.places import index_file
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from tests.browser.accessibility import assert_accessible
from tests.browser.airflow_ui import SECONDS
from tests.browser.conftest import IN_A_BROWSER
from tests.conftest import DatabaseServer

pytestmark = IN_A_BROWSER

ROWS = Scale(libraries=60, versions=24, headers_each=12, repositories=2_000, usages=30_000, commits=3_000, people=120)
LIBRARY = "lib_1"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
USED = """
    FROM boost_usage_tracker_boostusage u
    JOIN boost_usage_tracker_boostexternalrepository e ON e.githubrepository_ptr_id = u.repo_id AND e.is_boost_used
    JOIN github_activity_tracker_githubrepository r ON r.id = u.repo_id AND r.stars > 10
    JOIN boost_library_tracker_boostfile f ON f.github_file_id = u.boost_header_id
    JOIN boost_library_tracker_boostlibrary l ON l.id = f.library_id
    WHERE u.excepted_at IS NULL
"""


class Site:
    """The pages, and the database they were made from."""

    def __init__(self, index: Path, database: Database) -> None:
        self._folder, self._database = index.parent, database

    def address(self, page: str) -> str:
        return (self._folder / page).as_uri()

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self._database.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]


@pytest.fixture(scope="module")
def site(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("dashboard")
    with database_server.database() as url, Database(url) as database:
        with database.session() as session:
            fill(session.connection(), ROWS)
        settings = Settings.load({"WORKSPACE_DIR": str(folder), "DATABASE_URL": url}, env_file=None)
        execute(registry.find("run_boost_library_usage_dashboard"), Request(("--skip-publish",)), settings=settings)
        yield Site(index_file(settings), database)


Open = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Open]:
    """Open a page; fails when the page reports an error or asks for anything that is not there."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open(name: str = "index.html", **options: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": DESK, "timezone_id": "UTC", **options}))
        page = contexts[-1].new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", lambda request: troubles.append(request.url))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or troubles.append(request.url))
        page.goto(site.address(name))
        return page

    yield open
    for context in contexts:
        context.close()
    assert troubles == []


def _cells(table: Locator, column: int) -> list[str]:
    return [row.locator("th, td").nth(column).inner_text() for row in table.locator("tbody tr").all()]


def _number(shown: str) -> float:
    return float(re.sub(r"[^\d.-]", "", shown))


def test_the_numbers_on_screen_are_those_of_the_database(visit: Open, site: Site) -> None:
    page = visit()
    ((used, includes),) = site.rows(
        "SELECT count(*), sum(n)::int FROM (SELECT r.id, (SELECT count(*) FROM boost_usage_tracker_boostusage u"
        " WHERE u.repo_id = r.id AND u.excepted_at IS NULL) AS n"
        " FROM boost_usage_tracker_boostexternalrepository e"
        " JOIN github_activity_tracker_githubrepository r ON r.id = e.githubrepository_ptr_id"
        " WHERE e.is_boost_used AND r.stars > 10) x"
    )
    facts = {
        fact.locator("dt").inner_text(): fact.locator("dd").inner_text() for fact in page.locator("dl > div").all()
    }
    assert _number(facts["Repositories that use Boost"]) == used > 0
    assert _number(facts["Includes of Boost headers"]) == includes > 0
    overview = page.locator("#overview")
    overview.get_by_label("Filter").fill(LIBRARY)
    ((repositories, stars),) = site.rows(
        f"SELECT count(*), floor(avg(stars))::int FROM (SELECT DISTINCT r.id, r.stars {USED} AND l.name = :name) x",
        name=LIBRARY,
    )
    row = overview.get_by_role("row").filter(has=page.get_by_role("rowheader", name=LIBRARY, exact=True))
    assert [_number(row.get_by_role("cell").nth(i).inner_text()) for i in (1, 5)] == [repositories, stars]
    row.get_by_role("link", name=LIBRARY, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(LIBRARY)
    expected = site.rows(
        "SELECT CASE WHEN a.username = '' THEN '' ELSE a.username || '/' END || x.repo_name, stars, n FROM"
        f" (SELECT r.id, r.owner_account_id, r.repo_name, r.stars, count(*) AS n {USED} AND l.name = :name"
        " GROUP BY r.id ORDER BY r.stars DESC, n DESC LIMIT 10) x"
        " JOIN cppa_user_tracker_githubaccount a ON a.baseprofile_ptr_id = x.owner_account_id"
        " ORDER BY stars DESC, n DESC",
        name=LIBRARY,
    )
    external = page.locator("#external")
    shown = zip(*(_cells(external, column) for column in range(3)), strict=True)
    assert [(name, _number(stars), _number(n)) for name, stars, n in shown] == expected


def test_tables_are_sorted_by_their_columns(visit: Open, site: Site) -> None:
    page = visit(f"libraries/{LIBRARY}.html")
    external = page.locator("#external")
    column = external.get_by_role("columnheader", name="Header Includes")
    assert external.get_by_role("columnheader", name="Stars").get_attribute("aria-sort") == "descending"
    for direction, order in (("ascending", "ASC"), ("descending", "DESC")):
        column.get_by_role("button").click()  # the rows are loaded first: there are more than 500
        expect(column).to_have_attribute("aria-sort", direction)
        found = [_number(each) for each in _cells(external, 2)]
        assert found == [
            n for (n,) in site.rows(
                f"SELECT count(*) {USED} AND l.name = :name GROUP BY r.id ORDER BY 1 {order} LIMIT 10", name=LIBRARY
            )
        ]  # fmt: skip
    assert external.locator("th[aria-sort]").count() == 1
    external.get_by_role("columnheader", name="Created").get_by_role("button").press("Enter")
    assert _cells(external, 3)[0] == ""  # no date counts as the earliest
    versions = page.locator("#contribution")
    versions.get_by_role("columnheader", name="Version").get_by_role("button").click()
    shown = [tuple(map(int, version.split("."))) for version in _cells(versions, 0)]
    assert shown == sorted(shown)


def test_tables_are_searched_and_paged(visit: Open) -> None:
    page = visit(f"libraries/{LIBRARY}.html")
    external = page.locator("#external")
    info, body = external.get_by_role("status"), external.locator("tbody")
    total = int(info.inner_text().rpartition(" ")[2])
    assert total > 500
    first = _cells(external, 0)
    assert external.get_by_role("button", name="Previous").is_disabled()
    external.get_by_role("button", name="Next").click()
    expect(info).to_have_text(f"Showing 11-20 of {total}")
    assert not set(first) & set(_cells(external, 0))
    external.get_by_label("Filter").fill(first[3].upper())
    expect(body.locator("tr").first).to_contain_text(first[3])
    expect(info).to_have_text(re.compile(r"^Showing 1-"))
    external.get_by_label("Filter").fill("no such repository")
    expect(info).to_have_text("No data available")
    expect(body.locator("tr")).to_have_count(0)
    external.get_by_label("Filter").fill("")
    expect(info).to_have_text(f"Showing 1-10 of {total}")
    assert _cells(external, 0) == first  # the script shows what stood in the page


def test_the_rows_of_a_table_and_of_a_chart_are_csv(visit: Open) -> None:
    page = visit()
    overview = page.locator("#overview")
    with page.expect_download() as waiting:
        overview.get_by_role("button", name="CSV").click()
    lines = Path(waiting.value.path()).read_text().splitlines()
    assert lines[0].startswith('"Library","Created Version"')
    assert f"of {len(lines) - 1}" in overview.get_by_role("status").inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV of New repositories by Boost version").click()
    csv = Path(waiting.value.path()).read_text().splitlines()
    assert csv[0] == "Version,Repositories,All so far"
    section = page.locator("#versions")
    section.get_by_text("Show the numbers").click()
    assert [line.partition(",")[0] for line in csv[1:]] == _cells(section, 0)


def test_the_theme_is_switched_and_remembered(visit: Open) -> None:
    page = visit(color_scheme="light")
    switch = page.get_by_role("button", name="Dark theme")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.get_by_role("link", name=LIBRARY, exact=True).first.click()
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.get_by_role("button", name="Dark theme").click()
    page.emulate_media(color_scheme="dark")  # what was chosen wins over the system
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light


def test_a_language_is_chosen_by_keyboard(visit: Open) -> None:
    page = visit()
    shown = page.locator("[data-language-chart]")
    expect(shown.get_by_role("img")).to_have_accessible_name("C repositories by year")
    page.get_by_label("Language", exact=True).press("ArrowDown")
    expect(shown.get_by_role("img")).to_have_accessible_name("C++ repositories by year")
    page.get_by_role("link", name="All languages on one page").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(["C", "C++", "Python", "Rust"])


def test_tabs_are_moved_through_by_keyboard(visit: Open) -> None:
    page = visit()
    tabs = page.get_by_role("tablist", name="Top 20 repositories")
    tabs.get_by_role("tab", name="By Stars").focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.get_by_role("tab", name="By Total Boost Usage")).to_be_focused()
    expect(page.locator("#top20-by-usage")).to_be_visible()
    expect(page.locator("#top20-by-stars")).to_be_hidden()
    page.keyboard.press("End")
    expect(page.locator("#top20-by-created")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(tabs.get_by_role("tab", name="By Stars")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", f"libraries/{LIBRARY}.html"])
def test_no_page_breaks_a_rule_of_accessibility(name: str, scheme: str, visit: Open) -> None:
    page = visit(name, color_scheme=scheme, viewport=DESK if scheme == "light" else PHONE)
    page.locator("summary").first.click()
    assert_accessible(page)


@pytest.mark.parametrize("name", ["index.html", f"libraries/{LIBRARY}.html", "languages.html"])
def test_a_page_fits_a_phone(name: str, visit: Open) -> None:
    page = visit(name, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_page_can_be_read_without_script(visit: Open) -> None:
    page = visit(f"libraries/{LIBRARY}.html", java_script_enabled=False)
    expect(page.locator("#external tbody tr")).to_have_count(10)
    expect(page.get_by_role("img", name="Commits by version")).to_be_visible()
    expect(page.locator("#external").get_by_text("need JavaScript")).to_be_visible()
    expect(page.locator("#external-filter")).to_be_hidden()
    page.get_by_role("link", name="Back to Dashboard").click()
    for name in ("By Stars", "By Total Boost Usage", "By Last Created"):
        expect(page.get_by_role("table", name=f"Top 20 repositories: {name}")).to_be_visible()
