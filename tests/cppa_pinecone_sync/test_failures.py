"""When the index refuses or fails: nothing is forgotten, nothing is counted that is not there."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from boost_collectors.core.errors import AuthenticationError, RateLimited, TransientError
from boost_collectors.cppa_pinecone_sync import services
from boost_collectors.cppa_pinecone_sync.models import PineconeFailList, PineconeSyncStatus, SyncedDocument
from boost_collectors.cppa_pinecone_sync.place import Place
from plugins.health.project_database import pinecone_syncs
from tests.cppa_pinecone_sync.store import APP_TYPE, DENSE, LOCAL, NAMESPACE, PINECONE, SPARSE, Store, item, paragraphs

PLACE = Place.of(APP_TYPE, NAMESPACE, None)
UPSERT = "*/boost-dashboard/records/*/upsert"
SPARSE_UPSERT = "*/boost-dashboard-sparse/records/*/upsert"


def spoil(store: Store, path: str, kind: str = "status", **details: Any) -> None:
    store.sandbox.faults.add(path, kind, **{"times": None, **details})


def test_a_refused_record_is_isolated_and_the_others_are_stored(store: Store) -> None:
    """What the service refuses on its own account, such as a value of metadata it does not take."""
    items = [item(str(number)) for number in range(6)]
    items[2]["metadata"]["number"] = float("nan")
    summary = store.sync(*items)
    assert (summary["upserted"], summary["failed_count"], summary["failed_ids"]) == (5, 1, ["row-2"])
    assert summary["errors"]
    assert len(store.vectors()) == len(store.vectors(SPARSE)) == 5
    failed, since = store.offered()
    assert (failed, since is not None) == (["row-2"], True)
    assert store.sync(item("2"))["upserted"] == 1
    assert store.offered()[0] == []


def test_a_document_that_is_rejected_before_sending_is_retried_and_costs_no_other(store: Store) -> None:
    summary = store.sync(item("a") | {"content": None}, item("b", blob="x" * 41_000), item("c"))
    assert (summary["upserted"], summary["failed_ids"]) == (1, ["row-a", "row-b"])
    assert "'a' is NoneType, not text" in summary["errors"][0]
    assert store.offered()[0] == ["row-a", "row-b"]


def test_a_passing_failure_is_survived_by_the_client(store: Store) -> None:
    spoil(store, UPSERT, times=1, status=503)
    assert store.sync(item("a"))["failed_count"] == 0
    assert store.vectors(DENSE) == store.vectors(SPARSE) != {}


def test_a_batch_that_cannot_be_sent_costs_no_other_and_is_retried(store: Store) -> None:
    items = [item(str(number)) for number in range(8)]
    spoil(store, UPSERT, times=4, status=500)
    summary = store.sync(*items)
    assert summary["failed_ids"] == [f"row-{number}" for number in range(4)]
    assert (summary["upserted"], summary["failed_count"]) == (4, 4)
    assert summary["errors"][0].startswith("Error upserting batch 1: ")
    assert store.offered()[0] == summary["failed_ids"]
    store.forget()
    assert store.sync(*items)["upserted"] == 4
    assert len(store.calls("/boost-dashboard/records")) == 1
    assert store.calls("/boost-dashboard-sparse/records") == []
    assert store.vectors(DENSE) == store.vectors(SPARSE)


def test_only_the_half_that_failed_is_sent_again(store: Store) -> None:
    spoil(store, SPARSE_UPSERT, times=4, status=500)
    assert store.sync(item("a"))["upserted"] == 0
    assert (len(store.vectors()), len(store.vectors(SPARSE))) == (1, 0)
    store.forget()
    assert store.sync(item("a"))["upserted"] == 1
    assert store.calls("/boost-dashboard/records") == []
    assert store.vectors(DENSE) == store.vectors(SPARSE)


def test_a_service_that_is_down_ends_the_run_and_moves_no_time(store: Store) -> None:
    spoil(store, UPSERT, "dropped")
    with pytest.raises(TransientError, match="does not answer"):
        store.sync(*(item(str(number)) for number in range(20)))
    assert store.offered() == ([], None)
    store.sandbox.faults.clear()
    assert store.sync(*(item(str(number)) for number in range(20)))["upserted"] == 20


def test_too_many_requests_end_the_run_with_the_time_to_come_back(store: Store) -> None:
    # Longer than the client waits for by itself would hold the test up: it gives up at once when nothing was sent yet.
    spoil(store, UPSERT, status=429, retry_after=0.01)
    before = datetime.now(UTC)
    with pytest.raises(RateLimited) as caught:
        store.sync(item("a"))
    assert before < caught.value.retry_at < datetime.now(UTC) + timedelta(seconds=2)
    assert store.offered() == ([], None)


def test_a_refused_key_ends_the_run(store: Store) -> None:
    settings = store.settings.model_copy(update={"pinecone_api_key": "wrong-key"})
    with pytest.raises(AuthenticationError, match="401") as caught:
        store.sync(item("a"), settings=settings)
    assert "wrong-key" not in str(caught.value)


def test_a_failed_update_and_a_failed_deletion_are_retried(store: Store) -> None:
    store.sync(item("a", paragraphs(1, 2), author="X"))
    spoil(store, "*/vectors/update", times=8, status=400)
    spoil(store, "*/vectors/delete", times=1, status=400)
    summary = store.sync(item("a", paragraphs(1), author="Y"))
    assert (summary["updated"], summary["deleted_chunks"], summary["failed_ids"]) == (0, 0, ["row-a"])
    assert len(summary["update_errors"]) == 1
    store.sandbox.faults.clear()
    summary = store.sync(item("a", paragraphs(1), author="Y"))
    assert (summary["upserted"], summary["updated"], summary["deleted_chunks"]) == (0, 1, 1)
    assert store.texts() == store.texts(SPARSE) == [paragraphs(1)]
    assert store.offered()[0] == []


def test_a_failed_document_without_rows_holds_the_time_back(store: Store) -> None:
    bad = {"content": None, "metadata": {"doc_id": "a"}}
    store.sync(bad, item("b"))
    assert store.offered() == ([], None)
    store.sync(item("b"))
    assert store.offered()[1] is not None


def test_p18_health_counts_what_waits_after_a_failure_even_when_there_is_nothing_to_do(store: Store) -> None:
    store.sync(item("a") | {"content": None}, item("b"))
    store.sync()
    (entry,) = pinecone_syncs(store.database).values()
    assert entry["pending_failures"] == 1
    assert entry["final_sync_at"]
    store.sync(item("a"))
    assert "pending_failures" not in pinecone_syncs(store.database)[APP_TYPE]


def test_what_was_offered_and_not_returned_is_kept_as_unresolved(store: Store) -> None:
    store.sync(item("a") | {"content": None}, item("b") | {"content": None})
    store.sync(item("b"))
    assert store.offered()[0] == []
    with store.database.session() as session:
        rows = session.execute(select(PineconeFailList.failed_id, PineconeFailList.state)).all()
        assert [tuple(row) for row in rows] == [("row-a", "unresolved")]
        assert services.requeue_unresolved(session, PLACE) == 1
    assert store.offered()[0] == ["row-a"]


def test_a_failure_that_repeats_is_one_row_with_its_attempts_and_last_error(store: Store) -> None:
    for _ in range(3):
        store.sync(item("a") | {"content": None}, item("b"))
    with store.database.session() as session:
        (row,) = session.scalars(select(PineconeFailList))
        assert (row.failed_id, row.state, row.attempts) == ("row-a", "pending", 3)
        assert "not text" in row.last_error


def test_any_number_of_documents_can_be_settled_at_once(store: Store) -> None:
    """One statement takes 65,535 parameters at most."""
    names = [f"row-{number}" for number in range(70_000)]
    with store.database.session() as session:
        services.record_failed_ids(session, PLACE, names)
        services.settle_failures(session, PLACE, offered=names, succeeded=names[:69_000], failed={names[0]: "again"})
        assert services.get_failed_ids(session, PLACE) == names[:1]
        assert services.requeue_unresolved(session, PLACE) == 1000


def test_bookkeeping_of_the_earlier_system_goes_on(store: Store) -> None:
    """Its rows name no namespace; they are offered wherever the application type goes."""
    earlier = datetime(2026, 1, 1, tzinfo=UTC)
    with store.database.session() as session:
        assert services.record_failed_ids(session, APP_TYPE, ["row-a", "row-z"]) == ["row-a", "row-z"]
        services.update_sync_status(session, APP_TYPE, earlier)
        assert services.get_failed_ids(session, "other") == []
    assert store.offered() == (["row-a", "row-z"], earlier)
    store.sync(item("a"))
    with store.database.session() as session:
        assert services.get_failed_ids(session, APP_TYPE) == []
        assert services.clear_failed_ids(session, APP_TYPE) == 1
        assert services.record_failed_ids(session, APP_TYPE, []) == []
        times = session.scalars(
            select(PineconeSyncStatus.final_sync_at).where(PineconeSyncStatus.namespace == NAMESPACE)
        )
        assert times.one() > earlier


@pytest.mark.parametrize(
    ("each_store", "point"),
    # What the local store commits lies between what the sync itself does.
    [*((PINECONE, point) for point in range(1, 8)), *((LOCAL, point) for point in range(3, 12))],
    indirect=["each_store"],
)
def test_killed_at_any_commit_and_rerun_leaves_ledger_and_index_equal(
    each_store: Store, point: int, kill_sync: Callable[..., bool], database_server: Any
) -> None:
    """Before the kill some documents are stored; the killed run changes, shortens, removes and adds."""
    store = each_store
    store.sync(item("a", paragraphs(1, 2, 3)), item("b", author="X"), item("c"))
    given = {"DATABASE_URL": store.settings.database_url or "", "VECTOR_STORE": store.settings.vector_store}
    kill_sync(point, {**store.sandbox.environment(), **given})
    database_server.end_sessions(store.settings.database_url)
    _finish(store)


def test_killed_between_any_two_requests_again_and_again_leaves_ledger_and_index_equal(
    store: Store, kill_sync: Callable[..., bool], database_server: Any
) -> None:
    """A record a request, so that a kill falls between records, halves, updates and deletions."""
    store.sync(item("a", paragraphs(1, 2, 3)), item("b", author="X"), item("c"))
    given = {"DATABASE_URL": store.settings.database_url or "", "PINECONE_BATCH_SIZE": "1"}
    points = random.Random(6).choices(range(1, 8), k=4)
    assert sum(kill_sync(point, {**store.sandbox.environment(), **given}, "request") for point in points) >= 3
    database_server.end_sessions(store.settings.database_url)
    _finish(store)


def _finish(store: Store) -> None:
    from tests.cppa_pinecone_sync.killed_sync import ITEMS

    store.sync(*ITEMS)
    with store.database.session() as session:
        place = Place.of(APP_TYPE, NAMESPACE, None, store=store.settings.vector_store)
        dense, sparse = services.ledger_halves(session, place)
        assert session.scalars(select(SyncedDocument.base).where(SyncedDocument.digest.is_(None))).all() == []
    assert dense == sparse == store.ids(DENSE) == store.ids(SPARSE)
    assert store.texts() == sorted(
        [paragraphs(0), paragraphs(1), paragraphs(3), item("b")["content"], item("d")["content"]]
    )


def test_the_ledger_finds_and_mends_what_others_did_to_the_index(store: Store, run_audit: Callable[..., Any]) -> None:
    store.sync(item("a"), item("b"), item("c"))
    vectors = store.sandbox.pinecone.accounts[store.settings.pinecone_api_key].indexes
    lost, kept = itertools.islice(vectors[DENSE].namespaces[NAMESPACE], 2)
    del vectors[DENSE].namespaces[NAMESPACE][lost]
    vectors[SPARSE].namespaces[NAMESPACE]["stranger"] = {"chunk_text": "nobody knows"}
    assert run_audit().counts == {"vectors": 3, "unknown": 1, "missing": 1}
    assert not run_audit().success
    assert run_audit(repair=True).success
    assert store.sync(item("a"), item("b"), item("c"))["upserted"] == 1
    assert run_audit().success
    assert kept in store.vectors()


@pytest.fixture
def run_audit(store: Store) -> Callable[..., Any]:
    from boost_collectors.cppa_pinecone_sync.audit import AuditOptions, PineconeAudit

    def run(**options: Any) -> Any:
        context = store.make_context(settings=store.settings, database=store.database)
        return PineconeAudit(context, AuditOptions(namespace=NAMESPACE, **options)).run()

    return run


def test_the_time_of_a_check_is_noted_even_when_there_was_nothing_to_do(store: Store) -> None:
    store.sync()
    with store.database.session() as session:
        (row,) = session.scalars(select(PineconeSyncStatus))
        assert row.final_sync_at is None
        assert row.last_checked_at is not None
        session.execute(update(PineconeSyncStatus).values(last_checked_at=None))
