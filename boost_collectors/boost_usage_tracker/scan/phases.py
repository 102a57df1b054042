"""Includes of Boost as a compiler's phases of translation find them: lines spliced, comments gone, then directives.

Trigraphs stay as they are, as in C++17 and as in the default mode of every compiler. A raw string may have several
lines in a directive too, as the standard says, though older g++ stop there with an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_SPLICE = re.compile(rb"\\[ \t]*\n")
# What only the slow way reads well: raw strings, in which nothing is spliced, and quotes that may separate digits.
_RAW = re.compile(rb"\"(?<=R\")(?:(?<=\bR\")|(?<=\bLR\")|(?<=\buR\")|(?<=\bUR\")|(?<=\bu8R\"))")
_SEPARATOR = re.compile(rb"'(?<=\w')(?=\w)(?<!\b[LUu]')")
# The text between two comments; nothing is captured for a comment.
_TEXT = re.compile(
    rb"((?:[^#/\"']++|#(?:[ \t\f\v]*(?:include(?:_next)?|import)[ \t\f\v]*<[^>\n]*>)?+|/(?![/*])"
    rb"|\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*+\"?|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'?)++)"
    rb"|//[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?"
)
_SPLIT_MARK = re.compile(rb"(?<=[/*])(?:\\[ \t]*\n)+(?=[/*])")
# What hides other text, or what other text must not be seen in; whichever starts first. The first character is a set of
# its own, so that the search can skip to it. A quote behind a digit or letter only separates digits.
_HIDING = re.compile(
    rb"[#/\"'\\0-9](?:"
    rb"(?<=#)(?P<header>(?:[ \t]|\\[ \t]*\n)*+(?:include(?:_next)?|import)(?:[ \t]|\\[ \t]*\n)*+"
    rb"<[^>\\\n]*+(?:\\(?:[ \t]*\n)?[^>\\\n]*+)*+>)"
    rb"|(?:(?<=\bR\")|(?<=\bLR\")|(?<=\buR\")|(?<=\bUR\")|(?<=\bu8R\"))"
    rb"(?P<mark>[^()\\\s]{0,16})\((?P<raw>.*?(?:\)(?P=mark)\"|\Z))"
    rb"|(?<=/)(?P<comment>/[^\\\n]*+(?:\\(?:[ \t]*\n)?[^\\\n]*+)*+|\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?)"
    rb"|(?P<text>(?<=\")[^\"\\\n]*+(?:\\(?:[ \t]*\n|(?:\\[ \t]*\n)*+[^\n])[^\"\\\n]*+)*+\"?"
    rb"|(?<=')[^'\\\n]*+(?:\\(?:[ \t]*\n|(?:\\[ \t]*\n)*+[^\n])[^'\\\n]*+)*+'?)"
    rb"|(?<=[0-9])(?<!\w[0-9])(?P<number>(?:'?\w|\.)*+)"
    rb"|(?<=\\)(?P<splice>[ \t]*\n))",
    re.DOTALL,
)
_KEPT = {"header", "text", "number"}
_LEFT = {"comment": b" ", "raw": b'""', "splice": b""}

# What makes every directive begin a line with its "#".
_INDENTED = re.compile(rb"#(?<=[ \t\f\v]#)[ \t\f\v]*[deiu]")
_INDENT = re.compile(rb"\n[ \t\f\v]+#")
_HEADER_UNIT = re.compile(rb"\n[ \t\f\v]*(?:export[ \t]+)?import[ \t]*(?=[<\"])")

_HEADER = rb"(?:<[ \t]*(boost/[^>\n\0]+)>|\"[ \t]*(boost/[^\"\n\0]+)\")"
_INCLUDE = re.compile(rb"#(?<![^\n]#)[ \t\f\v]*(?:include(?:_next)?|import)[ \t\f\v]*" + _HEADER)
_DIRECTIVE = re.compile(
    rb"#(?<![^\n]#)[ \t\f\v]*(include(?:_next)?|import|define(?=[^\n]*[<\"])|undef"
    rb"|if(?:n?def)?|el(?:se|if(?:n?def)?)|endif)\b[ \t\f\v]*([^\n]*)"
)
_NAME = re.compile(_HEADER)
_NO_WORD = re.compile(rb"\W")
_MACRO = re.compile(rb"([A-Za-z_]\w*)[ \t\f\v]+([<\"][^\n]*)")
# Without these, the lines that include are all that matters.
_MACRO_OF_HEADER = re.compile(rb"define[ \t\f\v]+\w+[ \t\f\v]+[<\"][ \t]*boost/")
_CONSTANT_CONDITION = re.compile(rb"#[ \t\f\v]*(?:el)?if[ \t\f\v(!]*(?:[01]|true|false)")
_INCLUDING = {b"include", b"include_next", b"import"}

Macros = dict[bytes, list[bytes]]


def precise_includes(content: bytes) -> tuple[list[bytes], Collection[bytes]]:
    """The headers of Boost that lines include, in order, and the macros that stand for one behind these lines.

    The lines must end with line feeds.
    """
    plain = _directives_at_line_starts(_without_comments(content))
    if not _MACRO_OF_HEADER.search(plain) and not _CONSTANT_CONDITION.search(plain):
        return [name or other for name, other in _INCLUDE.findall(plain)], ()
    names: list[bytes] = []
    macros: Macros = {}
    groups = _Groups()
    for word, rest in _DIRECTIVE.findall(plain):
        if word in _CONDITIONS:
            groups.enter(word, rest)
        elif groups.alive:
            names += _headers(word, rest.rstrip(), macros)
    return names, [macro for macro, values in macros.items() if any(map(_NAME.match, values))]


def splice(content: bytes) -> bytes:
    """With every line joined to the next that ends with a backslash."""
    return _SPLICE.sub(b"", content) if b"\\" in content else content


def _without_comments(content: bytes) -> bytes:
    """With blanks for comments, and lines joined that are spliced."""
    plain = b" ".join(_TEXT.findall(splice(content)))
    # This is right up to the first place that needs the slow way, so that place shows.
    if _RAW.search(plain) or _SEPARATOR.search(plain):
        plain = b"".join(_revealed(_SPLIT_MARK.sub(b"", content)))
    return plain


def _directives_at_line_starts(plain: bytes) -> bytes:
    """Every directive then looks the same: header units are ``#import``, digraphs are written out."""
    if b"%" in plain:
        plain = plain.replace(b"%:", b"#")
    if _INDENTED.search(plain):
        plain = _INDENT.sub(b"\n#", b"\n" + plain)
    return _HEADER_UNIT.sub(b"\n#import ", b"\n" + plain) if b"import" in plain else plain


