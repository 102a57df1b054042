"""A documentation page as HTML: in which encoding it is, where it leads to, and what of it is documentation.

What people do not read is taken out (scripts, the site's navigation), and what Markdown cannot hold is put into a form
that it can, so that the converter's output needs no mending.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from boost_collectors.core.errors import SourceError

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
NOT_READ = "//script|//style|//noscript|//template|//head|//svg|//input|//select|//textarea"
NAVIGATION = "|".join(
    f"//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
    for name in ("spirit-nav", "copyright-footer")
)
BLOCKS = ("article", "aside", "footer", "form", "header", "hr", "main", "nav", "section")
"""Elements that the converter knows something about, and that are no more than a block of text here."""
TABLE_PARTS = ("thead", "tbody", "tfoot", "tr", "td", "th", "caption")
SITE_LINKS = {"Home", "Libraries", "People", "FAQ", "More"}
"""The row of links at the top of every page of an older release."""
VERBATIM = ("pre", "listing", "xmp")
LINES = (*VERBATIM, *HEADINGS)
INLINE_CODE = ("code", "tt", "kbd", "samp")

_SPACES = re.compile(r"[ \t\r\n\f]+")
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_REFRESH = re.compile(r"\s*[0-9.]*\s*[;,]\s*(?:url\s*=)?\s*[\"']?([^\"']+)", re.IGNORECASE)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_HEAD = 4096
# Browsers read these as Windows-1252, which has them within it.
_READ_AS_WINDOWS = ("iso-8859-1", "iso8859-1", "latin-1", "latin1", "us-ascii", "ascii")
# Soft hyphen, zero-width space, non-joiner, joiner and control characters go; no-break, en, em and narrow no-break
# space are spaces.
_GONE = "\u00ad\u200b\u200c\u200d" + "".join(map(chr, {*range(32), 127} - {*b"\t\n\f\r"}))
_CLEAN = str.maketrans({**dict.fromkeys(_GONE), **dict.fromkeys("\u00a0\u2002\u2003\u202f", " "), "\u2026": "..."})


def decode(body: bytes, declared: str = "") -> str:
    """The text of a page: by its byte order mark, as UTF-8, by what the server or the page says, or as Windows-1252.

    UTF-8 comes before what is said, because many pages say something older and nothing else looks like it. Every
    page can be decoded somehow.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    named = _DECLARED.search(body[:_HEAD])
    for encoding in ("utf-8", declared, named[1].decode("ascii") if named else ""):
        try:
            if encoding and encoding.lower() not in _READ_AS_WINDOWS:
                return body.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return body.decode("windows-1252", "replace")


