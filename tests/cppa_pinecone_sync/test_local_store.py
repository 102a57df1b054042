"""The store in the project database: the same ledger, the same adapter, and what is its own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors.core.adapters import PineconeClientProtocol, PineconeIndexProtocol
from boost_collectors.core.adapters.pinecone_protocol import SearchableIndexProtocol
from boost_collectors.cppa_pinecone_sync.audit import AuditOptions, PineconeAudit
from boost_collectors.cppa_pinecone_sync.index_pair import IndexPair
from boost_collectors.cppa_pinecone_sync.local_store import LocalClient
from tests.cppa_pinecone_sync.store import DENSE, NAMESPACE, SPARSE, LocalStore, Store, item, paragraphs


def client(store: Store) -> LocalClient:
    return LocalClient(store.database, store.account, DENSE)


def test_it_is_a_client_of_two_indexes_that_can_be_asked(local: LocalStore) -> None:
    account = client(local)
    assert isinstance(account, PineconeClientProtocol)
    assert account.list_index_names() == {DENSE, SPARSE}
    for name in (DENSE, SPARSE):
        assert isinstance(account.get_index(name=name), PineconeIndexProtocol)
        assert isinstance(account.get_index(name=name), SearchableIndexProtocol)


def test_no_request_is_made_although_there_is_a_key(local: LocalStore) -> None:
    assert local.sync(item("a", paragraphs(1, 2)))["upserted"] == 2
    assert local.calls() == []
    assert local.ids(DENSE) == local.ids(SPARSE)
    assert len(local.ids(DENSE)) == 2


def test_what_has_not_changed_is_not_written_again(local: LocalStore) -> None:
    items = [item(str(number), paragraphs(number, -number)) for number in range(5)]
    local.sync(*items)
    before = local.written()
    assert local.sync(*items)["unchanged_documents"] == 5
    assert local.written() == before


def test_other_metadata_is_an_update_that_leaves_embeddings_alone(local: LocalStore) -> None:
    local.sync(item("a", paragraphs(1, 2), author="X"))
    embeddings = local.written()[2:]
    summary = local.sync(item("a", paragraphs(1, 2), author="Y", state="open"))
    assert (summary["upserted"], summary["updated"]) == (0, 2)
    assert {(fields["author"], fields["state"]) for fields in local.vectors(SPARSE).values()} == {("Y", "open")}
    assert local.written()[2:] == embeddings


def test_what_one_store_has_is_no_matter_of_the_other(store: Store, local: LocalStore) -> None:
    store.sync(item("a"))
    assert local.offered() == ([], None)
    assert local.sync(item("a"), item("b"))["upserted"] == 2
    assert store.texts() == [item("a")["content"]]
    assert local.sync(item("a"), instance="private")["upserted"] == 1


def test_a_value_that_the_database_does_not_take_costs_no_other_record(local: LocalStore) -> None:
    items = [item(str(number)) for number in range(6)]
    items[2]["metadata"]["number"] = float("nan")
    summary = local.sync(*items)
    assert (summary["upserted"], summary["failed_ids"]) == (5, ["row-2"])
    assert local.offered()[0] == ["row-2"]


def test_characters_that_no_text_column_holds_are_left_out(local: LocalStore) -> None:
    assert local.sync(item("a", f"nul\0 here. {paragraphs(1)}", author="nul\0"))["failed_count"] == 0
    (fields,) = local.vectors(SPARSE).values()
    assert fields["chunk_text"].startswith("nul here.")


def test_the_audit_finds_and_mends_what_others_did_to_it(local: LocalStore) -> None:
    local.sync(item("a"), item("b"), item("c"))
    lost = sorted(local.ids(DENSE))[0]
    client(local).get_index(name=DENSE).delete(ids=[lost], namespace=NAMESPACE)
    stranger = {"id": "stranger", "chunk_text": "nobody knows"}
    client(local).get_index(name=SPARSE).upsert_records(records=[stranger], namespace=NAMESPACE)

    def audit(**options: Any) -> Any:
        context = local.make_context(settings=local.settings, database=local.database)
        return PineconeAudit(context, AuditOptions(namespace=NAMESPACE, **options)).run()

    assert audit().counts == {"vectors": 3, "unknown": 1, "missing": 1}
    assert audit(repair=True).success
    assert local.sync(item("a"), item("b"), item("c"))["upserted"] == 1
    assert audit().success


def test_it_counts_as_pinecone_does(local: LocalStore) -> None:
    local.sync(item("a", paragraphs(1, 2)))
    stats = IndexPair(local.settings, lambda: client(local)).stats()
    assert stats["dense_index"] == {
        "total_vectors": 2,
        "dimension": 256,
        "index_fullness": 0.0,
        "namespaces": {NAMESPACE: 2},
    }
    assert stats["sparse_index"]["namespaces"] == {NAMESPACE: 2}


QUESTION = "how do I keep memory valid until the read is done?"


@pytest.fixture
def answers(local: LocalStore) -> LocalStore:
    local.sync(
        item("buffers", "The buffer must stay alive until the completion of an asynchronous read operation.", number=1),
        item("release", "Version 1.87 was announced yesterday and is on the download page.", number=2),
        item("greek", "Κάθε βιβλιοθήκη αναφέρει σφάλματα με εξαιρέσεις και όχι με κωδικούς επιστροφής.", number=3),
    )
    return local


def ask(store: Store, name: str, words: str, **given: Any) -> list[str]:
    index = client(store).get_index(name=name)
    assert isinstance(index, SearchableIndexProtocol)
    return [hit.fields["doc_id"] for hit in index.search(text=words, top_k=3, namespace=NAMESPACE, **given)]


def test_the_dense_index_is_asked_by_meaning(answers: LocalStore) -> None:
    assert ask(answers, DENSE, QUESTION)[0] == "buffers"
    assert "release" not in ask(answers, DENSE, QUESTION)
    assert ask(answers, DENSE, "") == []


def test_the_sparse_index_is_asked_by_words(answers: LocalStore) -> None:
    assert ask(answers, SPARSE, "completions of reads") == ["buffers"]
    assert ask(answers, SPARSE, '"download page" -buffer') == ["release"]
    assert ask(answers, SPARSE, "εξαιρέσεις") == ["greek"]
    assert ask(answers, SPARSE, "buffer announced nowhere") != []
    assert ask(answers, SPARSE, "buffer -alive") == []
    assert ask(answers, SPARSE, "xylophone") == ask(answers, SPARSE, "the and of") == []


@pytest.mark.parametrize("index", [DENSE, SPARSE])
def test_a_filter_narrows_a_search(answers: LocalStore, index: str) -> None:
    words = "buffer of an asynchronous read"
    assert ask(answers, index, words, filter={"number": {"$gte": 1}})[0] == "buffers"
    assert ask(answers, index, words, filter={"$or": [{"number": {"$eq": 1}}, {"absent": {"$gte": 1}}]}) == ["buffers"]
    assert "buffers" not in ask(answers, index, words, filter={"number": {"$gte": 2}})
    assert ask(answers, index, words, filter={"number": {"$gte": "1"}}) == []
    with pytest.raises(ValueError, match="not by \\$in"):
        ask(answers, index, words, filter={"number": {"$in": [1]}})


def test_without_pgvector_words_are_still_found(answers: LocalStore) -> None:
    with answers.database.session() as session:
        session.execute(text("DROP EXTENSION vector"))
    assert ask(answers, DENSE, QUESTION) == []
    assert ask(answers, SPARSE, "asynchronous") == ["buffers"]
    assert answers.sync(item("new"))["upserted"] == 1
