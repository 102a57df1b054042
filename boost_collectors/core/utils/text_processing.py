"""Cleaning the texts people write before they are stored or searched."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

SLACK_GREETING_WORDS: tuple[str, ...] = (
    *("hi", "hello", "hey", "hii", "helloo", "howdy", "sup", "yo", "greetings", "what's up"),
    *("good morning", "good afternoon", "good evening"),
    *("thanks", "thank you", "thx", "ty", "appreciate it", "cheers"),
    *("nice to meet you", "happy to be here", "happy to have you here"),
    *("glad to see you", "glad to see you here", "glad to be here"),
    *("bye", "goodbye", "see you later", "see you soon", "see you tomorrow"),
    *("see you next week", "see you next month", "see you next year", "see you in the future"),
)
"""Greetings, thanks and farewells that say nothing about the subject."""

SLACK_UNESSENTIAL_WORDS: tuple[str, ...] = (
    *("ok", "okay", "sure", "yeah", "yep", "yup", "nope", "nah", "got it", "gotcha", "of course"),
    *("lol", "haha", "hahaha", "hehe", "lmao", "rofl", "nice", "awesome", "great", "uhm", "um", "uh", "erm"),
    *("\N{THUMBS UP SIGN}", "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}"),
    *("\N{THUMBS DOWN SIGN}", "\N{OK HAND SIGN}"),
    *("\N{SLIGHTLY SMILING FACE}", "\N{SMILING FACE WITH SMILING EYES}", "\N{GRINNING FACE}"),
)
"""Filler that can be left out without losing the meaning."""

# Soft hyphen, zero-width space, non-joiner and joiner, word joiner, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
# No-break, en, em and narrow no-break space.
_ODD_SPACE = re.compile("[\u00a0\u2002\u2003\u202f]")
_DISCORD_MENTION = re.compile(r"<(?:@[!&]?|#)[0-9]+>")
_DISCORD_EMOJI = re.compile(r"<a?:(\w+):[0-9]+>")


def clean_text(text: str | None, remove_extra_spaces: bool = True) -> str:
    """Plain text: entities decoded, invisible characters gone, odd spaces and line ends made ordinary.

    With ``remove_extra_spaces`` lines are trimmed, runs of spaces become one, and at most one empty line stays.
    """
    # Entities first, because they may stand for any of the characters treated after them.
    plain = _INVISIBLE.sub("", html.unescape(text or ""))
    plain = _ODD_SPACE.sub(" ", plain).replace("\u2026", "...").replace("\r\n", "\n").replace("\r", "\n")
    if remove_extra_spaces:
        plain = "\n".join(re.sub(r" {2,}", " ", line).strip() for line in plain.split("\n"))
        plain = re.sub(r"\n{3,}", "\n\n", plain)
    return plain.strip()


def filter_sentence(
    text: str | None,
    greeting_words: Iterable[str] | None = None,
    unessential_words: Iterable[str] | None = None,
    min_words_after: int = 3,
) -> str:
    """The text in lower case without those phrases; empty when fewer than ``min_words_after`` words are left.

    Whole phrases only, the longest first, so that "good morning" goes before "good". None means our own lists.
    """
    greetings = SLACK_GREETING_WORDS if greeting_words is None else greeting_words
    fillers = SLACK_UNESSENTIAL_WORDS if unessential_words is None else unessential_words
    words = " ".join((text or "").lower().split())
    phrases = {" ".join(phrase.lower().split()) for phrase in (*greetings, *fillers)} - {""}
    if phrases:
        longest_first = "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
        words = re.sub(rf"(?<!\w)(?:{longest_first})(?!\w)", " ", words)
    left = words.split()
    return " ".join(left) if len(left) >= min_words_after else ""


def clean_discord_text(
    text: str | None,
    greeting_words: Iterable[str] | None = None,
    unessential_words: Iterable[str] | None = None,
    min_words_after: int = 0,
) -> str:
    """A Discord message without mentions, custom emoji as ``:name:``, then filtered as ``filter_sentence`` does."""
    return filter_sentence(without_discord_markup(text), greeting_words, unessential_words, min_words_after)


def without_discord_markup(text: str | None) -> str:
    """A Discord message without mentions, custom emoji as ``:name:``; all else, code too, as it was written."""
    return _DISCORD_EMOJI.sub(r":\1:", _DISCORD_MENTION.sub(" ", text or ""))


def truncate_content(text: str | None, max_length: int = 100) -> str:
    """At most ``max_length`` characters, ending in ``...`` when something was cut. Raises ValueError when negative."""
    if max_length < 0:
        raise ValueError("max_length must be non-negative")
    whole = text or ""
    if len(whole) <= max_length:
        return whole
    return whole[:max_length] if max_length <= 3 else whole[: max_length - 3] + "..."


def validate_content_length(text: str | None, min_length: int = 50) -> bool:
    """True if the trimmed text has at least ``min_length`` characters; never for an empty one."""
    trimmed = (text or "").strip()
    return bool(trimmed) and len(trimmed) >= min_length
