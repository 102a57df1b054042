"""Which of the documents that are offered have to be looked at."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from boost_collectors.cppa_pinecone_sync.offers import Offer, Offers
from boost_collectors.cppa_pinecone_sync.summary import Summary

Items = list[dict[str, Any]]


class Colour(StrEnum):
    RED = "red"


def item(content: Any = "text", **metadata: Any) -> dict[str, Any]:
    return {"content": content, "metadata": {"doc_id": "d1", "source_ids": "1", **metadata}}


def digest(*items: Any, version: str = "v") -> bytes:
    return Offers(set(), version, Summary()).digest(items)


def changed(items: Items, *, known: tuple[bytes, ...] = (), chunked: bool = False, size: int = 9) -> list[list[Offer]]:
    pages = Offers(set(known), "v", Summary()).changed(items, chunked=chunked, size=size)
    return [list(page.values()) for page in pages]


def texts(pages: list[list[Offer]]) -> list[list[str]]:
    return [[document.content for document in offer.group] for page in pages for offer in page]


def test_a_digest_changes_with_text_metadata_rows_end_and_chunking() -> None:
    others = [
        digest(item()),
        digest(item("other")),
        digest(item("tex"), item("t")),
        digest(item(author="x")),
        digest(item(author=None)),
        digest(item(number=1)),
        digest(item(number=True)),
        digest(item(source_ids="2")),
        digest({**item(), "source_ids": "1"}),
        digest({**item(), "gone": True}),
        digest(item(), version="w"),
        digest(item(), item()),
        digest(item(None)),
        digest(item(4)),
    ]
    assert len(set(others)) == len(others)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"set": {"x", "y", "z"}}, {"set": {"z", "y", "x"}}),
        ({"view": MappingProxyType({"a": 1})}, {"view": {"a": 1}}),
        ({"colour": Colour.RED}, {"colour": "red"}),
        ({"half": "\ud800"}, {"half": "\ud800"}),
        ({"keys": {1: "a", "b": 2}}, {"keys": {1: "a", "b": 2}}),
    ],
)
def test_a_digest_depends_on_what_is_said_and_not_on_how(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert digest(item("half \udc00", **one)) == digest(item("half \udc00", **other))


def test_documents_that_are_known_are_counted_and_not_looked_at() -> None:
    summary = Summary()
    offers = Offers({digest(item("a", doc_id="a"))}, "v", summary)
    pages = list(offers.changed([item("a", doc_id="a"), item("b", doc_id="b")], chunked=False, size=9))
    assert [list(page) for page in pages] == [["b"]]
    assert (summary.seen, summary.unchanged, list(summary.attempted)) == (2, 1, ["1"])


def test_pages_hold_so_many_changed_documents_however_many_unchanged_lie_between() -> None:
    items = [item(str(number), doc_id=str(number)) for number in range(10)]
    known = tuple(digest(items[number]) for number in (1, 2, 3, 5))
    pages = changed(items, known=known, size=2)
    assert [[offer.group[0].base for offer in page] for page in pages] == [["0", "4"], ["6", "7"], ["8", "9"]]


def test_the_last_offer_of_a_document_counts_also_when_it_is_the_known_one() -> None:
    assert texts(changed([item("one"), item("two")])) == [["two"]]
    assert changed([item("one"), item("two")], known=(digest(item("two")),)) == []
    assert texts(changed([item("two"), item("one")], known=(digest(item("two")),))) == [["one"]]


def test_ready_chunks_of_a_document_stay_together() -> None:
    items = [item(text, doc_id=name) for name, text in ("a1", "a2", "b1")]
    assert texts(changed(items, chunked=True)) == [["1", "2"], ["1"]]
    nobodys = {"content": "of nobody", "metadata": {}}
    assert texts(changed([items[0], nobodys, items[1]], chunked=True)) == [["1", "2"]]


def test_what_is_rejected_is_a_failure_and_the_rest_is_looked_at_each_time() -> None:
    summary = Summary()
    offers = Offers(set(), "v", summary)
    (page,) = offers.changed([item("one"), item(None, source_ids="2"), item("two")], chunked=True, size=9)
    assert texts([list(page.values())]) == [["one", "two"]]
    assert page["d1"].digest is None
    assert (summary.seen, summary.failed_documents, list(summary.failures)) == (3, 1, ["2"])
