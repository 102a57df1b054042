"""People's names: brought to one form, and compared."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

# What Unicode does not take apart into a letter and its mark.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ß": "ss", "\u2019": ""}
)
_WORD = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|\"[^\"]*\"")
# Mailing lists rewrite senders whose domain forbids them to forward: "Ann Lee via Boost".
_VIA = re.compile(r"\s+via\s+\S.*$", re.IGNORECASE)
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "phd", "jr", "sr", "ii", "iii", "ing", "dipl"})
_ONE_EDIT, _TWO_EDITS = 4, 8
_SHORT_FORM = 3

Tokens = tuple[str, ...]


class Agreement(StrEnum):
    """How two names stand to each other."""

    EQUAL = "equal"
    TYPO = "typo"
    INITIALS = "initials"
    PART = "part"
    GIVEN = "given"
    FAMILY = "family"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


CONFLICTS = frozenset({Agreement.FAMILY, Agreement.DIFFERENT})
"""Two persons, whatever else is shared. (People of one given name and two family names are two as well, unless they
share an address: then somebody has married.)"""


def fold(text: str) -> str:
    """Lower case, without accents and apostrophes."""
    if text.isascii():
        return text.lower().replace("'", "")
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).replace("'", "")
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def tokens_of(display_name: str) -> Tokens:
    """The words of a name, first name first; without titles, nicknames in brackets and ``via`` some list."""
    if "@" in display_name:
        display_name = display_name.partition("@")[0]
    name = _VIA.sub("", _IN_BRACKETS.sub(" ", display_name)).strip(" ,")
    if name.count(",") == 1:
        last, first = name.split(",")
        name = f"{first} {last}"
    return tuple(word for word in _WORD.findall(fold(name)) if word not in _TITLES)


def skeleton(tokens: Tokens) -> str:
    """What survives most misspellings of a full name: the sorted words without vowels and doubled letters."""
    return " ".join(sorted(_bones(word) for word in tokens))


def agreement(one: Tokens, other: Tokens) -> Agreement:
    """How two names stand to each other; the order of words does not matter."""
    if not one or not other:
        return Agreement.UNKNOWN
    if sorted(one) == sorted(other):
        return Agreement.EQUAL
    if len(one) == 1 or len(other) == 1:
        return _with_single(one, other)
    if _script(one) != _script(other):
        return Agreement.UNKNOWN
    return _of_full_names(one, other)


def is_derived(handle: str, tokens: Tokens) -> bool:
    """True if a handle is made of a name: ``jsmith``, ``smithj``, ``john.smith2``."""
    bare = handle.rstrip("0123456789")
    return bool(bare) and bool(tokens) and bare in _made_of(tokens)


def _of_full_names(one: Tokens, other: Tokens) -> Agreement:
    left, right = _without_common(one, other)
    common = len(one) - len(left)
    if common and not (left and right):
        return Agreement.PART
    if len(left) == len(right) == 1 and common and alike(left[0], right[0]):
        return Agreement.TYPO
    if common and _initials_fit(left, right):
        return Agreement.INITIALS
    if _run_together(one, other):
        return Agreement.TYPO
    if one[-1] == other[-1]:
        return Agreement.FAMILY
    return Agreement.GIVEN if one[0] == other[0] and len(one[0]) > 1 else Agreement.DIFFERENT


def _with_single(one: Tokens, other: Tokens) -> Agreement:
    single, name = (one[0], other) if len(one) == 1 else (other[0], one)
    if single in name or is_derived(single, name):
        return Agreement.PART
    # A word that is no part of the name may be a nickname: it says nothing.
    return Agreement.UNKNOWN


def _without_common(one: Tokens, other: Tokens) -> tuple[list[str], list[str]]:
    left, right = list(one), list(other)
    for word in one:
        if word in right:
            left.remove(word)
            right.remove(word)
    return left, right


def _initials_fit(left: Sequence[str], right: Sequence[str]) -> bool:
    """True if every word that is left on the shorter side is short for one of the other: an initial, or ``rob``."""
    short, long = sorted((list(left), list(right)), key=len)
    for word in short:
        fitting = next((each for each in long if _is_short_for(*sorted((word, each), key=len))), None)
        if fitting is None:
            return False
        long.remove(fitting)
    return True


def _run_together(one: Tokens, other: Tokens) -> bool:
    """True if the names differ in where their words end, and in a slip of the keyboard at most."""
    left, right = "".join(one), "".join(other)
    return left == right or (one[0][0] == other[0][0] and alike(left, right))


def _is_short_for(short: str, long: str) -> bool:
    return long.startswith(short) and (len(short) == 1 or len(short) >= _SHORT_FORM)


def alike(one: str, other: str) -> bool:
    """True if one word is the other with a slip of the keyboard: one edit, two in long words."""
    shorter = min(len(one), len(other))
    most = 2 if shorter >= _TWO_EDITS else 1 if shorter >= _ONE_EDIT else 0
    return abs(len(one) - len(other)) <= most and 0 < _distance(one, other, most) <= most


def _distance(one: str, other: str, most: int) -> int:
    """Edits (a letter more, less, other, or two swapped) between words; any number above ``most`` means too many."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


@lru_cache(maxsize=10_000)
def _made_of(tokens: Tokens) -> frozenset[str]:
    first, last = tokens[0], tokens[-1]
    if len(tokens) == 1:
        return frozenset({first})
    made = {first, last, first + last, last + first, first[0] + last, last + first[0], first + last[0], last[0] + first}
    made |= {"".join(order) for order in itertools.permutations(tokens[:4])}
    made.add("".join(word[0] for word in tokens))
    return frozenset(made)


def _bones(word: str) -> str:
    bare = word[0] + "".join(letter for letter in word[1:] if letter not in "aeiouy")
    return "".join(letter for letter, _ in itertools.groupby(bare))


def _script(tokens: Tokens) -> str:
    letter = tokens[-1][0]
    return "latin" if letter.isascii() else unicodedata.name(letter, "?").partition(" ")[0]
