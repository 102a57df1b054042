"""What a reader of the dashboard waits for: first paint and bytes on the wire, in headless Chromium.

The report is that of `dashboard`: 200 libraries and five million usages. Its pages come from a plain HTTP server of
this machine, which does not compress; each visit is that of a browser that has kept nothing. First paint is when
Chromium says that it first showed content, the median of seven visits; the baseline is a page of one word from the same
server.
Bytes are those of a page with all that it fetches by itself, headers included: of the index, of the page that lists
all languages, and of the library whose page is the largest. Rows that are fetched when somebody sorts or searches a
long table are counted apart.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from typing import TYPE_CHECKING, Any

from benchmarks.dashboard import COMMAND, fill_database
from benchmarks.figures import Figure, MissingError
from benchmarks.processes import new_database, server
from boost_collectors import registry
from boost_collectors.boost_library_usage_dashboard.places import index_file
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from tests.browser.airflow_ui import CHROMIUM, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VISITS = 7
EMPTY = "empty.html"
_PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"
# Milliseconds until the first paint of content; bytes of the page and of what it fetched, as they were transferred.
_SEEN = """
    () => ({
        paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
        bytes: ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
            .reduce((sum, each) => sum + each.transferSize, 0),
    })
"""


def run() -> list[Figure]:
    """Make the report on a server of its own, and look at it; without Chromium there is nothing to measure."""
    if CHROMIUM is None:
        raise MissingError("no Chromium is installed")
    with tempfile.TemporaryDirectory() as name:
        pages = _report(Path(name))
        (pages / EMPTY).write_text("<!doctype html><title>Empty</title><p>Empty", encoding="utf-8")
        with _served(pages) as url, chromium() as browser:
            return _figures(browser, url, pages)


def _report(workspace: Path) -> Path:
    """The folder of the pages."""
    with server() as postgres:
        url = new_database(postgres)
        fill_database(url)
        settings = Settings.load({"WORKSPACE_DIR": str(workspace), "DATABASE_URL": url}, env_file=None)
        execute(registry.find(COMMAND), Request(("--skip-publish",)), settings=settings)
    return index_file(settings).parent


def _figures(browser: Browser, url: str, pages: Path) -> list[Figure]:
    largest = _largest(pages / "libraries").relative_to(pages).as_posix()
    index, empty = [], []
    for _ in range(VISITS):  # in turn, so that a busy moment of the machine hits both
        index.append(_visit(browser, f"{url}/index.html"))
        empty.append(_visit(browser, f"{url}/{EMPTY}"))
    rows = _largest(pages / "data").stat().st_size
    paint, nothing = (median(visit["paint"] for visit in visits) for visits in (index, empty))
    library, languages = (_visit(browser, f"{url}/{page}") for page in (largest, "languages.html"))
    return [
        Figure("paint", "first paint of the index", paint, "ms", None, 1000, "a page of one word", nothing),
        Figure("paint_worst", "the slowest of its visits", max(visit["paint"] for visit in index), "ms"),
        Figure("paint_library", "first paint of the largest page of a library", library["paint"], "ms"),
        _size("index", "the index", index[0]["bytes"]),
        _size("library", "the largest page of a library", library["bytes"]),
        _size("languages", "the page of all languages", languages["bytes"]),
        Figure("rows", "the largest file of rows, fetched on demand", rows / 1e3, "kB"),
    ]  # fmt: skip


def _size(key: str, name: str, size: float) -> Figure:
    return Figure(f"bytes_{key}", f"on the wire: {name}", size / 1e3, "kB", at_most=300)


def _largest(folder: Path) -> Path:
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def _visit(browser: Browser, address: str) -> Mapping[str, float]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        page.wait_for_function(_PAINTED)
        seen: Mapping[str, float] = page.evaluate(_SEEN)
        return seen


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing of a request."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The URL of the folder, on any free port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as made:
        thread = Thread(target=made.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{made.server_port}"
        finally:
            made.shutdown()
            thread.join()
