"""Bad tokens, channels, threads and messages; limits, and runs that are cut short."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from boost_collectors.core.errors import (
    CollectionSkipped,
    CommandError,
    ConfigurationError,
    PermanentError,
    RateLimited,
    TransientError,
)
from tests.cppa_slack_tracker.chat import MESSAGES, Bench


def errors(bench: Bench, **codes: str) -> None:
    """Make methods answer with these codes; a key is ``method`` or ``method channel``, dots as underscores."""
    (bench.samples / "errors.json").write_text(json.dumps(codes))


def test_one_bad_channel_costs_no_other_its_messages(bench: Bench) -> None:
    for name in ("C1", "C2", "C3"):
        bench.work.fill(bench.work.channel(name), 2)
    errors(bench, **{"conversations.history C2": "internal_error"})
    error = bench.fail()
    assert isinstance(error, TransientError)
    assert "T1/C2: conversations.history failed: internal_error" in str(error)
    assert "--only T1/C2" in str(error)
    assert len(bench.texts) == 4
    errors(bench)
    bench.collect()
    assert len(bench.texts) == 6


def test_one_bad_workspace_costs_no_other_its_data(bench: Bench) -> None:
    bench.work.fill(bench.work.channel("C1"), 2)
    other = bench.second_workspace()
    other.fill(other.channel("C9"), 3, text="elsewhere")
    wrong = bench.settings(**bench.both | {"SLACK_BOT_TOKEN_T1": "xoxb-nobody"})
    error = bench.fail(settings=wrong)
    assert isinstance(error, PermanentError)
    assert "T1: " in str(error)
    assert "invalid_auth" in str(error)
    texts = f"SELECT message FROM {MESSAGES} ORDER BY 1"
    assert bench.rows(texts) == ["elsewhere"] * 3
    bench.collect(settings=bench.settings(**bench.both))
    assert bench.rows(texts) == ["elsewhere"] * 3 + ["message 0", "message 1"]


def test_a_token_of_another_workspace_is_rejected(bench: Bench) -> None:
    bench.second_workspace()
    error = bench.fail(settings=bench.settings(SLACK_BOT_TOKEN_T1="xoxb-T2"))
    assert "SLACK_BOT_TOKEN_T1 belongs to the workspace T2" in str(error)
    assert bench.rows("SELECT team_id FROM cppa_slack_tracker_slackteam") == []


def test_a_workspace_without_a_token_is_a_configuration_error_that_names_it(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="SLACK_BOT_TOKEN_T7"):
        bench.collect("--team-id", "T7")
    assert len(bench.sandbox.requests) == 0


def test_one_bad_thread_costs_no_other_its_replies(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    threads = bench.work.fill(channel, 3)
    replies = [bench.work.reply(channel, thread) for thread in threads]
    errors(bench, **{f"conversations.replies {threads[1]}": "method_not_supported_for_channel_type"})
    assert "method_not_supported" in str(bench.fail())
    assert set(bench.texts) == {*threads, replies[0], replies[2]}
    errors(bench)
    bench.collect()
    assert bench.asked("conversations.replies") == 1
    assert replies[1] in bench.texts


def test_bad_messages_go_into_quarantine_and_the_others_are_stored(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    good = bench.work.post(channel)
    bad = bench.work.post(channel, "nobody said this", None)
    numeric = bench.work.post(channel, 5)  # type: ignore[arg-type]  # as no text
    long = bench.work.post(channel, "long", subtype="x" * 60)
    error = bench.fail()
    assert isinstance(error, PermanentError)
    assert "3 messages of T1/C1 went into quarantine" in str(error)
    assert "user is missing" in str(error)
    assert set(bench.texts) == {good}
    assert bench.pending == dict.fromkeys((bad, numeric, long), ("quarantined", 1))
    bench.collect()
    assert set(bench.texts) == {good}
    bench.work.change(channel, bad, user="U1")
    bench.collect()
    assert set(bench.texts) == {good, bad}
    assert set(bench.pending) == {numeric, long}


def test_a_timestamp_that_is_none_is_rejected_and_hides_nothing(bench: Bench) -> None:
    channel = bench.work.channel("C1")
    bench.work.fill(channel, 3)
    bench.collect()
    batch = [{"type": "message", "user": "U1", "text": "when?", "ts": "soon", "channel": channel}]
    path = bench.samples.parent / "saved.json"
    path.write_text(json.dumps(batch))
    assert "not a timestamp" in str(bench.fail("--messages-json", str(path)))
    later = bench.work.post(channel, "later")
    bench.collect()
    assert later in bench.texts


def test_a_bad_member_costs_no_other(bench: Bench) -> None:
    bench.work.users += [{"id": "U2", "name": "x", "real_name": None}, "nobody", {"id": "U3", "name": "y" * 300}]
    bench.work.user("U4", "last")
    bench.work.post(bench.work.channel("C1"))
    error = bench.fail()
    assert "3 users could not be stored" in str(error)
    assert "Invalid Slack user: real_name" in str(error)
    assert "expected object, got str" in str(error)
    names = "SELECT slack_user_id FROM cppa_user_tracker_slackuser ORDER BY 1"
    assert bench.rows(names) == ["U1", "U4"]
    assert len(bench.texts) == 1


def test_a_long_limit_says_when_to_come_back_and_keeps_what_was_read(bench: Bench) -> None:
    bench.work.fill(bench.work.channel("C1"), 30)
    settings = bench.settings(SLACK_HISTORY_PAGE_SIZE="10", HTTP_MAX_WAIT_SECONDS="1")
    bench.sandbox.faults.add("*/conversations.history", "status", status=429, retry_after=900, after=1, times=None)
    error = bench.fail(settings=settings)
    assert isinstance(error, RateLimited)
    assert 800 < (error.retry_at - datetime.now(UTC)).total_seconds() <= 900
    assert len(bench.texts) == 10
    assert len(bench.cursor("C1")["holes"]) == 1
    bench.sandbox.faults.clear()
    bench.collect(settings=settings)
    assert len(bench.texts) == 30
    assert bench.cursor("C1")["holes"] == []
    bench.collect(settings=settings)
    assert bench.asked("conversations.history") == 1


def test_a_limit_of_one_workspace_costs_no_other_its_messages(bench: Bench) -> None:
    for name in ("C1", "C2"):
        bench.work.fill(bench.work.channel(name), 2)
    other = bench.second_workspace()
    other.fill(other.channel("C9"), 3, text="elsewhere")
    settings = bench.settings(**bench.both, HTTP_MAX_WAIT_SECONDS="1")
    bench.sandbox.faults.add("*/conversations.history", "status", status=429, retry_after=900)
    error = bench.fail(settings=settings)
    assert isinstance(error, RateLimited)
    assert "--only T1/C1 --only T1/C2" in str(error)
    assert "T2" not in str(error)
    assert set(bench.texts.values()) == {"elsewhere"}
    assert bench.asked("conversations.history") == 2  # one for each workspace: the limit of the first is respected
    bench.collect(settings=settings)
    assert bench.rows(f"SELECT count(*) FROM {MESSAGES}") == [7]


def test_a_short_limit_is_waited_for_and_uses_up_no_attempt(bench: Bench) -> None:
    bench.work.fill(bench.work.channel("C1"), 3)
    bench.sandbox.faults.add("*/conversations.history", "status", status=429, retry_after=0, times=3)
    bench.collect()
    assert bench.asked("conversations.history") == 4
    assert len(bench.texts) == 3


def test_the_sandbox_limits_calls_as_slack_does(bench: Bench) -> None:
    for name in ("C1", "C2", "C3"):
        bench.work.fill(bench.work.channel(name), 2)
    (bench.samples / "limits.json").write_text(json.dumps({"conversations.history": 2}))
    error = bench.fail(settings=bench.settings(HTTP_MAX_WAIT_SECONDS="1"))
    assert isinstance(error, RateLimited)
    assert len(bench.texts) == 4


def test_a_pace_of_one_call_a_minute_is_kept(bench: Bench) -> None:
    bench.work.fill(bench.work.channel("C1"), 40)
    settings = bench.settings(
        SLACK_HISTORY_PAGE_SIZE="15", SLACK_HISTORY_CALLS_PER_MINUTE="1", HTTP_MAX_WAIT_SECONDS="1"
    )
    assert isinstance(bench.fail(settings=settings), RateLimited)
    assert bench.asked("conversations.history") == 1
    assert len(bench.texts) == 15


@pytest.mark.parametrize("kind", ["dropped", "truncated", "malformed"])
def test_a_cut_history_is_no_end_of_the_history(bench: Bench, kind: str) -> None:
    bench.work.fill(bench.work.channel("C1"), 50)
    settings = bench.settings(SLACK_HISTORY_PAGE_SIZE="10")
    bench.sandbox.faults.add("*/conversations.history", kind, after=2)
    assert isinstance(bench.fail(settings=settings), TransientError)
    assert len(bench.texts) == 20
    new = bench.work.fill("C1", 25)
    bench.collect(settings=settings)
    assert len(bench.texts) == 75
    assert set(new) <= set(bench.texts)


def test_a_plan_that_hides_old_messages_removes_none(bench: Bench) -> None:
    first, second, third = bench.work.fill(bench.work.channel("C1"), 3)
    bench.collect()
    bench.work.rename("Workshop", hides_before=float(second) - 1)
    bench.work.delete("C1", third)
    bench.collect()
    assert set(bench.texts) == {first, second}
    assert bench.deleted == {third}


class TestChannels:
    def test_the_bot_joins_what_the_policy_admits(self, bench: Bench) -> None:
        for name in ("open", "closed"):
            channel = bench.work.channel(f"C{name}", name, is_member=False)
            bench.work.post(channel, name)
        counts = bench.collect(settings=bench.settings(CHANNEL_BLOCKLIST="Closed"))
        assert set(bench.texts.values()) == {"open"}
        assert (counts["channels_joined"], counts["units_skipped"]) == (1, 1)

    def test_an_allow_list_admits_only_its_own(self, bench: Bench) -> None:
        for name in ("one", "two"):
            bench.work.post(bench.work.channel(f"C{name}", name, is_member=False), name)
        bench.collect(settings=bench.settings(CHANNEL_ALLOWLIST="ctwo"))
        assert set(bench.texts.values()) == {"two"}

    def test_private_channels_are_not_kept_and_a_topic_stands_in_for_a_purpose(self, bench: Bench) -> None:
        bench.work.channel("C1", "plain", topic={"value": "the topic"}, creator="U1")
        bench.work.channel("G1", "secret", is_private=True)
        bench.collect()
        stored = "SELECT channel_id, description, creator_user_id IS NOT NULL FROM cppa_slack_tracker_slackchannel"
        assert bench.rows(stored) == [("C1", "the topic", True)]

    def test_a_channel_that_is_gone_is_marked(self, bench: Bench) -> None:
        bench.work.channel("C1")
        bench.work.channel("C2")
        bench.collect()
        del bench.work.channels[1]
        bench.work.save()
        assert bench.collect()["channels_removed"] == 1
        assert bench.rows("SELECT channel_id FROM cppa_slack_tracker_slackchannel WHERE gone_at IS NOT NULL") == ["C2"]

    def test_names_that_look_alike_get_folders_of_their_own_and_keep_them(self, bench: Bench) -> None:
        bench.work.channel("C1", "C++ & Boost")
        bench.work.channel("C2", "C & Boost")
        bench.collect()
        folders = "SELECT folder FROM cppa_slack_tracker_slackchannel ORDER BY channel_id"
        assert bench.rows(folders) == ["C_Boost", "C_Boost-C2"]
        bench.work.channels[0]["name"] = "renamed"
        bench.work.save()
        bench.collect()
        assert bench.rows(folders) == ["C_Boost", "C_Boost-C2"]


def test_a_workspace_keeps_its_name_when_slack_does_not_tell_it(bench: Bench) -> None:
    bench.work.channel("C1")
    bench.collect()
    errors(bench, **{"team.info": "missing_scope"})
    bench.work.rename("T1")
    bench.collect()
    stored = "SELECT team_name, folder, index_name FROM cppa_slack_tracker_slackteam"
    assert bench.rows(stored) == [("Workshop", "Workshop", "Workshop")]
    errors(bench)
    bench.work.rename("Workshop II")
    bench.collect()
    assert bench.rows(stored) == [("Workshop II", "Workshop", "Workshop")]


class TestFlags:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--start-date", "soon"), "YYYY-MM-DD"),
            (("--end-date", "2024-13-01"), "YYYY-MM-DD"),
            (("--start-date", "2024-02-02", "--end-date", "2024-02-01"), "after --end-date"),
            (("--messages-json", "/no/such/place"), "does not exist"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_before_any_call(
        self, bench: Bench, arguments: tuple[str, ...], told: str
    ) -> None:
        with pytest.raises(CommandError, match=told):
            bench.collect(*arguments)
        assert len(bench.sandbox.requests) == 0

    def test_an_unknown_channel_is_an_error_and_not_all_channels(self, bench: Bench) -> None:
        bench.work.post(bench.work.channel("C1"))
        error = bench.fail("--channel-id", "C404")
        assert isinstance(error, CommandError)
        assert "C404" in str(error)
        assert bench.asked("conversations.history") == 0

    def test_one_channel_alone(self, bench: Bench) -> None:
        for name in ("C1", "C2"):
            bench.work.post(bench.work.channel(name), name)
        bench.collect("--channel-id", "C2")
        assert set(bench.texts.values()) == {"C2"}
        assert bench.asked("conversations.list") == 0

    @pytest.mark.parametrize("token", ["SLACK_BOT_TOKEN_T9", "SLACK_APP_TOKEN_T9"])
    def test_tokens_without_any_workspace_are_an_error_that_says_so(self, bench: Bench, token: str) -> None:
        bench.variables.pop("SLACK_BOT_TOKEN_T1")
        with pytest.raises(CommandError, match=r"Team ID is required.*SLACK_TEAM_ID.*tokens for T9"):
            bench.collect(settings=bench.settings(**{"SLACK_TEAM_IDS": "", token: "xoxb-9"}))

    @pytest.mark.parametrize("flags", [("--channel-id", "C1"), ("--messages-json", ".")])
    def test_flags_without_any_workspace_are_an_error(self, bench: Bench, flags: tuple[str, str]) -> None:
        bench.variables.pop("SLACK_BOT_TOKEN_T1")
        with pytest.raises(CommandError, match="Team ID is required"):
            bench.collect(*flags, settings=bench.settings(SLACK_TEAM_IDS=""))

    def test_where_nothing_is_said_about_slack_the_run_is_skipped_for_that_reason(self, bench: Bench) -> None:
        bench.variables.pop("SLACK_BOT_TOKEN_T1")
        with pytest.raises(CollectionSkipped, match="Slack is not configured"):
            bench.collect(settings=bench.settings(SLACK_TEAM_IDS=""))
        assert bench.rows("SELECT status FROM core_run") == ["skipped"]
        assert len(bench.sandbox.requests) == 0

    def test_one_workspace_needs_no_list(self, bench: Bench) -> None:
        bench.work.post(bench.work.channel("C1"))
        bench.variables.pop("SLACK_TEAM_IDS")
        bench.collect(settings=bench.settings(SLACK_TEAM_ID="T1"))
        assert len(bench.texts) == 1

    def test_only_the_phases_named_are_run(self, bench: Bench) -> None:
        bench.work.post(bench.work.channel("C1"))
        bench.collect("--sync-users")
        assert bench.rows("SELECT count(*) FROM cppa_slack_tracker_slackchannel") == [0]
        bench.collect("--sync-channels")
        assert bench.asked("users.list") == bench.asked("conversations.history") == 0
        assert bench.rows("SELECT channel_id FROM cppa_slack_tracker_slackchannel") == ["C1"]
        bench.collect("--sync-messages")
        assert len(bench.rows(f"SELECT 1 FROM {MESSAGES}")) == 1

    def test_a_dry_run_says_what_it_would_do(self, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
        bench.work.post(bench.work.channel("C1"))
        with caplog.at_level("INFO"):
            bench.collect("--dry-run", "--sync-users", "--sync-messages", "--start-date", "2024-01-01")
        assert "Dry run" in caplog.text
        assert "Would run: sync users" in caplog.text
        assert "Would run: sync messages (all channels), start=2024-01-01T00:00:00+00:00, end=today" in caplog.text
        assert bench.rows("SELECT 1 FROM cppa_slack_tracker_slackteam") == []
