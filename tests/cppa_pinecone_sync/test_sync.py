"""What reaches the index, and what is not sent because it is there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.adapters import PineconeAdapter
from boost_collectors.core.errors import AlreadyRunning
from boost_collectors.cppa_pinecone_sync.documents import document_of
from boost_collectors.cppa_pinecone_sync.prose import Minimum
from boost_collectors.cppa_pinecone_sync.records import Piece, Splitter
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from include.sandbox.pinecone import PRIVATE_KEY
from tests.cppa_pinecone_sync.store import DENSE, NAMESPACE, PROSE, SPARSE, Store, item, paragraphs

EMPTY: dict[str, Any] = {
    **dict.fromkeys(("upserted", "updated", "total", "failed_count"), 0),
    **{name: [] for name in ("failed_ids", "attempted_source_ids", "successful_source_ids", "errors", "update_errors")},
}


def test_a_first_sync_makes_both_indexes_and_fills_them_alike(store: Store) -> None:
    summary = store.sync(item("a", paragraphs(1, 2), author="X", title="T"), item("b"))
    assert (summary["upserted"], summary["total"], summary["failed_count"]) == (3, 2, 0)
    assert summary["successful_source_ids"] == ["row-a", "row-b"]
    assert store.vectors(DENSE) == store.vectors(SPARSE)
    stored = sorted(store.vectors().values(), key=lambda fields: (fields["doc_id"], fields["start_index"]))
    assert [(fields["doc_id"], fields["table_ids"]) for fields in stored] == [
        ("a", "row-a"),
        ("a", "row-a"),
        ("b", "row-b"),
    ]
    assert stored[0]["chunk_text"] == f"Title: T\n\n{paragraphs(1)}"
    assert "source_ids" not in stored[0]
    assert store.sandbox.pinecone.accounts[store.settings.pinecone_api_key].indexes[SPARSE].text_field == "chunk_text"


def test_an_index_that_another_sync_makes_in_the_same_moment_is_used(store: Store) -> None:
    account = PineconeAdapter.from_api_key(
        store.settings.pinecone_api_key, host=store.settings.pinecone_controller_host
    )
    made = {"name": DENSE, "cloud": "aws", "region": "us-east-1"}
    for model in ("multilingual-e5-large", "another"):
        account.create_index_for_model(**made, embed={"model": model, "field_map": {"text": "chunk_text"}})
    assert account.list_index_names() == {DENSE}
    assert store.sync(item("a"))["upserted"] == 1


def test_a_second_sync_of_the_same_costs_no_call(store: Store) -> None:
    items = [item(str(number), paragraphs(number, -number)) for number in range(20)]
    store.sync(*items)
    store.forget()
    summary = store.sync(*items)
    assert store.calls() == []
    assert (summary["upserted"], summary["unchanged_documents"], summary["failed_count"]) == (0, 20, 0)
    assert summary["successful_source_ids"] == [f"row-{number}" for number in range(20)]


def test_a_document_that_comes_back_to_what_it_was_within_a_run_ends_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boost_collectors.cppa_pinecone_sync.sync.PAGE_SIZE", 1)
    store.sync(item("a", paragraphs(1)))
    store.sync(item("a", paragraphs(2)), item("a", paragraphs(1)))
    assert store.texts() == store.texts(SPARSE) == [paragraphs(1)]


@pytest.mark.parametrize(
    "changed", [{"pinecone_chunk_size": 400}, {"pinecone_chunk_overlap": 0}, {"pinecone_min_words": 6}]
)
def test_other_chunking_is_seen_and_costs_no_more_than_it_changes(store: Store, changed: dict[str, int]) -> None:
    store.sync(item("a"))
    store.forget()
    settings = store.settings.model_copy(update=changed)
    summary = store.sync(item("a"), settings=settings)
    assert (summary["unchanged_documents"], summary["failed_count"], store.calls()) == (0, 0, [])
    assert store.sync(item("a"), settings=settings)["unchanged_documents"] == 1


def test_a_second_sync_without_changes_writes_no_row_of_the_ledger(store: Store) -> None:
    ledger = ("cppa_pinecone_sync_document", "cppa_pinecone_sync_chunk", "cppa_pinecone_sync_pineconefaillist")

    def versions() -> list[Any]:
        with store.database.session() as session:
            return [session.execute(text(f"SELECT ctid::text, xmin::text FROM {name}")).all() for name in ledger]

    items = [item("a", paragraphs(1, 2)), item("b"), item("c", "too short")]
    store.sync(*items)
    before = versions()
    assert len(before[0]) == 3
    store.sync(*items)
    assert versions() == before


def test_a_paragraph_in_front_sends_that_paragraph_and_leaves_nothing_stale(store: Store) -> None:
    store.sync(item("a", paragraphs(*range(6))))
    store.forget()
    summary = store.sync(item("a", paragraphs("new", *range(6))))
    assert (summary["upserted"], summary["updated"], summary["deleted_chunks"]) == (1, 6, 0)
    assert len(store.calls("/upsert")) == 2
    assert store.texts() == store.texts(SPARSE) == sorted(paragraphs(name) for name in ("new", *range(6)))
    content = paragraphs("new", *range(6))
    for fields in store.vectors().values():
        assert content.startswith(fields["chunk_text"], int(fields["start_index"]))


def test_a_sentence_in_front_sends_only_the_chunks_whose_text_changed(store: Store) -> None:
    """Of running text, whose chunks all move; and of paragraphs, of which only the first has another text."""
    running = " ".join(PROSE.format(number) for number in range(200))
    for name, content, most in (("running", running, None), ("parted", paragraphs(*range(30)), 2)):
        store.sync(item(name, content))
        before = {fields["chunk_text"] for fields in store.vectors().values() if fields["doc_id"] == name}
        assert len(before) >= 20
        store.sandbox.pinecone.sent.clear()
        longer = f"{PROSE.format('in front')} {content}"
        store.sync(item(name, longer))
        after = {fields["chunk_text"] for fields in store.vectors().values() if fields["doc_id"] == name}
        sent = sorted(store.sandbox.pinecone.sent)
        assert sent == sorted((index, text) for index in (DENSE, SPARSE) for text in after - before)
        assert most is None or len(after - before) <= most
        assert after == {piece.text for piece in _pieces(store, name, longer)}
        assert store.vectors() == store.vectors(SPARSE)


def _pieces(store: Store, name: str, content: str) -> list[Piece]:
    """The chunks that a document is to have."""
    document = document_of(item(name, content))
    assert document is not None
    settings = store.settings
    return Splitter(settings.pinecone_chunk_size, settings.pinecone_chunk_overlap, Minimum(50, 5)).pieces(document)[0]


def test_what_a_document_no_longer_says_is_deleted(each_store: Store) -> None:
    each_store.sync(item("a", paragraphs(*range(5))), item("b"))
    summary = each_store.sync(item("a", paragraphs(1, 3)))
    assert summary["deleted_chunks"] == 3
    assert (
        each_store.texts() == each_store.texts(SPARSE) == sorted([paragraphs(1), paragraphs(3), item("b")["content"]])
    )


def test_a_document_that_is_gone_leaves_no_vector(each_store: Store) -> None:
    each_store.sync(item("a", paragraphs(1, 2)), item("b"))
    summary = each_store.sync({"gone": True, "metadata": {"doc_id": "a", "source_ids": "row-a"}})
    assert (summary["gone_documents"], summary["deleted_chunks"]) == (1, 2)
    assert each_store.texts() == each_store.texts(SPARSE) == [item("b")["content"]]
    assert each_store.sync(item("a", paragraphs(1, 2)))["upserted"] == 2


def test_other_metadata_is_an_update_and_no_embedding(store: Store) -> None:
    store.sync(item("a", paragraphs(1, 2), author="X"))
    store.forget()
    summary = store.sync(item("a", paragraphs(1, 2), author="Y", state="open"))
    assert (summary["upserted"], summary["updated"]) == (0, 2)
    assert len(store.calls("/vectors/update")) == 4
    for index in (DENSE, SPARSE):
        assert {(fields["author"], fields["state"]) for fields in store.vectors(index).values()} == {("Y", "open")}


def test_a_key_that_went_goes_from_the_vectors_too(each_store: Store) -> None:
    each_store.sync(item("a", author="X", state="open"))
    assert each_store.sync(item("a", author="X"))["upserted"] == 1
    assert all("state" not in fields for index in (DENSE, SPARSE) for fields in each_store.vectors(index).values())


def test_metadata_updates_of_a_triple_are_handed_over_as_well(each_store: Store) -> None:
    each_store.sync(item("a", author="X"))
    summary = each_store.run(lambda _failed, _since: ([item("b")], False, [item("a", author="Y")]))
    assert (summary["upserted"], summary["updated"], summary["total"]) == (1, 1, 2)


def test_ready_chunks_are_taken_as_they_are_and_the_vanished_one_goes(each_store: Store) -> None:
    chunks = [item("a", f"Chunk {number} is ready as it is and has enough words to be stored.") for number in range(3)]
    assert each_store.sync(*chunks, chunked=True)["upserted"] == 3
    assert all("start_index" not in fields for fields in each_store.vectors().values())
    summary = each_store.sync(*chunks[1:], chunked=True)
    assert (summary["upserted"], summary["deleted_chunks"]) == (0, 1)
    assert each_store.texts() == [chunk["content"] for chunk in chunks[1:]]


def test_a_text_that_is_too_short_is_reported_and_not_stored(each_store: Store) -> None:
    summary = each_store.sync(item("a", "ok"), item("b"))
    assert (summary["dropped_source_ids"], summary["dropped_chunks"]) == (["row-a"], 1)
    assert summary["successful_source_ids"] == ["row-b"]
    assert each_store.texts() == [item("b")["content"]]


def test_a_document_given_twice_is_stored_as_it_was_given_last(store: Store) -> None:
    store.sync(item("a", paragraphs(1)), item("a", paragraphs(2)))
    assert store.texts() == [paragraphs(2)]


def test_nothing_to_do_is_an_empty_summary_without_a_call(store: Store) -> None:
    summary = store.sync()
    assert EMPTY.items() <= summary.items()
    assert store.calls() == []
    assert store.offered() == ([], None)


def test_items_without_a_name_are_left_out(store: Store) -> None:
    summary = store.sync({"content": paragraphs(1), "metadata": {"doc_id": " "}}, {"content": paragraphs(1)})
    assert EMPTY.items() <= summary.items()
    assert store.offered() == ([], None)


def test_the_next_run_goes_on_from_the_start_of_this_one(store: Store) -> None:
    before = datetime.now(UTC)
    inside: list[datetime] = []

    def preprocess(_failed: list[str], _since: datetime | None) -> tuple[Any, bool]:
        inside.append(datetime.now(UTC))
        return (item(name) for name in "ab"), False

    store.run(preprocess)
    _, since = store.offered()
    assert since is not None
    assert before <= since <= inside[0]


def test_p11_a_page_is_stored_before_the_next_one_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boost_collectors.cppa_pinecone_sync.sync.PAGE_SIZE", 2)
    seen: list[int] = []

    def read() -> Any:
        for number in range(5):
            seen.append(len(store.vectors()))
            yield item(str(number))

    assert store.run(lambda _failed, _since: (read(), False))["upserted"] == 5
    assert seen == [0, 0, 2, 2, 4]


def test_rows_that_are_being_written_during_a_run_belong_to_the_next(store: Store) -> None:
    with store.database.session() as session:
        written_at = session.execute(
            text("INSERT INTO core_checkpoint (command, unit, cursor) VALUES ('c', 'u', '{}') RETURNING updated_at")
        ).scalar_one()
        store.sync(item("a"))
    _, since = store.offered()
    assert since is not None
    assert since < written_at


def test_namespaces_and_accounts_have_times_and_vectors_of_their_own(store: Store) -> None:
    store.sync(item("a"))
    assert store.offered(namespace="other") == ([], None)
    assert store.offered(instance="private") == ([], None)
    store.sync(item("a"), instance="PRIVATE")
    assert len(store.vectors(key=PRIVATE_KEY)) == 1
    assert store.sync(item("a"), namespace="other")["upserted"] == 1


def test_two_runs_of_one_place_exclude_each_other(store: Store) -> None:
    def preprocess(_failed: list[str], _since: datetime | None) -> tuple[Any, bool]:
        with pytest.raises(AlreadyRunning, match="public/mail/mailing"):
            store.sync(item("b"))
        assert store.sync(item("c"), namespace="other")["upserted"] == 1
        return [item("a")], False

    assert store.run(preprocess)["upserted"] == 1
    assert store.texts() == [item("a")["content"]]


def test_a_dry_run_compares_and_touches_nothing(store: Store) -> None:
    summary = store.sync(item("a"), dry_run=True)
    assert (summary["total"], summary["upserted"]) == (1, 0)
    assert store.calls() == []
    assert store.offered() == ([], None)
    assert store.sync(item("a"))["upserted"] == 1


@pytest.mark.parametrize("returned", [([],), ([], False, [], []), [[], False], None])
def test_a_preprocessor_that_returns_something_else_is_told_both_forms(store: Store, returned: Any) -> None:
    with pytest.raises(ValueError, match=r"\(documents, is_chunked\) or \(documents, is_chunked, metadata_updates\)"):
        store.run(lambda _failed, _since: returned)


def test_names_and_keys_are_checked_before_anything_is_read(
    store: Store, make_settings: Any, database_url: str
) -> None:
    with pytest.raises(ValueError, match="app_type must not be empty"):
        store.sync(item("a"), app_type="")
    for name, instance in (("PINECONE_API_KEY", "public"), ("PINECONE_PRIVATE_API_KEY", "private")):
        keyless = make_settings(**store.sandbox.environment() | {name: ""}, DATABASE_URL=database_url)
        with pytest.raises(ValueError, match=name):
            store.sync(item("a"), settings=keyless, instance=instance)
    nameless = store.settings.model_copy(update={"pinecone_index_name": ""})
    with pytest.raises(ValueError, match="PINECONE_INDEX_NAME"):
        store.sync(item("a"), settings=nameless)


def test_an_unknown_region_is_named(store: Store) -> None:
    settings = store.settings.model_copy(update={"pinecone_environment": "atlantis-1"})
    with pytest.raises(ValueError, match="Invalid Pinecone region: 'atlantis-1'"):
        store.sync(item("a"), settings=settings)


def test_a_client_can_be_given_and_needs_no_key(store: Store, make_settings: Any, database_url: str) -> None:
    class Index:
        def __init__(self) -> None:
            self.records: dict[str, Any] = {}

        def upsert_records(self, *, records: Any, namespace: str) -> None:
            self.records |= {record["id"]: (namespace, record["chunk_text"]) for record in records}

    class Client:
        def __init__(self) -> None:
            self.indexes: dict[str, Index] = {}

        def list_index_names(self) -> set[str]:
            return set(self.indexes)

        def create_index_for_model(self, *, name: str, cloud: str, region: str, embed: Any) -> None:
            assert (cloud, region, embed["field_map"]) == ("aws", "us-east-1", {"text": "chunk_text"})
            self.indexes[name] = Index()

        def get_index(self, *, name: str) -> Index:
            return self.indexes[name]

    client, settings = Client(), make_settings(DATABASE_URL=database_url)
    context = store.make_context(settings=settings, database=store.database)
    sync_to_pinecone("mailing", NAMESPACE, lambda _f, _s: ([item("a")], False), context=context, client=client)  # type: ignore[arg-type]
    assert list(client.indexes[DENSE].records.values()) == [(NAMESPACE, item("a")["content"])]
    assert client.indexes[SPARSE].records == client.indexes[DENSE].records
