"""Which Boost headers a C or C++ file includes: what its preprocessor would include, whatever macros are set.

Nearly all files are decided by a few searches over the part that ends with the last ``boost/``. What these cannot
decide (quotes, a block comment around an include, raw strings, spliced lines, ``#if 0``) is read as a compiler does it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from boost_collectors.boost_usage_tracker.scan.phases import precise_includes, splice

logger = logging.getLogger(__name__)

MAX_HEADER = 512
"""Characters of the longest header name that is kept; a longer one is no header of Boost."""

_NEEDLE = b"boost/"
_BACKSLASH = ord("\\")
_REACH = 16
"""More than what has to be seen of a splice and of what comes behind it."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# All searches begin with one character to skip to, and look back from it: that is twice as fast as to search for two.

# An include that stands on a line of its own, as nearly all do. Nothing is captured for a condition that is constant or
# that a comment or a splice takes apart.
_PLAIN = re.compile(
    rb"#(?:(?<![^\n]#)[ \t]*+include[ \t]*+<(boost/[^>\"\n\0]+)>"
    rb"|[ \t\f\v]*+(?:if[ \t\f\v(!]*+(?:[01](?![\w.])|[/\\]|true\b|false\b)"
    rb"|elif[ \t\f\v(!]*+(?:[01](?![\w.])|[/\\]|true\b|false\b)"
    rb"|\\|/(?:\\|\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/[ \t\f\v]*+[^\s])))"
)
_BLANK_BEFORE_NAME = re.compile(rb"/(?<=[ \t]boost/)(?:(?<=[<\"][ \t]boost/)|(?<=[ \t]{2}boost/))")
# From a "/*" to the next "*/". That "/*" may be in a string or behind "//"; a comment that starts in between ends at
# the same place all the same.
_COMMENT = re.compile(rb"\*(?<=/\*)([^*]*+(?:\*(?!/)[^*]*+)*+)")
_RAW = re.compile(rb"\"(?<=R\")")
# A splice, and the rest of a "boost/" that began before it.
_SPLICED_NEEDLE = re.compile(rb"\\(?<=[bost]\\)[ \t]*\r?\n(?:\\|/(?![/*])|t/|st/|ost/|oost/)")
# A splice before a directive or a name of Boost, in such a name, in the word of a condition, or in a comment's mark.
_SPLICED = re.compile(
    rb"\\(?:\n(?:[ \t]*(?:#|%:)[ \t]*[\\/deiu]|boost/|(?<=[eil]\\\n)[fil\\]|(?<=[/*]\\\n)[/*\\]"
    rb"|(?<=[bost]\\\n)(?:\\|/(?![/*])|t/|st/|ost/|oost/))|[ \t]+\n)"
)


def boost_includes(content: bytes) -> list[str]:
    """The headers below ``boost/`` that a file includes, in order, repetitions kept.

    Angle brackets and quotes both count, as do header units (``import <boost/…>;``) and a macro that the file itself
    defines as a header. Comments, strings, ``#if 0`` and ``__has_include`` do not. Names that are longer than
    MAX_HEADER are left out with a warning. Never raises, whatever the bytes are.
    """
    if content[:1] >= b"\xef":
        content = _normal(content)
    last = content.rfind(_NEEDLE)
    end = _end_of_line(content, last) if last >= 0 else 0
    backslash = content.find(b"\\", end)
    if backslash >= 0 and _SPLICED_NEEDLE.search(content, backslash, content.rfind(b"\\") + _REACH):
        return _texts(precise_includes(_normal(content))[0])
    if last < 0:
        return []
    head = content[:end]
    if b"\r" in head:
        head = _normal(head)
    names = _PLAIN.findall(head)
    if b"" in names or _is_intricate(head):
        return _texts(_less_plain_ones(head, content))
    if len(names) != _headers_named(head, len(names)):
        lines = b"\n".join(_lines_that_name_boost(head))
        reaching = b"*/" in lines or b"/*" in lines
        return _texts(_less_plain_ones(head if reaching else lines, content))
    return _texts(names)


def _less_plain_ones(read: bytes, content: bytes) -> list[bytes]:
    names, macros = precise_includes(read)
    if macros:
        whole = splice(_normal(content))
        if any(whole.count(macro) > read.count(macro) for macro in macros):
            names, _ = precise_includes(_normal(content))
    return names


def _normal(content: bytes) -> bytes:
    """In UTF-8 without a byte order mark, and with no other line ends than line feeds."""
    if content[:2] in _UTF_16:
        content = content.decode("utf-16", "replace").encode()
    return content.removeprefix(_BYTE_ORDER_MARK).replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _end_of_line(content: bytes, place: int) -> int:
    """Where the line of a place ends, with the lines that are spliced to it."""
    end = content.find(b"\n", place)
    while end >= 0 and content[end - 1] in b"\\ \t\r" and content[place:end].rstrip(b" \t\r").endswith(b"\\"):
        end = content.find(b"\n", end + 1)
    return end if end >= 0 else len(content)


def _headers_named(head: bytes, expected: int) -> int:
    """How often Boost is named, or if that is more than expected, how often as a header may be."""
    count = head.count(_NEEDLE)
    if count == expected or _BLANK_BEFORE_NAME.search(head):
        return count
    return head.count(b"<boost/") + head.count(b'"boost/')


def _is_intricate(head: bytes) -> bool:
    """Whether a line that names Boost may be part of what starts in another line, or a directive hide as ``%:``."""
    return (
        (b"*" in head and _NEEDLE in b"\n".join(_COMMENT.findall(head)))
        or (b'"' in head and _RAW.search(head) is not None)
        or ((backslash := head.find(b"\\")) >= 0 and _SPLICED.search(head, backslash) is not None)
        or (b"%" in head and b"%:" in head)
    )


def _lines_that_name_boost(head: bytes) -> Iterator[bytes]:
    """Each with the lines that are spliced to it."""
    place = head.find(_NEEDLE)
    while place >= 0:
        start, end = head.rfind(b"\n", 0, place), head.find(b"\n", place)
        while start > 0 and head[start - 1] == _BACKSLASH:
            start = head.rfind(b"\n", 0, start)
        while end >= 0 and head[end - 1] == _BACKSLASH:
            end = head.find(b"\n", end + 1)
        line = head[start + 1 : end if end >= 0 else None]
        if b"<" in line or b'"' in line:
            yield line
        place = head.find(_NEEDLE, end) if end >= 0 else end


def _texts(names: list[bytes]) -> list[str]:
    if not names:
        return []
    joined = b"\n".join(names).decode("utf-8", "backslashreplace")
    texts = joined.split("\n")
    if len(joined) <= MAX_HEADER and " " not in joined and "\t" not in joined:
        return texts
    texts = [text.rstrip() for text in texts]
    kept = [text for text in texts if len(text) <= MAX_HEADER]
    if len(kept) < len(texts):
        logger.warning("An include of more than %d characters is left out: %.80s…", MAX_HEADER, max(texts, key=len))
    return kept
