"""The fewest calls that make the index hold a document's chunks."""

from __future__ import annotations

from boost_collectors.cppa_pinecone_sync.plan import plan_document
from boost_collectors.cppa_pinecone_sync.records import Piece
from boost_collectors.cppa_pinecone_sync.services import StoredChunk


def piece(text: str, place: int, metadata: str = "m") -> Piece:
    return Piece(f"at{place}", text, {}, text.encode(), f"{metadata}{place}".encode())


def stored(text: str, place: int, metadata: str = "m", *, dense: bool = True, sparse: bool = True) -> StoredChunk:
    return StoredChunk(f"at{place}", text.encode(), f"{metadata}{place}".encode(), dense, sparse)


def plan(pieces: list[Piece], before: list[StoredChunk], *, keys_removed: bool = False) -> tuple[list[str], list[str]]:
    made = plan_document("base", pieces, before, keys_removed=keys_removed)
    told = [
        f"{vector.identifier}:{'d' * vector.dense}{'s' * vector.sparse}{'r' * vector.refresh}"
        for vector in made.vectors
    ]
    return told, made.stale


def test_new_chunks_go_to_both_indexes() -> None:
    assert plan([piece("a", 0), piece("b", 5)], []) == (["at0:ds", "at5:ds"], [])


def test_what_is_there_costs_nothing() -> None:
    assert plan([piece("a", 0)], [stored("a", 0)]) == (["at0:"], [])


def test_a_chunk_that_moved_keeps_its_vector_and_only_its_metadata_is_set() -> None:
    told, stale = plan([piece("new", 0), piece("a", 5), piece("b", 9)], [stored("a", 0), stored("b", 5)])
    assert told[1:] == ["at0:r", "at5:r"]
    # The place of the new chunk is taken by a vector that stays, so it gets an id made of its text.
    assert told[0].endswith(":ds")
    assert not told[0].startswith("at")
    assert stale == []


def test_a_changed_text_is_sent_under_the_id_of_its_place() -> None:
    assert plan([piece("changed", 0)], [stored("a", 0)]) == (["at0:ds"], [])


def test_what_is_no_longer_produced_is_stale() -> None:
    assert plan([piece("a", 0)], [stored("a", 0), stored("b", 5)]) == (["at0:"], ["at5"])
    assert plan([], [stored("a", 0), stored("b", 5)]) == ([], ["at0", "at5"])


def test_only_the_missing_half_is_sent() -> None:
    assert plan([piece("a", 0)], [stored("a", 0, sparse=False)])[0] == ["at0:s"]
    assert plan([piece("a", 0)], [stored("a", 0, dense=False)])[0] == ["at0:d"]


def test_other_metadata_is_an_update_unless_a_key_has_to_go_or_a_half_is_missing() -> None:
    assert plan([piece("a", 0, "x")], [stored("a", 0)])[0] == ["at0:r"]
    assert plan([piece("a", 0, "x")], [stored("a", 0)], keys_removed=True)[0] == ["at0:ds"]
    assert plan([piece("a", 0, "x")], [stored("a", 0, sparse=False)])[0] == ["at0:ds"]


def test_texts_that_repeat_keep_a_vector_each() -> None:
    same = [piece("a", 0), piece("a", 5), piece("a", 9)]
    assert plan(same, [stored("a", 0), stored("a", 5)]) == (["at0:", "at5:", "at9:ds"], [])
    assert plan(same[:1], [stored("a", 0), stored("a", 5)]) == (["at0:"], ["at5"])


def test_equal_ready_chunks_get_ids_of_their_own() -> None:
    told, _ = plan([piece("a", 0), piece("a", 0)], [])
    assert len(set(told)) == 2
