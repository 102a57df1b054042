"""Slack's notes of a huddle as Markdown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.operations.huddles import (
    HuddleNotes,
    generate_transcript_from_json,
    parse_datetime_range,
    parse_html_summary,
    replace_channel_ids_with_names,
    replace_user_ids_with_usernames,
    write_huddle_transcript_md,
)

TODAY = date(2024, 1, 31)


@pytest.mark.parametrize(
    ("text", "day", "shown"),
    [
        ("10:00:00 AM - 11:00:00 AM UTC", "01/15/2024", "2024-01-15_02-00 PST - 2024-01-15_03-00 PST"),
        ("10:00:00 AM - 11:00:00 AM PST", "1/15/24", "2024-01-15_10-00 PST - 2024-01-15_11-00 PST"),
        ("10:00:00 AM - 11:00:00 AM", "7/4/24", "2024-07-04_10-00 PDT - 2024-07-04_11-00 PDT"),
        ("10:00:00 am - 11:00:00 am EDT", "7/4/24", "2024-07-04_07-00 PDT - 2024-07-04_08-00 PDT"),
        ("12:05:09 AM - 12:05:09 PM XYZ", "1/15/24", "2024-01-15_00-05 PST - 2024-01-15_12-05 PST"),
        ("11:30:00 PM - 12:30:00 AM PST", "1/15/24", "2024-01-15_23-30 PST - 2024-01-16_00-30 PST"),
        ("10:00:00 AM - 11:00:00 AM PST", "13/45/24", "2024-01-31_10-00 PST - 2024-01-31_11-00 PST"),
        ("10:00:00 AM - 11:00:00 AM PST", None, "2024-01-31_10-00 PST - 2024-01-31_11-00 PST"),
        ("13:00:00 PM - 14:00:00 PM PST", "1/15/24", "13:00:00 PM - 14:00:00 PM PST"),
        ("some time", "1/15/24", "some time"),
        ("", None, ""),
    ],
)
def test_times_are_pacific_with_the_name_their_zone_has_then(text: str, day: str | None, shown: str) -> None:
    assert parse_datetime_range(text, day, today=TODAY) == shown


def test_a_page_tells_channel_time_and_who_was_there() -> None:
    page = (
        "<h1>Huddle notes: 1/15/2024 in #C12AB</h1><p><b>9:00:00 AM - 9:30:00 AM PST</b> and <b>more</b></p>"
        "<h2>The Attendees</h2><p>@U1 @U2 @U1</p><h2>Summary</h2><p>@U3 said so</p>"
    )
    assert parse_html_summary(page) == {
        "channel_id": "C12AB",
        "attendee_ids": ["U1", "U2"],
        "datetime": "9:00:00 AM - 9:30:00 AM PST",
        "datetime_formatted": "2024-01-15_09-00 PST - 2024-01-15_09-30 PST",
    }
    assert parse_html_summary("<p>@U3 and @U4</p>")["attendee_ids"] == ["U3", "U4"]
    assert parse_html_summary("<<<")["channel_id"] == ""


def section(*elements: Any) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


USER = {"type": "user", "user_id": "U1"}


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([section(USER, {"text": "[0:05]:"}, {"text": " yes"})], [("U1", "0:05", "yes")]),
        ({"elements": [section(USER, {"text": "[1:02:03]: yes"})]}, [("U1", "1:02:03", "yes")]),
        ([section(USER, {"text": "no time"})], [("U1", "", "no time")]),
        ([section(USER)], []),
        ([section({"text": "[0:05]: nobody"})], []),
        (["x", None, 3, {"type": "other"}, section(USER, "x", {"text": "y"})], [("U1", "", "y")]),
        ([{"type": "rich_text", "elements": [section(USER, {"text": "deep"})]}], [("U1", "", "deep")]),
        ("x", []),
        (None, []),
    ],
)
def test_what_was_said_is_read_from_either_shape(blocks: Any, said: list[tuple[str, str, str]]) -> None:
    entries = generate_transcript_from_json({"file": {"huddle_transcription": {"blocks": blocks}}})
    assert [(entry["user_id"], entry["time"], entry["content"]) for entry in entries] == said


@pytest.mark.parametrize("answer", [None, [], {}, {"file": 3}, {"file": {"huddle_transcription": []}}])
def test_an_answer_of_another_shape_has_no_transcript(answer: Any) -> None:
    assert generate_transcript_from_json(answer) == []


def test_ids_become_names_where_they_are_known() -> None:
    assert replace_user_ids_with_usernames("@U1 to @U2", {"U1": "mila"}) == "**@mila** to @U2"
    assert replace_channel_ids_with_names("#C1 not #C2", "C1", "general") == "#general not #C2"
    assert replace_channel_ids_with_names("#C1", "", "general") == "#C1"


def notes(*people: str, **more: Any) -> HuddleNotes:
    facts: dict[str, Any] = {
        "html": "<h1>One</h1><h2>Two</h2><p>#C1: code <code>a::b&lt;int&gt;</code></p>",
        "channel_id": "C1",
        "channel": "gen/eral",
        "datetime": "2024-01-15_09-00 PST - 2024-01-15_09-30 PST",
        "attendee_ids": people,
        "transcript": [{"user_id": "U1", "time": "0:05", "content": "hi"}],
        "names": {"U1": "mila"},
    }
    return HuddleNotes(**(facts | more))


def test_the_page_is_written_with_facts_summary_and_transcript(tmp_path: Path) -> None:
    path = write_huddle_transcript_md(tmp_path / "new", notes("U1"))
    assert path is not None
    assert path.name == "gen_eral_2024-01-15_09-00_mila.md"
    assert path.read_text(encoding="utf-8") == (
        "# #gen/eral Huddle 2024-01-15\n\n"
        "**datetime:** 2024-01-15_09-00 PST - 2024-01-15_09-30 PST  \n"
        "**location:** #gen/eral Slack channel  \n"
        "**type:** HUDDLE  \n"
        "**attendees:** mila  \n\n"
        "## Slack AI Summary\n\n"
        "### One\n\n#### Two\n\n#gen/eral: code `a::b<int>`\n\n"
        "## Transcript\n\n"
        "**@mila [0:05]:** hi\n"
    )


def test_many_people_are_named_in_the_page_and_five_in_its_name() -> None:
    many = notes(*(f"U{number}" for number in range(7)))
    assert many.file_name == "gen_eral_2024-01-15_09-00_U0_mila_U2_U3_U4_and_more.md"
    assert "**attendees:** U0, mila, U2, U3, U4, U5, and U6  " in many.markdown()
    assert "**attendees:** U0 and mila  " in notes("U0", "U1").markdown()
    assert "**attendees:** Unknown  " in notes().markdown()


def test_what_cannot_be_written_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert write_huddle_transcript_md(tmp_path / "file", notes("U1")) is None
