"""What one channel, message or limit that goes wrong costs the others: nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boost_collectors.core.errors import (
    AuthenticationError,
    CollectionSkipped,
    CommandError,
    ConfigurationError,
    PermanentError,
    RateLimited,
)
from include.sandbox.discord import GUILD_ID
from tests.discord_activity_tracker.servers import ANA, GENERAL, OTHER, Bench, Server


def test_a_forbidden_channel_fails_the_run_and_the_others_are_saved(bench: Bench, server: Server) -> None:
    third = "900000000000000013"
    for number, channel in enumerate((GENERAL, OTHER, third)):
        server.channel(channel, f"c{number}")
        server.say("hello", to=channel)
    server.guild["forbidden"] = [OTHER]
    server.save()
    error = bench.fail()
    assert isinstance(error, PermanentError)
    assert OTHER in str(error)
    assert "#c1" in str(error)
    assert error.result is not None
    assert error.result.counts["failed_count"] == 1
    assert len(bench.stored) == 2
    server.guild["forbidden"] = []
    server.save()
    bench.collect()
    assert len(bench.stored) == 3


def test_a_forbidden_thread_costs_no_other(bench: Bench, server: Server) -> None:
    server.channel()
    threads = [server.thread(f"t{number}") for number in range(3)]
    for thread in threads:
        server.say("hello", to=thread)
    server.guild["forbidden"] = [threads[0]]
    server.save()
    assert "#t0" in str(bench.fail())
    assert len(bench.stored) == 2


def test_a_bad_message_is_set_aside_and_told_once(bench: Bench, server: Server) -> None:
    server.channel()
    at = datetime.now(UTC) - timedelta(hours=2)
    good = server.say("good", at=at)
    bad = server.say("bad", at=at, author=None)
    worse = server.say("worse", at=at, author={**ANA, "id": "910000000000000077", "username": "\ud83d"})
    error = bench.fail()
    assert bad in str(error)
    assert worse in str(error)
    assert set(bench.stored) == {good}
    assert bench.pending == {bad: ("quarantined", 1), worse: ("quarantined", 1)}
    assert bench.collect()["messages_quarantined"] == 2
    server.change(bad, author=ANA)
    bench.collect()
    assert set(bench.stored) == {good, bad}
    assert set(bench.pending) == {worse}


def test_a_wrong_token_fails_at_once(bench: Bench, server: Server) -> None:
    server.channel()
    error = bench.fail(settings=bench.settings(DISCORD_TOKEN="someone-else"))
    assert isinstance(error, AuthenticationError)
    assert len(bench.sandbox.requests) == 1
    assert "someone-else" not in str(error)


def test_without_a_token_the_run_is_skipped_and_a_user_token_is_refused(bench: Bench) -> None:
    nothing = bench.settings(DISCORD_TOKEN="", DISCORD_SERVER_ID="")
    assert isinstance(bench.fail(settings=nothing), CollectionSkipped)
    half = bench.fail(settings=bench.settings(DISCORD_TOKEN=""))
    assert isinstance(half, ConfigurationError)
    assert "configured by half: it also needs DISCORD_TOKEN" in str(half)
    settings = bench.settings(DISCORD_TOKEN="", DISCORD_USER_TOKEN="mine")
    assert "Discord credentials not configured" in str(bench.fail(settings=settings))
    assert "DISCORD_SERVER_ID" in str(bench.fail(settings=bench.settings(DISCORD_SERVER_ID="")))
    assert len(bench.sandbox.requests) == 0


def test_a_spent_bucket_is_waited_for_before_it_is_asked_again(bench: Bench, server: Server) -> None:
    server.channel()
    ids = server.fill(450)
    server.guild["limits"] = {"bucket": 2, "window": 0.2}
    server.save()
    bench.collect()
    assert set(bench.stored) == set(ids)
    assert {request.status for request in bench.sandbox.requests} == {200}


@pytest.mark.parametrize("limits", [{"bucket": 1, "window": 30}, {"global": 3, "window": 30}])
def test_a_long_limit_ends_the_run_until_then(bench: Bench, server: Server, limits: dict[str, float]) -> None:
    server.channel()
    server.fill(150)
    server.guild["limits"] = limits
    server.save()
    error = bench.fail(settings=bench.settings(HTTP_MAX_WAIT_SECONDS="1"))
    assert isinstance(error, RateLimited)
    assert 20 < (error.retry_at - datetime.now(UTC)).total_seconds() <= 30
    server.guild["limits"] = {}
    server.save()
    bench.collect()
    assert len(bench.stored) == 150


def test_a_short_global_limit_is_waited_out(bench: Bench, server: Server) -> None:
    server.channel()
    server.fill(150)
    server.guild["limits"] = {"global": 1, "window": 0.5}
    server.save()
    bench.collect(settings=bench.settings(HTTP_MAX_ATTEMPTS="3"))
    assert len(bench.stored) == 150
    assert 429 in {request.status for request in bench.sandbox.requests}


def test_signed_addresses_are_stored_without_their_signature(bench: Bench, server: Server) -> None:
    server.channel()
    url = "https://cdn.discordapp.com/attachments/1/2/a.txt"
    attachment = {"id": "920000000000000001", "filename": "a.txt", "size": 7, "content_type": "text/plain", "url": url}
    server.say("", at=datetime.now(UTC) - timedelta(hours=1), attachments=[attachment])
    bench.collect()
    assert bench.collect()["messages_updated"] == 0
    [row] = bench.rows("SELECT attachment_urls, attachments FROM discord_activity_tracker_discordmessage")
    assert row == (
        [{"url": url}],
        [{"id": attachment["id"], "file_name": "a.txt", "size": 7, "content_type": "text/plain", "url": url}],
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "2024-02-02", "--until", "2024-02-01"], "invalid date range"),
        (["--since", "yesterday"], "Invalid ISO datetime"),
        (["--channels", "general"], "general"),
    ],
)
def test_wrong_flags_are_refused_before_any_request(bench: Bench, arguments: list[str], told: str) -> None:
    error = bench.fail(*arguments)
    assert isinstance(error, CommandError)
    assert told in str(error)
    assert len(bench.sandbox.requests) == 0


def test_a_channel_that_is_not_there_is_told_and_the_others_are_read(bench: Bench, server: Server) -> None:
    server.channel()
    server.channel(OTHER, "other")
    server.say("x")
    server.say("y", to=OTHER)
    error = bench.fail("--channels", f"{GENERAL},77,x")
    assert "77" in str(error)
    assert list(bench.stored.values()) == ["x"]


def test_equal_bounds_and_skipped_syncs_ask_for_nothing(
    bench: Bench, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.channel()
    caplog.set_level("INFO")
    for arguments in (
        ["--since", "2024-02-02", "--until", "2024-02-02"],
        ["--skip-discord-sync"],
        ["--task", "export"],
    ):
        assert bench.collect(*arguments)["units"] == 0
        assert len(bench.sandbox.requests) == 0
    assert "nothing to sync" in caplog.text
    assert f"{GUILD_ID} is not in DB" in caplog.text
    assert "skipping Pinecone (--skip-pinecone)" in caplog.text


def test_a_dry_run_tells_its_bounds_and_writes_nothing(
    bench: Bench, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.channel()
    server.say("x")
    caplog.set_level("INFO")
    assert bench.collect("--dry-run", "--since", "2024-01-01")["dry_run"] == 1
    for told in ("DRY RUN", "all channels", "Lower bound: 2024-01-01", "Upper bound", "today"):
        assert told in caplog.text
    assert bench.stored == {}
    assert not bench.settings().raw_dir.exists()


def test_settings_of_the_former_exporter_are_named_once(
    bench: Bench, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.channel()
    bench.collect(settings=bench.settings(DISCORD_CHAT_EXPORTER_CLI="/opt/exporter", DISCORD_USER_TOKEN="mine"))
    [told] = [record.getMessage() for record in caplog.records if "Without effect" in record.getMessage()]
    assert "DISCORD_CHAT_EXPORTER_CLI" in told
    assert "DISCORD_USER_TOKEN" in told
