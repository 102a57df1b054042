"""Whether a collection of mail hands its documents over itself: only when it is asked to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.boost_mailing_list_tracker.mail import Bench

Collected = Callable[..., set[tuple[str, str]]]


@pytest.fixture
def collected(bench: Bench) -> Collected:
    """The namespaces and application types of the index after a collection of one message with these flags."""
    bench.mail.add("a@x", Subject="The executor keeps its work alive until every handler has run")

    def collect(*flags: str, **variables: str) -> set[tuple[str, str]]:
        bench.collect(*flags, settings=bench.settings(VECTOR_STORE="local", **variables))
        return set(bench.rows("SELECT namespace, app_type FROM cppa_pinecone_sync_document"))

    return collect


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((), set()),
        (("--pinecone-app-type", "letters"), {("mailing", "letters")}),
        (("--pinecone-namespace", "post", "--pinecone-app-type", " "), {("post", "mailing")}),
        (("--pinecone-namespace", "post", "--skip-pinecone"), set()),
        (("--pinecone-namespace", "post", "--dry-run"), set()),
    ],
)
def test_flags_decide_whether_documents_are_handed_over(
    collected: Collected, flags: tuple[str, ...], expected: set[tuple[str, str]]
) -> None:
    assert collected(*flags) == expected
