"""Messages as Slack gives them: the documented shapes, odd ones, and bad ones."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.cppa_slack_tracker.normalise import MembershipChange, MessageRecord, moment, normalise, ts_of
from boost_collectors.cppa_slack_tracker.payloads import ChannelPayload, SlackPayloadError, TeamPayload, checked
from boost_collectors.cppa_slack_tracker.services import slug

REAL = Path(__file__).parents[3] / "shared/data/slack"
BASE = {"type": "message", "user": "U1", "text": "hello", "ts": "1700000000.000100"}


def record(**values: Any) -> MessageRecord:
    found = normalise({key: value for key, value in (BASE | values).items() if value is not None})
    assert isinstance(found, MessageRecord)
    return found


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "hello"),
        ({"subtype": "me_message"}, "<@U1> hello"),
        ({"subtype": "file_comment", "comment": {"comment": "neat", "user": "U2"}}, "hello\nComment: neat"),
        ({"subtype": "thread_broadcast"}, "hello"),
        ({"subtype": "bot_message", "user": None}, "hello"),
    ],
)
def test_text_of_every_subtype(values: dict[str, Any], text: str) -> None:
    assert record(**values).text == text


def test_a_comment_has_an_author_of_its_own() -> None:
    assert record(user=None, subtype="file_comment", comment={"user": "U2"}).user == "U2"


@pytest.mark.parametrize(
    "values",
    [
        {"user": None, "text": "A file was commented on"},
        {"subtype": "channel_join", "user": None},
        {"subtype": "channel_leave", "ts": None},
    ],
)
def test_what_is_not_kept(values: dict[str, Any]) -> None:
    assert normalise({key: value for key, value in (BASE | values).items() if value is not None}) is None


def test_joining_without_a_time_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    assert normalise({"subtype": "channel_join", "user": "U1"}) is None
    assert "Skipping channel_join without ts" in caplog.text


def test_joining_and_leaving() -> None:
    joined = normalise(BASE | {"subtype": "channel_join"})
    at = datetime(2023, 11, 14, 22, 13, 20, 100, UTC)
    assert joined == MembershipChange("1700000000.000100", at, "U1", True)


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ([], "expected object, got list"),
        (BASE | {"text": None}, "text"),
        (BASE | {"ts": 1700000000.0}, "ts"),
        (BASE | {"ts": "soon"}, "not a timestamp"),
        ({"text": "x", "user": "U1"}, "ts None"),
        ({"text": "x", "ts": "1.000000"}, "user is missing"),
    ],
)
def test_bad_messages_are_refused(payload: Any, told: str) -> None:
    with pytest.raises(SlackPayloadError, match="Invalid Slack message") as error:
        normalise(payload)
    assert told in str(error.value)


def test_at_most_five_problems_are_named_and_the_total() -> None:
    bad = {"ts": 1, "text": 2, "user": 3, "subtype": 4, "thread_ts": 5, "bot_id": 6}
    with pytest.raises(SlackPayloadError, match=r"\(6 problems\)") as error:
        normalise(bad)
    assert str(error.value).count("valid string") == 5


def test_what_postgresql_cannot_hold_is_taken_out() -> None:
    found = record(text="a\0b\ud83d", blocks=[{"t\0": "\0\ud800"}])
    assert found.text == "ab?"
    assert json.loads(found.raw)["blocks"] == [{"t": "?"}]


def test_what_slack_tells_the_viewer_is_not_kept() -> None:
    assert record(unread_count=3).raw == record().raw


@pytest.mark.parametrize("ts", ["0.000000", "1700000000.000100", "9999999999.999999"])
def test_timestamps_go_both_ways(ts: str) -> None:
    instant = moment(ts)
    assert instant is not None
    assert ts_of(instant) == ts


@pytest.mark.parametrize("ts", [None, "", "x", "-1", "1e9", "1.", "\N{ARABIC-INDIC DIGIT ONE}.000000"])
def test_what_is_no_timestamp(ts: str | None) -> None:
    assert moment(ts) is None


@pytest.mark.parametrize(
    ("name", "folder"),
    [("Cpp/lang", "Cpp_lang"), ("C++ & Boost", "C_Boost"), ("..", "downloaded_file"), ("_x_", "x"), (" ", "unknown")],
)
def test_folder_names(name: str, folder: str) -> None:
    assert slug(name) == folder


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ({}, "public_channel"),
        ({"type": "mpim"}, "mpim"),
        ({"is_channel": True, "is_private": True}, "private_channel"),
        ({"is_private": True, "is_im": True}, "im"),
    ],
)
def test_the_kind_of_a_channel(flags: dict[str, Any], kind: str) -> None:
    assert checked("channel", ChannelPayload, {"id": "C1"} | flags).kind == kind


@pytest.mark.parametrize(("payload", "told"), [({"id": ""}, "id"), ({"id": "C1", "name": None}, "name")])
def test_bad_channels_are_refused(payload: Any, told: str) -> None:
    with pytest.raises(SlackPayloadError, match=f"Invalid Slack channel: {told}"):
        checked("channel", ChannelPayload, payload)


def test_a_workspace_needs_an_id() -> None:
    with pytest.raises(SlackPayloadError, match="Invalid Slack team: id"):
        checked("team", TeamPayload, {"name": "x"})


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the real Slack samples")
class TestRealSamples:
    def test_every_field_that_slack_can_send_is_taken(self) -> None:
        path = REAL / "web-api" / "java-sdk-sample_conversations.history.json.gz"
        for message in json.loads(gzip.decompress(path.read_bytes()))["messages"]:
            assert isinstance(normalise(message | {"ts": "1700000000.000100", "user": "U1"}), MessageRecord)

    def test_a_day_of_a_busy_workspace(self) -> None:
        lines = [
            json.loads(line) for path in REAL.glob("rtm-log/*.jsonl") for line in path.read_text().split("\n") if line
        ]
        plain = [item for item in lines if item["type"] == "message" and "subtype" not in item and "user" in item]
        found = [normalise(item) for item in plain]
        assert len(found) > 500
        assert [item.ts for item in found if item] == [item["ts"] for item in plain]
