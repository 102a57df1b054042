"""Which Boost headers a C or C++ file includes: what its preprocessor would include, whatever macros are set.

Most files are decided by one search over the part that ends with the last ``boost/``. Only what that search cannot
decide (a block comment around an include, raw strings, spliced lines, ``#if 0``) is taken apart precisely. Trigraphs
stay as they are, as in C++17 and as in the default mode of every compiler.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

logger = logging.getLogger(__name__)

MAX_HEADER = 512
"""Characters of the longest header name that is kept; a longer one is no header of Boost."""

_NEEDLE = b"boost/"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# A directive that stands on a line of its own, as nearly all do. Nothing is captured for a condition that is constant
# or for what a comment or a splice takes apart. The look-behind, which keeps off lines that belong to the one before,
# comes second so that the search can skip to the next line end.
_PLAIN = re.compile(
    rb"\n(?<!\\\n)[ \t]*(?:#|%:)[ \t]*"
    rb"(?:include[ \t]*(?:<(?=[^>\"\n]*>)|\"(?=[^>\"\n]*\"))(boost/[^>\"\n\0]+)"
    rb"|(?:el)?if[ \t(!]*(?:[01](?![\w.])|/|true\b|false\b)|[a-z]*[ \t(!]*\\|/\*(?:[^*]|\*(?!/))*+\*/[ \t]*[ei/\\])"
)
_BLANK_BEFORE_NAME = re.compile(rb"[ \t]boost/(?<=[<\"][ \t]boost/)|[ \t]{2}boost/")
_MACRO_OF_HEADER = re.compile(rb"define[ \t]+\w+[ \t]*[<\"][ \t]*boost/")
# What may hide that a line belongs to the one before, or that a directive or a comment starts.
_INTRICATE = re.compile(rb"\\(?:\n(?:[ \t]*(?:#|%:)[ \t]*[\\/deiu]|[^\n]*boost/|(?<=[/*]\\\n)[/*\\])|[ \t]+\n)")
_BEHIND_COMMENT = re.compile(rb"\*/[ \t]*(?:#|%:)")
_SPLIT_MARK = re.compile(rb"(?<=[/*])(?:\\[ \t]*\n)+(?=[/*])")
# The end of "boost/", in a line that its beginning was spliced to.
_SPLIT_NEEDLE = re.compile(rb"\\[ \t]*\r?\n(?:o?o?st|t)?/(?![/*])")
_SPLICE = re.compile(rb"\\[ \t]*\n")

# What hides other text, or what other text must not be seen in; whichever starts first. The first character is a set of
# its own, so that the search can skip to it. A quote behind a digit or letter only separates digits.
_HIDING = re.compile(
    rb"[#/\"'\\0-9](?:"
    rb"(?<=#)(?P<header>[ \t]*(?:include|import|include_next)[ \t]*<[^>\n]*>)"
    rb"|(?:(?<=\bR\")|(?<=\bLR\")|(?<=\buR\")|(?<=\bUR\")|(?<=\bu8R\"))"
    rb"(?P<mark>[^()\\\s]{0,16})\((?P<raw>.*?(?:\)(?P=mark)\"|\Z))"
    rb"|(?<=/)(?P<comment>/[^\\\n]*+(?:\\(?:[ \t]*\n)?[^\\\n]*+)*+|\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?)"
    rb"|(?P<text>(?<=\")[^\"\\\n]*+(?:\\(?:[ \t]*\n|[^\n])[^\"\\\n]*+)*+\"?"
    rb"|(?<=')[^'\\\n]*+(?:\\(?:[ \t]*\n|[^\n])[^'\\\n]*+)*+'?)"
    rb"|(?<=[0-9])(?<!\w[0-9])(?P<number>(?:'?\w|\.)*+)"
    rb"|(?<=\\)(?P<splice>[ \t]*\n))",
    re.DOTALL,
)
_DIRECTIVE = re.compile(
    rb"\n[ \t\f\v]*(?:(?:#|%:)[ \t\f\v]*([a-z_]+)\b[ \t\f\v]*([^\n]*)|(?:export[ \t]+)?(import)[ \t]*([<\"][^\n]*))"
)
_NAME = re.compile(rb"<[ \t]*(boost/[^>\n\0]+)>|\"[ \t]*(boost/[^\"\n\0]+)\"")
_MACRO = re.compile(rb"([A-Za-z_]\w*)[ \t]+([<\"][^\n]*)")
_KEPT = {"header", "text", "number"}
_LEFT = {"comment": b" ", "raw": b'""', "splice": b""}
_INCLUDING = {b"include", b"include_next", b"import"}


def boost_includes(content: bytes) -> list[str]:
    """The headers below ``boost/`` that a file includes, in order, repetitions kept.

    Angle brackets and quotes both count, as do header units (``import <boost/…>;``) and a macro that the file itself
    defines as a header. Comments, strings, ``#if 0`` and ``__has_include`` do not. Names that are longer than
    MAX_HEADER are left out with a warning. Never raises, whatever the bytes are.
    """
    if content[:2] in _UTF_16:
        content = content.decode("utf-16", "replace").encode()
    last = content.rfind(_NEEDLE)
    if b"\\" in content and _SPLIT_NEEDLE.search(content):
        return _texts(list(_precisely(_normal(content))))
    if last < 0:
        return []
    head = _normal(content[: _end_of_line(content, last)])
    names = _plain_ones(head)
    return _texts(list(_less_plain_ones(head, content)) if names is None else names)


def _end_of_line(content: bytes, place: int) -> int | None:
    """Where the line of a place ends, with the lines that are spliced to it; None for the end of the file."""
    end = content.find(b"\n", place)
    while end >= 0 and content[end - 2 : end].rstrip().endswith(b"\\"):
        end = content.find(b"\n", end + 1)
    return end if end >= 0 else None


def _normal(content: bytes) -> bytes:
    """With a line end before every line and no other line ends than line feeds."""
    normal = b"\n" + content.removeprefix(_BYTE_ORDER_MARK)
    return normal.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in normal else normal


def _plain_ones(head: bytes) -> list[bytes] | None:
    """The includes if there are only plain ones; else None. ``head`` ends with the last line that names Boost."""
    names: list[bytes] = _PLAIN.findall(head)
    if b"" in names or _is_intricate(head):
        return None
    if len(names) == head.count(_NEEDLE):
        return names
    in_brackets = head.count(b"<boost/") + head.count(b'"boost/')
    return names if len(names) == in_brackets and not _BLANK_BEFORE_NAME.search(head) else None


def _less_plain_ones(head: bytes, content: bytes) -> Iterator[bytes]:
    if _MACRO_OF_HEADER.search(head):
        return _precisely(_normal(content))
    lines = list(_lines_that_name_boost(head))
    reaches = _is_intricate(head) or any(b"*/" in line or line.endswith(b"\\") for line in lines)
    if reaches or b"" in _PLAIN.findall(head):
        return _precisely(head)
    # Nothing reaches from one line into another: the lines that name Boost are enough.
    return _precisely(b"".join(lines))


def _is_intricate(head: bytes) -> bool:
    """Whether a line that names Boost may be part of what starts in another line."""
    return (
        (b"*" in head and (_may_be_commented_out(head) or _BEHIND_COMMENT.search(head) is not None))
        or (b'"' in head and b'R"' in head)
        or (b"\\" in head and _INTRICATE.search(head) is not None)
    )


def _may_be_commented_out(head: bytes) -> bool:
    """Whether an include stands between a ``/*`` and the next ``*/``.

    Even when that ``/*`` starts no comment, because it is in a string or behind ``//``, nothing else is wrong: a
    comment that starts in between ends at the same ``*/``.
    """
    start = head.find(b"/*")
    while start >= 0:
        end = head.find(b"*/", start + 2)
        if end < 0 or head.find(_NEEDLE, start, end) >= 0:
            return True
        start = head.find(b"/*", end + 2)
    return False


def _lines_that_name_boost(head: bytes) -> Iterator[bytes]:
    """Each with the line end before it. ``head`` ends with the last of them."""
    place = head.find(_NEEDLE)
    while place >= 0:
        end = head.find(b"\n", place)
        line = head[head.rfind(b"\n", 0, place) : end if end >= 0 else None]
        if b"<" in line or b'"' in line:
            yield line
        place = head.find(_NEEDLE, end) if end >= 0 else end


def _precisely(content: bytes) -> Iterator[bytes]:
    """The includes as the phases of translation find them: lines spliced, comments and raw strings gone."""
    plain = b"".join(_revealed(_SPLIT_MARK.sub(b"", content)))
    macros: dict[bytes, list[bytes]] = {}
    groups = _Groups()
    for match in _DIRECTIVE.finditer(plain):
        word, rest = match[1] or match[3], (match[2] or match[4] or b"").strip()
        if word in _CONDITIONS:
            groups.enter(word, rest)
        elif groups.alive:
            yield from _included(word, rest, macros)


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


def _included(word: bytes, rest: bytes, macros: dict[bytes, list[bytes]]) -> Iterator[bytes]:
    """The header of one directive, if it is Boost's; a definition or its end is noted in ``macros``.

    A macro that is defined twice is so in two branches of a condition: both may hold.
    """
    if word == b"define" and (macro := _MACRO.match(rest)):
        macros.setdefault(macro[1], []).append(macro[2])
    elif word == b"undef":
        macros.pop(rest, None)
    elif word in _INCLUDING:
        for text in macros.get(rest, [rest]):
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
        self._open: list[tuple[bool, bool]] = []
        """Of each group around: whether its text is dead, and whether all that follows up to #endif is."""

    @property
    def alive(self) -> bool:
        """Whether text here can reach the compiler."""
        return not any(dead for dead, _ in self._open)

    def enter(self, word: bytes, rest: bytes) -> None:
        """Pass a line with a condition; one that belongs to no #if is ignored."""
        holds = _constant(rest) if word in (b"if", b"elif") else None
        if word.startswith(b"if"):
            self._open.append((holds is False, holds is True))
        elif self._open:
            _, taken = self._open.pop()
            if word != b"endif":
                self._open.append((taken or holds is False, taken or holds is True or word == b"else"))


def _texts(names: list[bytes]) -> list[str]:
    if not names:
        return []
    joined = b"\n".join(names).decode("utf-8", "backslashreplace")
    texts = joined.split("\n")
    if " " not in joined and "\t" not in joined and len(joined) <= MAX_HEADER:
        return texts
    texts = [text.rstrip() for text in texts]
    kept = [text for text in texts if len(text) <= MAX_HEADER]
    if len(kept) < len(texts):
        logger.warning("An include of more than %d characters is left out: %.80s…", MAX_HEADER, max(texts, key=len))
    return kept
