"""HTML as Markdown: what people read of it, nothing of its machinery.

``:name:`` alone in a text is an emoji code and is left out, as are ``control`` elements' pictures and paragraphs of
class ``embedded-file``: pages exported from Slack hold them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from markdownify import ATX, MarkdownConverter

from boost_collectors.core.errors import SourceError
from boost_collectors.core.operations.file_ops import write_text

PARSER = "lxml"
"""It closes what pages leave open, as browsers do, and is faster than the one of the standard library."""

EMBEDDED_FILE = ["embedded-file"]
LIST_INDENT = "  "

_EMOJI = re.compile(r"\s*:[^\s:]+:\s*")
_FENCED = re.compile(r"(^ *(`{3,})\n.*?^ *\2$)", re.MULTILINE | re.DOTALL)
_ONE_LINE_END = re.compile(r"\A *\n|\n *\Z")
_BACKTICKS = re.compile(r"`+")


def html_to_markdown(text: str) -> str:
    """A page or a part of one as Markdown, trimmed. Raises SourceError for one nested deeper than can be read."""
    soup = BeautifulSoup(text, PARSER)
    _drop_machinery(soup)
    try:
        markdown = str(_Converter().convert_soup(soup))
    except RecursionError as error:
        raise SourceError("the HTML is nested too deeply to be converted") from error
    return _tidied(markdown)


def convert_html_file_to_markdown(input: Path | str, output: Path | str | None = None) -> Path:
    """Convert a UTF-8 file; the result stands beside it as ``.md`` unless ``output`` says otherwise.

    Returns the path of what was written. Raises OSError or UnicodeDecodeError for a file that cannot be read.
    """
    source = Path(input)
    beside = source.with_suffix(".md") if source.suffix == ".html" else source.with_name(source.name + ".md")
    return write_text(output or beside, html_to_markdown(source.read_text(encoding="utf-8")) + "\n")


class HtmlToMarkdown:
    """Takes a page in pieces, cut anywhere::

    converter = HtmlToMarkdown()
    for chunk in chunks:
        converter.feed(chunk)
    markdown = converter.close()
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def feed(self, text: str) -> None:
        """Take the next piece."""
        self._pieces.append(text)

    def close(self) -> str:
        """The Markdown of all that was fed; the converter is empty again."""
        page, self._pieces = "".join(self._pieces), []
        return html_to_markdown(page)


def _drop_machinery(soup: BeautifulSoup) -> None:
    for tag in soup.find_all(["script", "style", "head", "template"]):
        tag.extract()
    for tag in soup.find_all("p", class_="embedded-file"):
        if tag.get("class") == EMBEDDED_FILE:
            tag.clear()
    for tag in soup.find_all("control"):
        tag.replace_with("".join(piece for piece in tag.strings if not _EMOJI.fullmatch(piece)))
    # Markdown has no table within a table: the inner one becomes text.
    for tag in soup.select("td table, th table"):
        for part in [tag, *tag.find_all(["thead", "tbody", "tfoot", "tr", "td", "th", "caption"])]:
            part.name = "div"


def _tidied(markdown: str) -> str:
    """Blank lines and ends of lines put in order, except within fenced blocks."""
    between = _FENCED.split(markdown)
    # The split gives text, block, fence, text, …
    parts = [_tidied_text(part) if place % 3 == 0 else part for place, part in enumerate(between) if place % 3 < 2]
    return "".join(parts).strip()


def _tidied_text(text: str) -> str:
    # Spaces at the start of a line are the indent of a list.
    single = re.sub(r"(?<=\S) {2,}(?=\S)", " ", text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", single))


class _Converter(MarkdownConverter):
    """markdownify with the shapes that readers of our pages rely on."""

    class Options:
        autolinks = False
        escape_asterisks = False
        escape_underscores = False
        heading_style = ATX
        # Line ends of the source are spaces to a reader.
        wrap = True
        wrap_width = None

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        if "_noformat" not in (parent_tags or ()) and _EMOJI.fullmatch(el):
            return " " if el[0].isspace() or el[-1].isspace() else ""
        base: Any = super()
        text = str(base.process_text(el, parent_tags))
        before = el.previous_sibling
        return text.lstrip(" ") if isinstance(before, Tag) and before.name == "br" else text

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        href = el.get("href")
        if "_noformat" in parent_tags or not href:
            return text
        label = text.strip()
        before, after = " " * text.startswith(" "), " " * text.endswith(" ")
        return f"{before}[{label}]({href}){after}" if label else f"({href})"

    def convert_img(self, el: Tag, *_: Any, **__: Any) -> str:
        return f"![{el.get('alt') or ''}]({el.get('src') or ''})"

    def convert_li(self, el: Tag, text: str, **_: Any) -> str:
        bullet = "1." if el.parent is not None and el.parent.name == "ol" else "-"
        lines = text.strip().split("\n")
        indented = [line and LIST_INDENT + line for line in lines[1:]]
        return "\n".join([f"{bullet} {lines[0]}", *indented]) + "\n"

    def convert_p(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        base: Any = super()
        return str(base.convert_p(el, text, parent_tags)) or "\n\n"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        base: Any = super()
        if "_inline" in parent_tags:
            return str(base.convert_code(el, " ".join(text.split()), parent_tags))
        longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
        fence = "`" * max(3, longest + 1)
        inner = _ONE_LINE_END.sub("", text)
        return f"\n\n{fence}\n{inner}\n{fence}\n\n" if text else ""

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        base: Any = super()
        # Also within code a bar would end the cell.
        return str(base.convert_td(el, text.replace("|", r"\|"), parent_tags))

    convert_th = convert_td
