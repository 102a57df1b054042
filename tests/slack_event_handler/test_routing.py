"""What an event asks for."""

from __future__ import annotations

from typing import Any

import pytest

from boost_collectors.slack_event_handler.routing import NOTHING, PullRequest, Rules, Wanted, wanted

RULES = Rules("T1", channel="C1", bot="UBOT", organization="boostorg")
ANYBODY = Rules("T1", channel="C1", bot="UBOT")
PULL = PullRequest("boostorg", "json", 7)


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "text": text} | more


def huddle(url: str = "https://x.slack.com/files/U/F0123456789", label: str = " View AI Notes ", **more: Any) -> Any:
    section = {"type": "rich_text_section", "elements": [{"type": "link", "url": url, "text": label}]}
    context = {"type": "summary", "summary": {"type": "huddle"}}
    return said("", blocks=[{"type": "rich_text", "elements": [section]}], ai_context=context) | more


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/boostorg/json/pull/7",
        "see <https://github.com/boostorg/json/pull/7|the PR>, please",
        "HTTPS://GITHUB.COM/BoostOrg/JSON/PULL/7/files#r1",
        "https://github.com/boostorg/json/pull/7 and https://github.com/BOOSTORG/json/pull/7",
    ],
)
def test_a_pull_request_is_found_wherever_it_stands_and_once(text: str) -> None:
    [pull] = wanted(said(text), RULES).pulls
    assert pull.key == PULL.key


@pytest.mark.parametrize(
    ("text", "direct", "hint"),
    [
        ("good morning", False, False),
        ("good morning", True, True),
        ("<@UBOT> good morning", False, True),
        ("http://github.com/boostorg/json/pull/7", False, True),
        ("https://www.github.com/boostorg/json/pull/7", False, True),
        ("https://github.com/boostorg/json/issues/7", False, False),
        ("", False, False),
    ],
)
def test_only_who_speaks_to_the_bot_or_nearly_names_one_gets_a_hint(text: str, direct: bool, hint: bool) -> None:
    event = said(text, channel="D1", channel_type="im") if direct else said(text)
    assert wanted(event, RULES) == Wanted(needs_hint=hint)


def test_other_organisations_are_refused_by_url_and_allowed_without_a_rule() -> None:
    text = "https://github.com/llvm/llvm-project/pull/1 https://github.com/boostorg/json/pull/7"
    assert wanted(said(text), RULES) == Wanted(pulls=(PULL,), refused=("https://github.com/llvm/llvm-project/pull/1",))
    assert len(wanted(said(text), ANYBODY).pulls) == 2


@pytest.mark.parametrize(
    "event",
    [
        said("https://github.com/boostorg/json/pull/7", subtype="message_changed"),
        said("https://github.com/boostorg/json/pull/7", subtype="message_deleted"),
        said("https://github.com/boostorg/json/pull/7", channel="C2"),
        said("https://github.com/boostorg/json/pull/7", user="UBOT"),
        said("https://github.com/boostorg/json/pull/7", bot_id="B1"),
        said("https://github.com/boostorg/json/pull/7", user=None),
        {"type": "app_mention", "channel": "C1", "user": "U1", "text": "https://github.com/boostorg/json/pull/7"},
        {"type": "reaction_added"},
        {},
    ],
)
def test_what_is_no_new_message_of_a_person_to_the_bot_asks_for_nothing(event: dict[str, Any]) -> None:
    assert wanted(event, ANYBODY) == NOTHING


def test_huddle_notes_are_known_by_their_context_and_link() -> None:
    assert wanted(huddle(), RULES) == Wanted(huddle="F0123456789")
    assert wanted(huddle(channel="C2"), RULES) == Wanted(huddle="F0123456789")
    assert wanted(huddle(label="View AI note"), RULES).huddle
    assert wanted(huddle(url="https://x.slack.com/files/U/F0123456789/notes"), RULES) == NOTHING
    assert wanted(huddle(url="https://x.slack.com/files/U/F012"), RULES) == NOTHING
    assert wanted(huddle(label="View"), RULES) == NOTHING
    assert wanted(huddle(blocks={"elements": "?"}), RULES) == NOTHING


@pytest.mark.parametrize("context", ["summary", [], {"type": "summary"}, {"type": "summary", "summary": {"type": "x"}}])
def test_a_context_of_another_shape_is_no_huddle(context: Any) -> None:
    assert wanted(huddle(ai_context=context), RULES) == NOTHING


def test_each_scope_can_be_left_out() -> None:
    assert wanted(huddle(), Rules("T1", (1,), "C2")) == NOTHING
    assert wanted(said("https://github.com/boostorg/json/pull/7"), Rules("T1", (0,), "C1")) == NOTHING
