"""The dashboard on a running api-server: who may see it, and what of its folder is shown."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from boost_collectors.boost_library_usage_dashboard.places import index_file
from boost_collectors.core.settings import Settings
from tests.airflow.local_stack import LocalStack

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]


@pytest.fixture
def stranger(running_stack: LocalStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running_stack.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def pages(running_stack: LocalStack) -> Iterator[LocalStack]:
    """Pages of one library, and a file that is no page."""
    folder = index_file(Settings.load(running_stack.environment, env_file=None)).parent
    for name in ("index.html", "libraries/asio.html", "data/asio/external.js", "dashboard_data.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"made up: {name}", encoding="utf-8")
    yield running_stack
    running_stack.reset()


@pytest.mark.parametrize("path", ["", "index.html", "libraries/asio.html", "data/asio/external.js", "nothing.html"])
def test_strangers_are_refused_and_shown_the_login(pages: LocalStack, stranger: httpx.Client, path: str) -> None:
    answer = stranger.get(f"/dashboard/{path}")
    assert answer.status_code == 401
    assert "/auth/login/" in answer.text
    assert "made up" not in answer.text
    forged = stranger.get(f"/dashboard/{path}", headers={"Authorization": "Bearer nonsense"})
    assert forged.status_code == 403
    assert "made up" not in forged.text


@pytest.mark.parametrize("path", ["index.html", "libraries/asio.html", "data/asio/external.js"])
def test_whoever_may_use_the_api_sees_the_pages(pages: LocalStack, path: str) -> None:
    answer = pages.api.page(f"dashboard/{path}")
    assert (answer.status_code, answer.text) == (200, f"made up: {path}")
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "path",
    ["dashboard_data.json", "libraries/../dashboard_data.json", "..%2findex.html", "data/%2e%2e/index.html", "x.html"],
)
def test_nothing_but_pages_is_shown(pages: LocalStack, path: str) -> None:
    answer = pages.api.page(f"dashboard/{path}")
    assert answer.status_code == 404
    assert "made up" not in answer.text
