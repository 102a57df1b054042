from __future__ import annotations

import pytest

from boost_collectors.core.utils.text_processing import (
    SLACK_GREETING_WORDS,
    SLACK_UNESSENTIAL_WORDS,
    clean_discord_text,
    clean_text,
    filter_sentence,
    truncate_content,
    validate_content_length,
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (None, ""),
        (" \n ", ""),
        ("a\u00adb\u200bc\u200cd\u200de", "abcde"),
        ("a\u00a0b\u2002c\u2003d\u202fe", "a b c d e"),
        ("a&nbsp;b", "a b"),
        ("a&shy;b &lt;c&gt; &amp; d", "ab <c> & d"),
        ("wait\u2026", "wait..."),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a    b", "a b"),
        ("  a  \n  b  ", "a\nb"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("a\n \n \n \nb", "a\n\nb"),
        ("a\n\u00a0\n&nbsp;\n\nb", "a\n\nb"),
    ],
)
def test_clean_text(text: str | None, clean: str) -> None:
    assert clean_text(text) == clean


def test_clean_text_can_leave_the_spacing() -> None:
    assert clean_text(" a   b \n\n\n\n c&nbsp;", remove_extra_spaces=False) == "a   b \n\n\n\n c"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hi there, can you help?", "there, can you help?"),
        ("Good morning   everyone in\nthe room", "everyone in the room"),
        ("THANK YOU for the good review", "for the good review"),
        ("glad to see you here my old friend", "my old friend"),
        ("support the hinting patch", "support the hinting patch"),
        ("ok thanks lol", ""),
        ("two words", ""),
        ("exactly three words", "exactly three words"),
        ("looks right to me \N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}", "looks right to me"),
        ("", ""),
        (None, ""),
    ],
)
def test_filter_sentence(text: str | None, left: str) -> None:
    assert filter_sentence(text) == left


def test_own_lists_replace_ours() -> None:
    assert filter_sentence("hi dear all of you", ["Dear  All", ""], [], min_words_after=1) == "hi of you"
    assert filter_sentence("hi thanks lol", [], [], min_words_after=3) == "hi thanks lol"
    assert filter_sentence("a.c abc", ["a.c"], [], min_words_after=0) == "abc"


def test_the_lists_hold_what_people_rely_on() -> None:
    assert {"hi", "what's up", "good evening", "see you in the future"} <= set(SLACK_GREETING_WORDS)
    assert {"ok", "got it", "of course", "\N{THUMBS DOWN SIGN}"} <= set(SLACK_UNESSENTIAL_WORDS)
    assert len(set(SLACK_GREETING_WORDS)) == len(SLACK_GREETING_WORDS) == 34
    assert len(set(SLACK_UNESSENTIAL_WORDS)) == len(SLACK_UNESSENTIAL_WORDS)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("<@123> ask <@!45> or <@&6> in <#7>", "ask or in"),
        ("done <:boost:1234> <a:Party_1:5>", "done :boost: :party_1:"),
        ("a  <b> 3 < 4", "a <b> 3 < 4"),
        ("thanks", ""),
        ("fixed", "fixed"),
        (None, ""),
    ],
)
def test_clean_discord_text(text: str | None, clean: str) -> None:
    assert clean_discord_text(text) == clean


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc..."),
        ("abcdef", 3, "abc"),
        ("abcdef", 4, "a..."),
        ("abcdef", 0, ""),
        (None, 5, ""),
    ],
)
def test_truncate_content(text: str | None, length: int, cut: str) -> None:
    assert truncate_content(text, length) == cut


def test_truncate_content_by_default_and_below_nothing() -> None:
    assert truncate_content("x" * 101) == "x" * 97 + "..."
    with pytest.raises(ValueError, match="max_length must be non-negative"):
        truncate_content("x", -1)


def test_validate_content_length() -> None:
    assert validate_content_length("  " + "x" * 50 + " ")
    assert not validate_content_length(" " * 60 + "x" * 49)
    assert not validate_content_length(" ", 0)
    assert not validate_content_length(None, 0)
    assert validate_content_length("x", 0)
