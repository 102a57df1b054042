"""``run_cppa_pinecone_sync``: its arguments, its preprocessors, and what the scheduler is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CollectionSkipped, CollectorError, CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.preprocessors import load_preprocessor
from tests.cppa_pinecone_sync.store import Store, item

HERE = "tests.cppa_pinecone_sync.test_command"
NOT_CALLABLE = "text"


def preprocess(_failed: list[str], _since: datetime | None) -> tuple[Any, bool]:
    return [item("a"), item("b")], False


def preprocess_one_bad(_failed: list[str], _since: datetime | None, *, context: RunContext) -> tuple[Any, bool]:
    assert context.command == "run_cppa_pinecone_sync"
    return [item("a"), item("bad") | {"content": None}], False


def preprocess_new(_failed: list[str], since: datetime | None) -> tuple[Any, bool]:
    return [item("new" if since else "first")], False


def preprocess_failing(_failed: list[str], _since: datetime | None) -> tuple[Any, bool]:
    raise RuntimeError("the rows cannot be read")


Run = Callable[..., Any]


@pytest.fixture
def run(store: Store) -> Run:
    def run(*arguments: str, settings: Settings | None = None) -> Any:
        spec = registry.find("run_cppa_pinecone_sync")
        return execute(spec, Request(arguments), settings=settings or store.settings)

    return run


def of(name: str) -> tuple[str, ...]:
    return ("--app-type", "mailing", "--namespace", "mail", "--preprocessor", f"{HERE}.{name}")


def test_a_sync_is_counted_in_chunks_and_documents(run: Run, store: Store) -> None:
    result = run(*of("preprocess"))
    assert result.success
    assert {"upserted": 2, "total": 2, "failed_count": 0, "unchanged_documents": 0}.items() <= result.counts.items()
    assert run(*of("preprocess")).counts["unchanged_documents"] == 2
    assert len(store.vectors()) == 2


def test_a_failed_document_is_told_and_fails_the_task_only_when_asked(run: Run) -> None:
    result = run(*of("preprocess_one_bad"))
    assert result.success
    assert result.counts["failed_count"] == 1
    assert "not text" in result.errors[0]
    with pytest.raises(CollectorError, match="not text"):
        run(*of("preprocess_one_bad"), "--strict")


def test_full_offers_everything_again(run: Run, store: Store) -> None:
    for arguments, documents in (((), ["first"]), ((), ["first", "new"]), (("--full",), ["first", "new"])):
        run(*of("preprocess_new"), *arguments)
        assert sorted(fields["doc_id"] for fields in store.vectors().values()) == documents


def test_a_dry_run_writes_nothing(run: Run, store: Store) -> None:
    assert run(*of("preprocess"), "--dry-run").counts["total"] == 2
    assert store.vectors() == {}


def test_what_the_preprocessor_raises_comes_through(run: Run) -> None:
    with pytest.raises(RuntimeError, match="the rows cannot be read"):
        run(*of("preprocess_failing"))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "pass --app-type, --namespace and --preprocessor"),
        (("--app-type", " "), "pass --app-type"),
        (("--app-type", "a", "--namespace", "n"), "--app-type needs both"),
        (("--app-type", "a", "--preprocessor", "a.b"), "--app-type needs both"),
        (("--namespace", "n", "--preprocessor", "a.b"), "--app-type is required"),
        (("--app-type", "a" * 65, "--namespace", "n", "--preprocessor", "a.b"), "longer than 64"),
        (("--pinecone-instance", "secret"), "instance must be 'public' or 'private'"),
    ],
)
def test_arguments_that_do_not_go_together(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint) as caught:
        run(*arguments)
    assert caught.value.returncode == 1


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("nodots", "is not a dotted path"),
        (".x", "is not a dotted path"),
        ("os.", "is not a dotted path"),
        ("no.such.module.f", "there is no module 'no.such.module'"),
        (f"{HERE}.missing", "has no 'missing'"),
        (f"{HERE}.NOT_CALLABLE", "is not callable"),
    ],
)
def test_preprocessors_that_cannot_be_had(run: Run, path: str, complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        run("--app-type", "a", "--namespace", "n", "--preprocessor", path)


def test_paths_of_the_earlier_system_are_found(make_context: Any) -> None:
    path = "boost_mailing_list_tracker.preprocessor.preprocess_mailing_list_for_pinecone"
    found = load_preprocessor(path, make_context())
    assert found.func.__module__ == "boost_collectors.boost_mailing_list_tracker.preprocessor"  # type: ignore[attr-defined]


def test_without_any_key_it_is_skipped(run: Run, settings: Settings) -> None:
    with pytest.raises(CollectionSkipped, match="PINECONE_API_KEY or PINECONE_PRIVATE_API_KEY"):
        run(*of("preprocess"), settings=settings)
