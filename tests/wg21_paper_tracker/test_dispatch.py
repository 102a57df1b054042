"""Announcing papers to the conversion repository."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from boost_collectors.core.errors import AuthenticationError, ConfigurationError, NetworkError, SourceError
from boost_collectors.core.settings import Settings
from boost_collectors.wg21_paper_tracker.dispatch import MAX_PAYLOAD_BYTES, send_announcements, split_payloads
from include.sandbox.recording import Recorded
from tests.wg21_paper_tracker.papers import BASE, DISPATCH, REPOSITORY, TOKEN, Bench, Site

PATH = f"/github-api/repos/{REPOSITORY}/dispatches"


@pytest.fixture
def settings(bench: Bench) -> Settings:
    return bench.settings(**DISPATCH)


def _posts(bench: Bench) -> list[Recorded]:
    return [request for request in bench.sandbox.requests if request.method == "POST"]


def _announced(bench: Bench) -> list[list[str]]:
    return [
        [url.removeprefix(f"{BASE}/") for url in event["body"]["client_payload"]["papers"]] for event in bench.taken
    ]


def test_new_papers_are_announced_in_their_order(bench: Bench, site: Site, settings: Settings) -> None:
    site.mailing("2025-01", "p3r0.pdf", "p1r0.pdf", "p2r0.pdf")
    site.mailing("2024-12", "p9r0.pdf")
    bench.collect(settings=settings)
    urls = [f"{BASE}/{name}" for name in ("2024/p9r0.pdf", "2025/p3r0.pdf", "2025/p1r0.pdf", "2025/p2r0.pdf")]
    assert bench.taken == [
        {
            "repository": REPOSITORY,
            "body": {"event_type": "wg21_papers_convert", "client_payload": {"papers": urls}},
        }
    ]
    assert bench.waiting == []
    attempts = "SELECT attempts, sent_at IS NOT NULL FROM wg21_paper_tracker_dispatch"
    assert bench.rows(attempts) == [(1, True)] * 4


def test_the_request_is_as_github_wants_it_and_only_github_gets_the_token(
    bench: Bench, site: Site, settings: Settings
) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect(settings=settings)
    [post] = _posts(bench)
    assert post.path == PATH
    assert post.headers["accept"] == "application/vnd.github+json"
    assert post.headers["x-github-api-version"] == "2022-11-28"
    assert post.headers["authorization"] == f"Bearer {TOKEN}"
    others = [request for request in bench.sandbox.requests if request.method != "POST"]
    assert len(others) == 2
    assert all("authorization" not in request.headers for request in others)


def test_the_token_goes_to_no_other_host(bench: Bench, site: Site, make_context: Any) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect()
    here, there = bench.sandbox.url, bench.sandbox.url.replace("127.0.0.1", "localhost")
    context = make_context(settings=bench.settings(**DISPATCH, GITHUB_API_URL=f"{there}/github-api"))
    bench.sandbox.requests.clear()
    assert send_announcements(context) == 1
    context.http.get(f"{here}/")
    context.http.get(f"{there}/")
    sent = [request.headers.get("authorization") for request in bench.sandbox.requests]
    assert sent == [f"Bearer {TOKEN}", None, f"Bearer {TOKEN}"]


def test_another_event_type(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect(settings=bench.settings(**DISPATCH, WG21_GITHUB_DISPATCH_EVENT_TYPE="convert"))
    assert bench.taken[0]["body"]["event_type"] == "convert"


def test_without_news_there_is_no_request(bench: Bench, site: Site, settings: Settings) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect(settings=settings)
    bench.collect(settings=settings)
    assert _posts(bench) == []
    assert len(bench.taken) == 1


@pytest.mark.parametrize("name", DISPATCH)
def test_what_is_not_configured_waits_without_failing(
    bench: Bench, site: Site, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect(settings=bench.settings(**{**DISPATCH, name: ""}))
    assert _posts(bench) == []
    assert bench.waiting == [("2025/p1r0.pdf", "created")]
    assert "1 papers wait" in caplog.text
    bench.collect(settings=bench.settings(**DISPATCH))
    assert _announced(bench) == [["2025/p1r0.pdf"]]


def test_what_github_did_not_take_is_sent_by_the_next_run(
    bench: Bench, site: Site, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.sandbox.faults.add(PATH, "status", status=500)
    error = bench.fail(settings=settings)
    assert isinstance(error, NetworkError)
    assert bench.stored == {"p1r0"}
    assert bench.taken == []
    assert bench.rows("SELECT attempts, sent_at FROM wg21_paper_tracker_dispatch") == [(1, None)]
    site.paper("2025-01", "p2r0.pdf")
    bench.collect(settings=settings)
    assert _announced(bench) == [["2025/p1r0.pdf", "2025/p2r0.pdf"]]
    assert TOKEN not in caplog.text
    assert TOKEN not in str(error)


@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationError), (422, SourceError)])
def test_a_refusal_fails_the_run_for_good_and_keeps_the_papers(
    bench: Bench, site: Site, settings: Settings, status: int, error: type[Exception]
) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.sandbox.faults.add(PATH, "status", status=status)
    assert isinstance(bench.fail(settings=settings), error)
    assert len(bench.waiting) == 1


def test_papers_are_announced_although_another_year_failed(bench: Bench, site: Site, settings: Settings) -> None:
    site.mailing("2024-12", "p1r0.pdf")
    site.mailing("2025-01", "p2r0.pdf")
    bench.sandbox.faults.add("*/2024/", "status")
    bench.fail(settings=settings)
    assert _announced(bench) == [["2025/p2r0.pdf"]]


def test_a_dry_run_sends_nothing(bench: Bench, site: Site, settings: Settings) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    bench.collect()
    bench.collect("--dry-run", settings=settings)
    assert _posts(bench) == []


def test_a_repository_that_is_none_is_named(bench: Bench, site: Site) -> None:
    site.mailing("2025-01", "p1r0.pdf")
    error = bench.fail(settings=bench.settings(**{**DISPATCH, "WG21_GITHUB_DISPATCH_REPO": "https://github.com/a/b"}))
    assert isinstance(error, ConfigurationError)
    assert "WG21_GITHUB_DISPATCH_REPO 'https://github.com/a/b' is not owner/repo" in str(error)


def test_many_papers_are_split_and_a_failure_keeps_the_rest_in_order(
    bench: Bench, site: Site, settings: Settings
) -> None:
    names = [f"{'folder/' * 60}p{number}r0.pdf" for number in range(300)]
    site.mailing("2025-01", *names)
    bench.sandbox.faults.add(PATH, "status", after=1)
    bench.fail(settings=settings)
    first = _announced(bench)[0]
    assert len(bench.taken) == 1
    assert [url for url, _ in bench.waiting] == [f"2025/{name}" for name in names[len(first) :]]
    bench.collect(settings=settings)
    assert [url for urls in _announced(bench) for url in urls] == [f"2025/{name}" for name in names]
    payloads = [event["body"]["client_payload"] for event in bench.taken]
    assert all(len(json.dumps(payload)) <= MAX_PAYLOAD_BYTES for payload in payloads)


def _size(batch: list[tuple[int, str]]) -> int:
    return len(json.dumps({"papers": [url for _, url in batch]}))


@pytest.mark.parametrize("url", ["https://x/p1r0.pdf", "https://x/ñ" * 20, "x" * 1024])
def test_batches_fill_the_limit_and_never_exceed_it(url: str) -> None:
    entries = [(number, url) for number in range(5000)]
    batches = list(split_payloads(entries))
    assert [entry for batch in batches for entry in batch] == entries
    assert all(_size(batch) <= MAX_PAYLOAD_BYTES for batch in batches)
    assert all(_size([*batch, (0, url)]) > MAX_PAYLOAD_BYTES for batch in batches[:-1])


def test_nothing_makes_no_batch() -> None:
    nothing: Mapping[int, Any] = {}
    assert list(split_payloads(list(nothing.items()))) == []
