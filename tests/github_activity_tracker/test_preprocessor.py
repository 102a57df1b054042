"""Issues and pull requests as documents: which are offered, and what becomes of them in the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from boost_collectors.clang_github_tracker import preprocessor as clang
from boost_collectors.core.context import RunContext
from boost_collectors.cppa_pinecone_sync.sync_api import sync_to_pinecone
from boost_collectors.github_activity_tracker import preprocessor as boost
from boost_collectors.github_activity_tracker import services
from include.sandbox import Sandbox
from tests.github_activity_tracker.export.samples import ISSUE, PULL

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def context(make_settings: Any, make_context: Any, database_url: str) -> Iterator[RunContext]:
    with Sandbox() as sandbox:
        settings = make_settings(**sandbox.environment(), DATABASE_URL=database_url, PINECONE_MIN_TEXT_LENGTH="1")
        yield make_context(settings=settings)


def store(context: RunContext, *items: Any, owner: str = "boostorg", name: str = "json") -> None:
    with context.database.session() as session:
        repo = services.ensure_repository(session, owner, name)
        services.store_issues(session, repo, [item for item in items if item.number == ISSUE.number])
        services.store_pull_requests(session, repo, [item for item in items if item.number == PULL.number])


def offered(
    preprocess: Callable[..., Any], context: RunContext, failed: Any = (), since: datetime | None = None
) -> list[str]:
    items, chunked = preprocess(failed, since, context=context)
    assert not chunked
    return [item["metadata"]["source_ids"] for item in items]


def test_documents_say_what_the_markdown_says_under_the_keys_of_the_contract(context: RunContext) -> None:
    store(context, ISSUE, PULL)
    (issue,), _ = boost.preprocess_issues((), None, context=context)
    assert "It crashes" in issue["content"]
    assert "Confirmed" in issue["content"]
    url = f"{context.settings.github_git_url}/boostorg/json/issues/7"
    assert issue["metadata"] == {
        "doc_id": url,
        "url": url,
        "source_ids": "json:issue:7",
        "type": "issue",
        "number": 7,
        "title": "Crash: on <start>",
        "author": "ada",
        "state": "open",
        "state_reason": "",
        "created_at": ISSUE.created_at.timestamp(),  # type: ignore[union-attr]
        "updated_at": ISSUE.updated_at.timestamp(),  # type: ignore[union-attr]
        "closed_at": 0.0,
        "repo_name": "json",
    }
    (pull,), _ = boost.preprocess_prs((), None, context=context)
    assert (pull["metadata"]["type"], pull["metadata"]["source_ids"]) == ("pr", "json:pr:8")
    assert "state_reason" not in pull["metadata"]
    for said in ("Fixes #7", "Thanks", "Please", "Done"):
        assert said in pull["content"]


def test_all_are_offered_first_and_then_what_changed_or_failed(context: RunContext) -> None:
    store(context, ISSUE, PULL, name="json")
    store(context, replace(ISSUE, id=701, comments=()), name="config")
    store(context, replace(ISSUE, id=702, comments=()), owner="llvm", name="llvm-project")
    assert offered(boost.preprocess_issues, context) == ["json:issue:7", "config:issue:7"]
    assert offered(boost.preprocess_prs, context) == ["json:pr:8"]
    assert offered(clang.preprocess_issues, context) == ["llvm-project:issue:7"]
    assert offered(clang.preprocess_prs, context) == []
    assert offered(boost.preprocess_issues, context, since=LATER) == []
    failed = [" Config:issue:7 ", "json:pr:8", "json:issue:99", "other:issue:7", "nonsense", "json:issue:-1"]
    assert offered(boost.preprocess_issues, context, failed, LATER) == ["config:issue:7"]
    assert offered(boost.preprocess_prs, context, failed, LATER) == ["json:pr:8"]


def test_a_new_comment_an_edit_and_a_removal_reach_the_index(context: RunContext) -> None:
    def sync() -> dict[str, Any]:
        def preprocess(failed: list[str], since: datetime | None) -> tuple[Any, ...]:
            return boost.preprocess_issues(failed, since, context=context)

        return sync_to_pinecone("github-boostorg-issues", "github-boostorg", preprocess, context=context)

    store(context, ISSUE)
    first = sync()
    assert (first["total"], first["failed_count"]) == (1, 0)
    assert sync()["total"] == 0
    later = ISSUE.comments[0].created_at + timedelta(days=1)  # type: ignore[operator]
    comment = replace(ISSUE.comments[0], id=72, body="It is gone in 1.90", created_at=later, updated_at=later)
    store(context, replace(ISSUE, comments=(*ISSUE.comments, comment), updated_at=later))
    assert (sync()["total"], sync()["total"]) == (1, 0)
    with context.database.session() as session:
        repo = services.ensure_repository(session, "boostorg", "json")
        services.mark_items_gone(session, repo, {7: "deleted"}, later)
    assert sync()["gone_documents"] == 1
