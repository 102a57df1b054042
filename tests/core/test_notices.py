"""Notices reach Slack and Discord whatever is in them, hold no secret, and are neither repeated nor lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from boost_collectors.core import log, problems
from boost_collectors.core.database import Database
from boost_collectors.core.log import configure_logging
from boost_collectors.core.log_webhooks import SlackHandler
from boost_collectors.core.notices import Notice, configured_webhooks, tell
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox
from include.sandbox.webhooks import DISCORD_PATH, PREFIX, SLACK_PATH, addresses

SECRET = "-".join(["hunter", "two"])  # tracebacks show source lines, so it must not stand here as a whole
SLACK, DISCORD = PREFIX + SLACK_PATH, PREFIX + DISCORD_PATH
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.webhooks.clear()
    running.faults.clear()
    running.requests.clear()
    return running


@pytest.fixture
def settings(sandbox: Sandbox, make_settings: Callable[..., Settings], tmp_path: Any) -> Settings:
    return make_settings(GITHUB_TOKEN=SECRET, LOG_DIR=str(tmp_path / "logs"), **addresses(sandbox.url))


@pytest.fixture
def logged(settings: Settings) -> Iterator[Callable[[], None]]:
    """The root logger as a process has it; calling this ends its handlers, so that everything has been sent."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure_logging(settings)

    def end() -> None:
        for handler in log._handlers:
            handler.close()

    yield end
    end()
    for handler in log._handlers:
        root.removeHandler(handler)
    log._handlers.clear()
    logging.captureWarnings(False)
    root.setLevel(level)
    assert root.handlers == before


def services(sandbox: Sandbox) -> list[str]:
    return sorted(post.service for post in sandbox.webhooks.posts)


@pytest.mark.parametrize(
    "text",
    ["", "x" * 20_000, "<!channel> & " * 2000, "😀" * 9000, "```\n" * 3000, "\ud800\0half", "line\n" * 5000],
    ids=["empty", "long", "escaped", "emoji", "fences", "surrogate", "lines"],
)
def test_whatever_is_in_a_notice_the_services_take_it(text: str, sandbox: Sandbox, settings: Settings) -> None:
    facts = tuple((text or "name", text) for _ in range(20))
    notice = Notice(text or "title", text, facts=facts, detail=text).cleaned(str)
    assert tell(notice, configured_webhooks(settings), seconds=30) == []
    assert services(sandbox) == ["Discord", "Slack"]
    (slack,) = [post.body for post in sandbox.webhooks.posts if post.service == "Slack"]
    marked = [text for block in slack["blocks"][1:] for text in (block.get("text"), *block.get("fields", [])) if text]
    assert not [text for text in marked if "<" in text["text"]], "Slack would take it for a mention"


def test_an_error_in_the_log_is_told_with_its_place_and_traceback_and_without_secrets(
    sandbox: Sandbox, logged: Callable[[], None]
) -> None:
    try:
        raise ValueError(f"refused {SECRET}")
    except ValueError:
        logging.getLogger("tests.notices").exception("Could not log in with %s", SECRET)
    logging.getLogger("tests.notices").warning("not told")
    logged()
    assert services(sandbox) == ["Discord", "Slack"]
    for post in sandbox.webhooks.posts:
        assert SECRET not in post.text
        for told in ("ERROR: tests.notices", "Could not log in", "ValueError", "test_notices", "Traceback"):
            assert told in post.text
    (embed,) = [post.body["embeds"][0] for post in sandbox.webhooks.posts if post.service == "Discord"]
    assert embed["color"] == 0xE74C3C
    assert {field["name"] for field in embed["fields"]} == {"Module", "Line", "Exception"}


def test_the_same_error_is_not_told_again_at_once_and_hides_no_other(
    sandbox: Sandbox, logged: Callable[[], None]
) -> None:
    for number in range(50):
        logging.getLogger("tests.notices").error("Page %d cannot be read", number)
    logging.getLogger("tests.notices").error("The disk is full")
    logged()
    texts = [post.text for post in sandbox.webhooks.posts if post.service == "Slack"]
    assert sum("disk is full" in text for text in texts) == 1
    pages = [text for text in texts if "cannot be read" in text]
    assert "Page 49" in pages[-1]
    # Until the first one was taken up, more may have come.
    assert len(pages) <= 2
    assert f"{50 - len(pages)} more like this" in pages[-1] or "more like this" in pages[0]


