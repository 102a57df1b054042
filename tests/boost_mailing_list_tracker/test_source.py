"""The pages of an index while it changes, and indexes that lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from boost_collectors.boost_mailing_list_tracker.source import Archive
from boost_collectors.core.errors import NetworkError, SourceError
from boost_collectors.core.http import HttpClient
from tests.boost_mailing_list_tracker.mail import BOOST, Bench, Mailboxes


@pytest.fixture
def archive(bench: Bench) -> Iterator[Archive]:
    settings = bench.settings()
    with HttpClient.from_settings(settings) as http:
        yield Archive(http, settings.mailing_list_api_url)


def _ids(page: Any) -> list[str]:
    return [row.msg_id for row in page.rows]


def test_pages_follow_one_another_newest_first(archive: Archive, mail: Mailboxes) -> None:
    messages = mail.fill(230)
    pages = list(archive.pages(BOOST))
    assert [len(page.rows) for page in pages] == [100, 100, 30]
    assert [msg_id for page in pages for msg_id in _ids(page)] == messages[::-1]


def test_messages_removed_meanwhile_make_the_next_page_step_back(
    archive: Archive, mail: Mailboxes, bench: Bench
) -> None:
    messages = mail.fill(230)
    pages = archive.pages(BOOST)
    seen = set(_ids(next(pages)))
    mail.remove(*(f"m{number}@x" for number in range(200, 210)))
    for page in pages:
        seen.update(_ids(page))
    assert bench.offsets() == [0, 100, 90, 190]
    assert seen == set(messages)


def test_messages_that_come_in_meanwhile_lose_nothing(archive: Archive, mail: Mailboxes) -> None:
    messages = mail.fill(150)
    pages = archive.pages(BOOST)
    seen = set(_ids(next(pages)))
    mail.fill(30, prefix="new")
    for page in pages:
        seen.update(_ids(page))
    assert set(messages) <= seen


def test_a_server_that_repeats_a_page_is_found_out(archive: Archive, mail: Mailboxes, bench: Bench) -> None:
    mail.fill(300)
    bench.sandbox.faults.add("*/emails/*", "repeated_page", times=None)
    with pytest.raises(NetworkError, match="the page before it"):
        list(archive.pages(BOOST))


class Liar(HttpClient):
    """A client of a server that answers what it is told to."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self._answers = list(answers)

    def get_json(self, url: str, params: Any = None) -> Any:
        return self._answers.pop(0)


def _answer(first: int, number: int, count: Any, *, last: bool = False) -> dict[str, Any]:
    results = [{"url": f"http://x/email/{index}/"} for index in range(first, first + number)]
    return {"count": count, "next": None if last else "more", "results": results}


@pytest.mark.parametrize(
    ("answers", "error", "told"),
    [
        ([_answer(0, 100, 500, last=True)], NetworkError, "ends at 100 of 500"),
        ([_answer(0, 100, 500), _answer(0, 0, 500)], NetworkError, "ends at 100 of 500"),
        ([_answer(100 * number, 100, 150) for number in range(5)], NetworkError, "beyond its own count of 150"),
        ([{"results": [], "next": None}], SourceError, "'count'"),
        ([{"results": None}], SourceError, "'results'"),
        ([["no", "object"]], SourceError, "'results'"),
    ],
)
def test_an_index_that_contradicts_itself_is_no_complete_walk(answers: Any, error: Any, told: str) -> None:
    with Liar(*answers) as http, pytest.raises(error, match=told):
        list(Archive(http, "http://x").pages(BOOST))


def test_rows_without_url_or_id_are_left_out() -> None:
    rows = [{"url": "http://x/email/A/"}, {"url": None}, "row", {"url": "http://x/"}, {"url": "http://[x/y"}]
    answer = {"count": 5, "next": None, "results": rows}
    with Liar(answer) as http:
        [page] = Archive(http, "http://x").pages(BOOST)
    assert _ids(page) == ["A"]


def test_an_answer_that_is_no_message_is_refused() -> None:
    with Liar(_answer(0, 1, 1, last=True), ["no", "message"]) as http:
        archive = Archive(http, "http://x")
        [page] = archive.pages(BOOST)
        with pytest.raises(SourceError, match="not a message"):
            archive.message(page.rows[0])