class HtmlPage:
    """A parsed page. Read the links first: ``readable`` takes out what is no documentation, navigation included."""

    def __init__(self, text: str) -> None:
        """Raises SourceError for a text without any element, and for one nested too deeply to be read."""
        parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        try:
            self._root: HtmlElement = document_fromstring(text.replace("\0", "").encode("utf-8"), parser=parser)
        except (etree.ParserError, etree.XMLSyntaxError) as error:
            raise SourceError(f"the page holds no HTML: {error}") from None
        for problem in parser.error_log:
            if problem.level == etree.ErrorLevels.FATAL:
                raise SourceError(f"the HTML cannot be read: {' '.join(problem.message.split())}")

    @property
    def base(self) -> str:
        """What the page's own links are relative to, if it says so itself."""
        return next((str(tag.get("href", "")).strip() for tag in self._root.iter("base")), "")

    @property
    def refresh(self) -> str:
        """Where a page sends its reader at once, as the stubs do that stand for pages elsewhere; empty without."""
        for tag in self._root.iter("meta"):
            if str(tag.get("http-equiv", "")).strip().lower() == "refresh":
                target = _REFRESH.match(str(tag.get("content", "")))
                return target[1].strip() if target else ""
        return ""

    def links(self) -> Iterator[str]:
        """Every address that the page leads to, as it stands there."""
        if self.refresh:
            yield self.refresh
        for tag in self._root.iter("a", "area", "frame", "iframe"):
            target = tag.get("href") or tag.get("src")
            if target:
                yield str(target).strip()

    def readable(self) -> str:
        """The documentation as HTML that Markdown can express."""
        self._drop_what_is_not_read()
        self._drop_site_navigation()
        self._simplify_tables()
        self._simplify_blocks()
        self._reduce_code_blocks()
        self._simplify_inlines()
        self._normalise_texts()
        return str(etree.tostring(self._root, encoding="unicode", method="html"))

    def _drop_what_is_not_read(self) -> None:
        for tag in self._root.xpath(f"{NOT_READ}|{NAVIGATION}"):
            if tag.getparent() is not None:
                tag.drop_tree()

    def _drop_site_navigation(self) -> None:
        for image in self._root.iter("img"):
            table = next(image.iterancestors("table"), None)
            if table is not None and "boost" in str(image.get("src", "")).lower():
                table.drop_tree()
                break
        for table in list(self._root.iter("table")):
            if _is_site_links(table):
                table.drop_tree()

    def _simplify_tables(self) -> None:
        """A table that holds what no row of a pipe table can becomes the sequence of its cells."""
        tables = list(self._root.iter("table"))
        for table in [table for table in tables if any(map(_needs_lines, table.iterdescendants("table", *LINES)))]:
            own = [tag for tag in table.iter(*TABLE_PARTS) if next(tag.iterancestors("table"), None) is table]
            for tag in [table, *own]:
                tag.tag = "div"

    def _simplify_blocks(self) -> None:
        for tag in self._root.iter(*BLOCKS):
            tag.tag = "div"
        for tag in self._root.xpath("//*[@hidden or @style]"):
            # Whether it shows is for a script to decide, which does not run here.
            tag.attrib.pop("hidden", None)
            tag.attrib.pop("style", None)

    def _simplify_inlines(self) -> None:
        for tag in list(self._root.iter("a")):
            if not tag.text and not len(tag):
                tag.drop_tag()
        for tag in list(self._root.iter("code")):
            if next(tag.iterancestors(*VERBATIM), None) is None:
                _reduce_code(tag)
        for tag in self._root.iter("img"):
            tag.set("alt", " ".join(_plain(str(tag.get("alt", "")), is_code=False).split()))
        for tag in list(self._root.iter("br")):
            tag.tail = " " + (tag.tail or "")
            tag.drop_tree()

    def _reduce_code_blocks(self) -> None:
        """A code block is its text: a link or a colour within it would become Markdown that is no code."""
        for tag in list(self._root.iter(*VERBATIM)):
            for mark in list(tag.iter("br")):
                mark.tail = "\n" + (mark.tail or "")
            inner = next(tag.iter("code"), None)
            code = etree.Element("code", {"class": inner.get("class", "")} if inner is not None else {})
            code.text = "".join(tag.itertext())
            tag.text, tag[:] = None, [code]

    def _normalise_texts(self) -> None:
        """Line ends of the source are spaces to a reader, outside of what is shown as it stands."""
        waiting = [(self._root, False)]
        while waiting:
            tag, within_code = waiting.pop()
            if tag.tag in VERBATIM:
                continue
            is_code = within_code or tag.tag in INLINE_CODE
            if tag.text:
                tag.text = _plain(tag.text, is_code=is_code)
            for child in tag:
                if child.tail:
                    child.tail = _plain(child.tail, is_code=is_code)
                waiting.append((child, is_code))


def _reduce_code(tag: HtmlElement) -> None:
    if next(tag.iterdescendants(*VERBATIM), None) is not None:
        tag.drop_tag()
    elif len(tag):
        text = "".join(tag.itertext()).translate(_CLEAN)
        tag[:] = []
        tag.text = text


def _is_site_links(table: HtmlElement) -> bool:
    cells = {" ".join("".join(cell.itertext()).split()) for cell in table.iter("td", "th")}
    return {"Home", "Libraries"} <= cells <= SITE_LINKS | {""}


def _needs_lines(tag: HtmlElement) -> bool:
    return tag.tag not in VERBATIM or "\n" in "".join(tag.itertext()).strip("\n")


def _plain(text: str, *, is_code: bool) -> str:
    # A reference within code is the text that the code is about.
    known = text if is_code or "&" not in text else html.unescape(text)
    cleaned = known if known.isascii() and known.isprintable() else known.translate(_CLEAN)
    return _SPACES.sub(" ", cleaned)