def test_notices_are_off_when_asked_for(sandbox: Sandbox, settings: Settings) -> None:
    muted = settings.model_copy(update={"enable_error_notifications": False})
    configure_logging(muted)
    try:
        assert not [handler for handler in log._handlers if "Webhook" in type(handler).__mro__[1].__name__]
    finally:
        for handler in log._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()
        log._handlers.clear()


def test_a_service_that_asks_to_wait_is_asked_again(sandbox: Sandbox, settings: Settings) -> None:
    sandbox.faults.add(SLACK, "status", status=429, retry_after=0)
    sandbox.faults.add(DISCORD, "dropped")
    assert tell(Notice("title", "text"), configured_webhooks(settings), seconds=30) == []
    assert services(sandbox) == ["Discord", "Slack"]


def test_a_service_that_refuses_is_named_without_its_secret_and_the_other_is_told(
    sandbox: Sandbox, settings: Settings
) -> None:
    sandbox.faults.add(SLACK, "status", status=403)
    (problem,) = tell(Notice("title", "text"), configured_webhooks(settings), seconds=30)
    assert problem.startswith("Slack: status 403")
    assert "secret" not in problem
    assert services(sandbox) == ["Discord"]


def test_a_dead_webhook_holds_nobody_up(sandbox: Sandbox, settings: Settings, capsys: Any) -> None:
    sandbox.faults.add(SLACK, "latency", seconds=3600, times=None)
    handler = SlackHandler(settings.slack_webhook_url)
    for line in range(300):
        # Each a place of its own.
        record = logging.LogRecord("a", logging.ERROR, "file.py", line, "message", None, None)
        handler.emit(record)
    assert 0 < handler.courier.dropped <= 200
    handler.courier.close(0)
    assert tell(Notice("title", "text"), configured_webhooks(settings)[:1], seconds=0.2)[0].startswith(
        "Slack: no answer"
    )
    assert sandbox.webhooks.posts == []


def test_a_lasting_problem_is_told_once_in_a_while_with_what_was_not(database: Database) -> None:
    def fail(hours: float, mark: str = "a") -> problems.Claim | None:
        with database.session() as session:
            return problems.note_failure(session, "task:g/t", mark, NOON + hours * HOUR, 20 * HOUR)

    first = fail(0)
    assert first is not None
    assert (first.untold, first.failures) == (0, 1)
    assert fail(1) is None
    other = fail(2, "b")
    assert other is not None, "another error of the same task is news"
    again = fail(21)
    assert again is not None
    assert (again.untold, again.failures, again.first_at) == (1, 3, NOON)
    with database.session() as session:
        problems.give_back(session, again)
    unheard = fail(22)
    assert unheard is not None
    assert unheard.untold == 2
    with database.session() as session:
        (recovery,) = problems.end(session, ["task:g/t", "task:g/never"])
        assert (recovery.failures, recovery.first_at) == (5, NOON)
        assert problems.end(session, ["task:g/t"]) == []


def test_of_many_processes_one_tells(database: Database) -> None:
    def fail(_: int) -> problems.Claim | None:
        with database.session() as session:
            return problems.note_failure(session, "task:g/t", "a", NOON, HOUR)

    with ThreadPoolExecutor(8) as pool:
        claims = [claim for claim in pool.map(fail, range(16)) if claim is not None]
    assert len(claims) == 1


def test_numbers_and_hashes_do_not_make_another_problem() -> None:
    one = problems.fingerprint("NetworkError", "page 17 of 0x7f12 at 3f2a1bc: no answer")
    assert one == problems.fingerprint("NetworkError", "page 18 of 0x9a44 at 77d00ee: no answer")
    assert one != problems.fingerprint("NetworkError", "page 17: refused")
    assert one != problems.fingerprint("ValueError", "page 17 of 0x7f12 at 3f2a1bc: no answer")
