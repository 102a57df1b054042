"""Asking what was synced, of either store, through the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.errors import CommandError, NetworkError, RateLimited, SourceError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.excerpt import excerpt_of
from boost_collectors.cppa_pinecone_sync.links import link_of
from tests.cppa_pinecone_sync.store import Store, item

BODY = "A buffer must stay alive until the completion of the asynchronous read, or memory is overwritten."
MAIL = item(
    "HASH",
    f"Subject: Lifetime\nSender: Ada\n\n{BODY}",
    type="mailing",
    subject="Lifetime of buffers",
    author="Ada",
    timestamp=1_700_000_000,
    list_name="boost@lists.boost.org",
)
ISSUE = item(
    "https://github.com/boostorg/asio/issues/7",
    "The asynchronous read overwrites memory after the buffer was freed by its owner.",
    type="issue",
    title="Buffer overwritten",
    author="bo",
    created_at=1_500_000_000,
    updated_at=1_800_000_000,
    url="https://github.com/boostorg/asio/issues/7",
)
OTHER = item("news", "Boost 1.87.0 is on the download page since yesterday evening.", type="mailing", timestamp=1)

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def call(each_store: Store) -> Callable[..., None]:
    def call(*arguments: str, settings: Settings | None = None) -> None:
        execute(registry.find("search"), Request(arguments), settings=settings or each_store.settings)

    return call


@pytest.fixture
def run(each_store: Store, call: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> Run:
    """The answers of the command as JSON, when two namespaces were synced."""
    each_store.sync(MAIL, OTHER)
    each_store.sync(ISSUE, app_type="issues", namespace="github")

    def run(*arguments: str) -> list[dict[str, Any]]:
        call(*arguments, "--as-json")
        answers: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        return answers

    return run


def test_answers_of_all_namespaces_say_where_they_come_from(run: Run, each_store: Store) -> None:
    archive = each_store.settings.mailing_list_api_url.removesuffix("/api")
    answers = {answer["doc_id"]: answer for answer in run("buffer alive during an asynchronous read")}
    assert answers.keys() == {"HASH", ISSUE["metadata"]["url"]}
    mail = answers["HASH"]
    told = {
        "title": "Lifetime of buffers",
        "source": "mailing",
        "date": "2023-11-14T22:13:20+00:00",
        "author": "Ada",
        "url": f"{archive}/list/boost@lists.boost.org/message/HASH/",
        "namespace": "mail",
    }
    assert told.items() <= mail.items()
    assert BODY in mail["excerpt"]
    issue = answers[ISSUE["metadata"]["url"]]
    assert (issue["title"], issue["url"], issue["date"][:4]) == ("Buffer overwritten", issue["doc_id"], "2027")
    assert not issue["excerpt"].startswith("Title:")


def test_answers_can_be_narrowed(run: Run) -> None:
    words = "asynchronous read of a buffer"
    assert [answer["doc_id"] for answer in run(words, "--namespace", "mail")] == ["HASH"]
    assert [answer["source"] for answer in run(words, "--source", "issue")] == ["issue"]
    assert [answer["source"] for answer in run(words, "--since", "2025-01-01")] == ["issue"]
    assert len(run(words, "--limit", "1")) == 1


def test_people_are_told_in_lines(call: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("download page")[0]["doc_id"] == "news"
    call("lifetime of a buffer", "--limit", "1")
    first, second, third, excerpt = capsys.readouterr().out.splitlines()
    assert first == "1. Lifetime of buffers"
    assert second.strip() == "mailing · 2023-11-14 · Ada"
    assert third.strip().endswith("/list/boost@lists.boost.org/message/HASH/")
    assert "Sender: Ada" in excerpt


def test_what_is_not_there_is_told(
    call: Any, run: Run, each_store: Store, make_settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("xylophone") == []
    call("xylophone")
    assert "Nothing matches 'xylophone' in 3 documents of github, mail." in capsys.readouterr().err
    with pytest.raises(CommandError, match="nothing is synced to the namespace 'slack'; there are: github, mail"):
        call("buffer", "--namespace", "slack")
    with pytest.raises(CommandError, match="say what to look for"):
        call(" ")
    call("buffer", "--pinecone-instance", "private")
    assert "Nothing has been synced" in capsys.readouterr().err
    if each_store.settings.vector_store == "pinecone":
        keyless = make_settings(DATABASE_URL=each_store.settings.database_url)
        with pytest.raises(CommandError, match=r"PINECONE_API_KEY must be set to .* index, or VECTOR_STORE"):
            call("buffer", settings=keyless)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "status", "status": 503, "retry_after": 0.01}, NetworkError),
        ({"kind": "status", "status": 429, "retry_after": 0.01}, RateLimited),
        ({"kind": "status", "status": 400}, SourceError),
    ],
)
def test_an_index_that_does_not_answer_is_told_as_what_it_is(
    store: Store, fault: dict[str, Any], expected: type[Exception]
) -> None:
    store.sync(MAIL)
    store.sandbox.faults.add("*/search", times=None, **fault)
    with pytest.raises(expected) as failure:
        execute(registry.find("search"), Request(("buffer",)), settings=store.settings)
    assert store.settings.pinecone_api_key not in str(failure.value)


def test_a_document_of_many_chunks_is_one_answer(each_store: Store, run: Run) -> None:
    chunks = "\n\n".join(" ".join([f"The executor of strand {number} posts its handler."] * 20) for number in range(5))
    each_store.sync(item("long", chunks, type="mailing"))
    assert [answer["doc_id"] for answer in run("strand executor posts handler")] == ["long"]


def test_an_excerpt_is_cut_where_the_words_of_the_question_are() -> None:
    text = "Nothing here. " * 40 + "The lifetimes of buffers end late. " + "And nothing there. " * 40
    excerpt = excerpt_of(text, "When does the lifetime of a buffer end?")
    assert "The lifetimes of buffers end late." in excerpt
    assert excerpt.startswith("… ")
    assert excerpt.endswith(" …")
    assert len(excerpt) < 280
    assert excerpt_of(" short\n text ", "") == "short text"
    assert excerpt_of(text, "unrelated").startswith("Nothing here.")


def test_links_are_made_of_what_metadata_names(settings: Settings) -> None:
    discord = {"type": "discord", "server_id": "1", "channel_id": "2", "doc_id": "3"}
    assert link_of(discord, settings) == "https://discord.com/channels/1/2/3"
    assert link_of({"type": "slack", "team_id": "T", "channel_id": "C"}, settings).endswith("?team=T&channel=C")
    assert link_of({"type": "mailing", "doc_id": "x"}, settings) == link_of({"type": "pr"}, settings) == ""
