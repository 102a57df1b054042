from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from boost_collectors.core.activity_types import (
    ActivityType,
    SourceSystem,
    activity_record_to_legacy_dict,
    actor_external_id,
    ensure_activity_occurred_at,
    format_occurred_at_z,
    migrate_legacy_activity_fields,
    parse_activity_occurred_at,
)
from boost_collectors.core.protocol_dto import GenericActivityRecord

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def record(**fields: object) -> GenericActivityRecord:
    known = {"source_system": "github", "external_id": "7", "activity_type": "github.issue", "summary": "Crash"}
    return GenericActivityRecord.from_dict(known | fields)


def test_every_source_has_a_name() -> None:
    assert [source.value for source in SourceSystem] == [
        "github",
        "discord",
        "slack",
        "reddit",
        "mailing_list",
        "youtube",
        "wg21",
    ]


def test_activity_types_are_values() -> None:
    assert ActivityType.github_issue() == ActivityType.parse(" github.issue ")
    assert str(ActivityType.discord("Reply")) == "discord.Reply"
    assert ActivityType.discord(" ").value == "discord.Default"
    parsed = ActivityType.parse("slack.message")
    assert ActivityType.parse(parsed) is parsed
    assert {parsed, ActivityType("slack.message")} == {parsed}


@pytest.mark.parametrize(("given", "text"), [(None, ""), (42, "42"), (" ada ", "ada"), (0, "0")])
def test_actor_ids_are_text(given: str | int | None, text: str) -> None:
    assert actor_external_id(given) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-01T12:00:00Z", NOON),
        ("2024-05-01T14:00:00+02:00", NOON),
        ("2024-05-01T12:00:00", NOON),
        ("2024-05-01T12:00:00.1234567Z", NOON.replace(microsecond=123456)),
        ("", None),
        (None, None),
        ("noon", None),
        ("0001-01-01T00:00:00+05:00", None),
    ],
)
def test_parse_activity_occurred_at(text: str | None, moment: datetime | None) -> None:
    assert parse_activity_occurred_at(text) == moment


def test_times_in_and_out() -> None:
    assert ensure_activity_occurred_at(NOON.replace(tzinfo=None)) == NOON
    assert format_occurred_at_z(NOON.astimezone(timezone(timedelta(hours=-3)))) == "2024-05-01T12:00:00Z"
    assert format_occurred_at_z(None) == ""


def test_migrate_brings_loose_text_into_types() -> None:
    fields = migrate_legacy_activity_fields(" GitHub ", "2024-05-01T12:00:00Z", " github.issue", 7)
    assert fields.source_system is SourceSystem.GITHUB
    assert fields.occurred_at == NOON
    assert fields.activity_type == ActivityType.github_issue()
    assert fields.actor_external_id == "7"


@pytest.mark.parametrize("time", [None, "", " ", "noon", datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))])
def test_migrate_has_no_time_where_none_can_be_read(time: str | datetime | None) -> None:
    assert migrate_legacy_activity_fields("discord", time, "discord.Default").occurred_at is None


def test_migrate_refuses_an_unknown_source() -> None:
    with pytest.raises(ValueError, match="unknown source_system 'usenet'"):
        migrate_legacy_activity_fields("usenet", None, "x")


def test_legacy_dict_has_seven_keys() -> None:
    assert activity_record_to_legacy_dict(record(occurred_at=NOON, actor_external_id=5)) == {
        "source_system": "github",
        "external_id": "7",
        "occurred_at": "2024-05-01T12:00:00Z",
        "activity_type": "github.issue",
        "actor_external_id": "5",
        "source_url": None,
        "summary": "Crash",
    }
    assert activity_record_to_legacy_dict(record())["occurred_at"] == ""
