"""Renews the dashboard's pictures of docs/images: ``python -m tests.browser.dashboard_screenshots``.

The numbers are made up; the names of libraries are Boost's.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import text

from benchmarks._dashboard_rows import Scale, fill
from benchmarks.processes import new_database, server
from boost_collectors import registry
from boost_collectors.boost_library_usage_dashboard.places import index_file
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from include.stack.airflow import PROJECT
from tests.browser.airflow_ui import chromium

IMAGES = PROJECT / "docs" / "images"
NAMES = "config,asio,smart_ptr,filesystem,system,thread,algorithm,program_options,beast,spirit,json,range,optional,any"
ROWS = Scale(versions=58, headers_each=20, repositories=9_000, usages=250_000, commits=20_000)
PICTURES = (("dashboard", "index.html", "light"), ("dashboard-library", "libraries/asio.html", "dark"))


def main() -> None:
    """Make the pages in a folder of their own and take the pictures."""
    with tempfile.TemporaryDirectory() as name, server() as postgres:
        url = new_database(postgres)
        with Database(url) as database, database.session() as session:
            fill(session.connection(), ROWS)
            for number, library in enumerate(NAMES.split(","), start=1):
                values = {"name": library, "number": number}
                session.execute(
                    text("UPDATE boost_library_tracker_boostlibrary SET name = :name WHERE id = :number"), values
                )
            session.execute(
                text("UPDATE boost_library_tracker_boostlibraryversion SET description = 'Made-up numbers'")
            )
        settings = Settings.load({"WORKSPACE_DIR": name, "DATABASE_URL": url}, env_file=None)
        execute(registry.find("run_boost_library_usage_dashboard"), Request(("--skip-publish",)), settings=settings)
        _take_all(index_file(settings).parent)


def _take_all(pages: Path) -> None:
    with chromium() as browser:
        for picture, page, scheme in PICTURES:
            tab = browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
            tab.goto((pages / page).as_uri())
            tab.screenshot(path=IMAGES / f"{picture}.png")


if __name__ == "__main__":
    main()
