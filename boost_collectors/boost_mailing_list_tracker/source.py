"""HyperKitty's REST API: the index of a list and its messages.

``GET <base>/list/<address>/emails/?limit=100&offset=0`` lists messages by the time they were archived, newest first;
it takes no date and no other order. ``GET <base>/list/<address>/email/<hash>/`` is one message with its content.
Both are public. The answer gives addresses as ``user (a) example.org``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boost_collectors.boost_mailing_list_tracker.normalise import last_segment, parse_moment, storable
from boost_collectors.core.errors import NetworkError, SourceError
from boost_collectors.core.http import HttpClient

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A message as the index names it. ``date`` is when its sender says it was sent, aware UTC; None if unreadable."""

    msg_id: str
    url: str
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """One page of the index: ``offset`` is where it starts, ``end`` where the next one does, ``total`` how many
    messages the list has now, ``last`` that the server names no next page."""

    rows: tuple[IndexRow, ...]
    offset: int
    end: int
    total: int
    last: bool


class Archive:
    """One HyperKitty server."""

    def __init__(self, http: HttpClient, base_url: str) -> None:
        self._http = http
        self._base = base_url.rstrip("/")

    def pages(self, list_name: str, offset: int = 0) -> Generator[IndexPage]:
        """The index from ``offset`` on, newest archived first.

        Pages are asked for by offset rather than by the ``next`` link: a message removed meanwhile moves all later
        rows up, and only an offset can step back by as many. Raises NetworkError when the server answers the same
        page for ever, ends before its own count, or goes on beyond it.
        """
        before: IndexPage | None = None
        while True:
            page = self._page(list_name, offset)
            if before and page.total < before.total:
                offset = max(0, offset - (before.total - page.total))
                before = page
                continue
            if before and page.rows and page.rows == before.rows and page.offset >= before.end:
                raise NetworkError(f"the index of {list_name} answers offset {offset} with the page before it")
            yield page
            if page.last or page.end == offset:
                _refuse_early_end(list_name, page)
                return
            before, offset = page, page.end

    def _page(self, list_name: str, offset: int) -> IndexPage:
        url = f"{self._base}/list/{list_name}/emails/"
        answer = self._http.get_json(url, params={"limit": PAGE_SIZE, "offset": offset})
        if not isinstance(answer, Mapping) or not isinstance(answer.get("results"), list):
            raise SourceError(f"{url} offset {offset}: the answer has no list 'results'")
        results, total = answer["results"], answer.get("count")
        if not isinstance(total, int):
            raise SourceError(f"{url} offset {offset}: the answer has no number 'count'")
        if results and offset > total + PAGE_SIZE:
            raise NetworkError(f"{url} goes on at offset {offset}, beyond its own count of {total}")
        return IndexPage(
            rows=tuple(_rows(results)),
            offset=offset,
            end=offset + len(results),
            total=total,
            last=answer.get("next") is None,
        )

    def message(self, row: IndexRow) -> Mapping[str, Any]:
        """The whole message of an index row. Raises NotFoundError when it was removed meanwhile."""
        answer = self._http.get_json(row.url)
        if not isinstance(answer, Mapping):
            raise SourceError(f"{row.url}: the answer is not a message")
        return answer


def _refuse_early_end(list_name: str, page: IndexPage) -> None:
    # An index cut short would pass for a complete walk, and for the removal of all that it leaves out.
    if page.end < page.total:
        raise NetworkError(f"the index of {list_name} ends at {page.end} of {page.total} messages")


def _rows(results: list[Any]) -> Iterator[IndexRow]:
    for result in results:
        if not isinstance(result, Mapping) or not isinstance(result.get("url"), str):
            continue
        url = result["url"]
        msg_id = storable(result.get("message_id_hash")).strip() or last_segment(storable(url))
        if msg_id:
            yield IndexRow(msg_id, url, parse_moment(storable(result.get("date"))))
