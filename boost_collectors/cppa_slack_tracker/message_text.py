"""What a Slack message says, without Slack's markup and without harm to the code in it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from boost_collectors.core.utils.text_processing import filter_sentence

# A block wins over the spans that its backticks would make.
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_LINK = re.compile(r"<((?:https?|ftp)://[^|>\s]+|(?:mailto|tel):[^|>\s]+)(?:\|([^>]*))?>", re.IGNORECASE)
_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|([^>]*))?>")
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_SPECIAL = re.compile(r"<![^|>\s]+(?:\|([^>]*))?>")
# One or several emoji in a row, which a skin tone makes two; "a::b", "::a" and "10:30:00" are none.
_EMOJI = re.compile(r"(?<![\w:])(?::(?:[a-z][\w+'-]*|[+-]1):)+(?![\w:])")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_BLANKS = re.compile(r"\s+")
_HELD = re.compile("\x00(\\d+)\x00")


def message_text(message: str) -> str:
    """The text as people read it: names of links and channels instead of their addresses, no mentions and emoji.

    Case, code and short sentences stay; sentences that are nothing but greetings and filler do not.
    """
    code: list[str] = []

    def hold(found: re.Match[str]) -> str:
        code.append(_plain(found[0]))
        return f"\x00{len(code) - 1}\x00"

    prose = _BLANKS.sub(" ", _without_markup(_CODE.sub(hold, message.replace("\x00", "")))).strip()
    return _HELD.sub(lambda held: code[int(held[1])], " ".join(_telling(prose)))


def _telling(prose: str) -> Iterator[str]:
    return (part for part in _SENTENCE_END.split(prose) if filter_sentence(part.rstrip(".!?"), min_words_after=1))


def _without_markup(text: str) -> str:
    text = _MENTION.sub(" ", text)
    text = _CHANNEL.sub(lambda found: f"#{found[2] or found[1]}", text)
    text = _SPECIAL.sub(lambda found: found[1] or " ", text)
    return _EMOJI.sub(" ", _plain(text))


def _plain(text: str) -> str:
    # Slack writes links even into code, and escapes only what would be markup.
    return html.unescape(_LINK.sub(lambda found: found[2] or found[1], text))