def _revealed(content: bytes) -> Iterator[bytes]:
    """What is left of the content, in pieces: a comment becomes a blank, a raw string an empty one."""
    start = 0
    for match in _HIDING.finditer(content):
        kind = match.lastgroup or ""
        if kind in _KEPT and b"\\" not in match[0]:
            continue
        yield content[start : match.start()]
        yield _SPLICE.sub(b"", match[0]) if kind in _KEPT else _LEFT[kind]
        start = match.end()
    yield content[start:]


def _headers(word: bytes, rest: bytes, macros: Macros) -> Iterator[bytes]:
    """The headers of Boost in one directive; a definition or its end is noted in ``macros``.

    A macro that is defined twice is so in two branches of a condition: both may hold.
    """
    if word == b"define" and (macro := _MACRO.match(rest)):
        macros.setdefault(macro[1], []).append(macro[2])
    elif word == b"undef":
        macros.pop(_NO_WORD.split(rest, maxsplit=1)[0], None)
    elif word in _INCLUDING:
        for text in macros.get(_NO_WORD.split(rest, maxsplit=1)[0], [rest]):
            if name := _NAME.match(text):
                yield name[1] or name[2]


_CONDITIONS = {b"if", b"ifdef", b"ifndef", b"elif", b"elifdef", b"elifndef", b"else", b"endif"}
_NEVER, _ALWAYS = {b"0", b"false", b"!1", b"!true"}, {b"1", b"true", b"!0", b"!false"}


def _constant(condition: bytes) -> bool | None:
    """Whether a condition holds whatever macros are set; None if that depends on them."""
    text = condition.translate(None, b" \t()")
    if text in _NEVER or (text.startswith(b"0&&") and b"||" not in text):
        return False
    return True if text in _ALWAYS else None


class _Groups:
    """The conditional groups around a line. Only constant conditions are decided: of all others anyone may hold."""

    def __init__(self) -> None:
        self._dead = 0
        self._open: list[tuple[bool, bool]] = []
        """Of each group around: whether its text is dead, and whether all that follows up to #endif is."""

    @property
    def alive(self) -> bool:
        """Whether text here can reach the compiler."""
        return not self._dead

    def enter(self, word: bytes, rest: bytes) -> None:
        """Pass a line with a condition; one that belongs to no #if is ignored."""
        holds = _constant(rest) if word in (b"if", b"elif") else None
        taken = False
        if not word.startswith(b"if"):
            if not self._open:
                return
            was_dead, taken = self._open.pop()
            self._dead -= was_dead
        if word != b"endif":
            dead = taken or holds is False
            self._dead += dead
            self._open.append((dead, taken or holds is True or word == b"else"))
