"""The operations page on a running api-server: who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.airflow.local_stack import LocalStack

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]


@pytest.fixture
def stranger(running_stack: LocalStack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running_stack.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.mark.parametrize("path", ["/operations/", "/operations/runs/?command=run_wg21_paper_tracker"])
def test_strangers_are_refused_and_shown_the_login(stranger: httpx.Client, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 401
    assert "/auth/login/" in answer.text
    (stylesheet,) = re.findall('href="([^"]+[.]css)"', answer.text)
    assert stranger.get(str(answer.url.join(stylesheet))).headers["content-type"].startswith("text/css")
    assert "run_wg21_paper_tracker" not in answer.text
    forged = stranger.get(path, headers={"Authorization": "Bearer nonsense"})
    assert forged.status_code == 403
    assert "run_wg21_paper_tracker" not in forged.text


def test_whoever_may_use_the_api_sees_the_page(running_stack: LocalStack) -> None:
    answer = running_stack.api.page("operations/")
    assert answer.status_code == 200
    assert "run_wg21_paper_tracker" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
