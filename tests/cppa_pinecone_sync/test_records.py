"""Ids, metadata and size of what is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from boost_collectors.cppa_pinecone_sync.documents import RejectedItem, document_of, split_ids
from boost_collectors.cppa_pinecone_sync.prose import Minimum
from boost_collectors.cppa_pinecone_sync.records import Splitter, batches, record_of, vector_id

ANY = Splitter(1000, 200, Minimum(0, 0))
TITLED = "This is a valid chunk with enough words and length for the indexer here."


def document(content: str = "text", **metadata: Any) -> Any:
    return document_of({"content": content, "metadata": {"doc_id": "d1", **metadata}})


@pytest.mark.parametrize(
    ("base", "text", "metadata", "expected"),
    [
        ("d1", "any", {"start_index": 10}, "8fefc75fb813ab68a1d45aabd9efba2f"),
        ("https://u", "hello world", {}, "8c127f592776bf6f98558990528e2fdc"),
        ("doc_96_3", "x" * 60, {}, "b99adcd0006d4d75d4425d12bab40704"),
        ("d", "any", {"start_index": -1}, "1ecdfd5b5ba4970acd9a1de3c74ac200"),
    ],
)
def test_ids_are_those_of_the_earlier_system(base: str, text: str, metadata: dict[str, Any], expected: str) -> None:
    assert vector_id(base, text, metadata) == expected


def test_the_title_stands_before_the_text_and_counts_in_the_id_of_a_ready_chunk() -> None:
    (piece,), dropped = ANY.ready([document(TITLED, title=" T ")])
    assert piece.text == f"Title: T\n\n{TITLED}"
    assert (piece.usual_id, dropped) == ("83b2c6796f0c18c594760fd23168f405", 0)


def test_p15_later_chunks_of_a_message_say_what_it_is_about_and_keep_their_ids() -> None:
    top = "Subject: Lifetime of buffers\nSender: Ada\n\n"
    mail = document(top + " ".join(["It must stay alive."] * 120), subject="Lifetime of buffers", author="Ada")
    first, *later = ANY.pieces(mail)[0]
    assert later
    assert first.text.startswith(top.strip())
    assert first.text.count("Subject:") == 1
    for piece in later:
        assert piece.text.startswith(top)
        assert piece.usual_id == vector_id("d1", "", {"start_index": piece.metadata["start_index"]})


def test_doc_id_goes_before_url_and_both_missing_or_blank_is_no_document() -> None:
    assert document(url="https://u").base == "d1"
    assert document_of({"content": "x", "metadata": {"url": "https://u"}}).base == "https://u"  # type: ignore[union-attr]
    for metadata in ({}, None, {"doc_id": None}, {"doc_id": "  "}):
        assert document_of({"content": "x", "metadata": metadata}) is None


def test_the_ids_of_the_rows_come_from_the_first_place_that_has_any() -> None:
    assert document(source_ids="1, 2", ids="3").source_ids == "1, 2"
    assert document(source_ids="", ids="3").source_ids == "3"
    assert document_of({"content": "x", "metadata": {"doc_id": "d"}, "ids": [4, 5]}).source_ids == "4,5"  # type: ignore[union-attr]
    assert document(source_ids=7).metadata["table_ids"] == "7"
    assert split_ids("1, 2,,2 ,3") == ["1", "2", "3"]


def test_metadata_never_replaces_the_record_and_is_what_the_service_takes() -> None:
    given = {
        "id": "evil",
        "_id": "evil",
        "chunk_text": "evil",
        "none": None,
        "n": 1,
        "list": [1, "b"],
        "nested": {"a": 1},
    }
    (piece,), _ = ANY.pieces(document("some text", source_ids="9", **given))
    record = record_of(piece, "v1")
    assert record == {
        "id": "v1",
        "chunk_text": "some text",
        "doc_id": "d1",
        "n": 1,
        "list": ["1", "b"],
        "nested": '{"a": 1}',
        "table_ids": "9",
        "start_index": 0,
    }


@pytest.mark.parametrize("content", [None, 5, b"bytes", ["a"]])
def test_content_that_is_not_text_is_rejected_with_its_rows(content: Any) -> None:
    with pytest.raises(RejectedItem, match=r"'d1'.*not text") as caught:
        document_of({"content": content, "metadata": {"doc_id": "d1", "source_ids": "8"}})
    assert caught.value.source_ids == "8"


def test_more_metadata_than_a_record_may_have_is_rejected() -> None:
    with pytest.raises(RejectedItem, match="'d1' has more metadata"):
        ANY.pieces(document("text", blob="x" * 41_000))


def test_dropped_chunks_are_counted() -> None:
    pieces, dropped = Splitter(20, 0, Minimum(10, 2)).pieces(document("long enough text\n\nshort\n\nanother long text"))
    assert ([piece.text for piece in pieces], dropped) == (["long enough text", "another long text"], 1)


def test_batches_are_bounded_by_number_and_by_bytes() -> None:
    records = [{"id": str(number), "chunk_text": "é" * 100} for number in range(10)]
    assert [len(batch) for batch in batches(records, 4, 10**6)] == [4, 4, 2]
    for batch in batches(records, 100, 700):
        assert sum(len(json.dumps(record, ensure_ascii=False).encode()) + 1 for record in batch) <= 700
    assert [record for batch in batches(records, 100, 1) for record in batch] == records
