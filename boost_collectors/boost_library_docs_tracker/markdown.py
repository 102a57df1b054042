"""A documentation page as Markdown (GitHub's): what people read of it, with code blocks to the letter."""

from __future__ import annotations

from html_to_markdown import ConversionOptions, convert

from boost_collectors.boost_library_docs_tracker.html_page import HEADINGS, HtmlPage
from boost_collectors.core.errors import SourceError

_OPTIONS = ConversionOptions(
    bullets="-",
    autolinks=False,
    compact_tables=True,
    expand_abbreviations=False,
    extract_metadata=False,
    highlight_style="none",
    keep_inline_images_in=["a", "td", "th", *HEADINGS],
)


def to_markdown(page: HtmlPage) -> str:
    """The page's text, ending with one newline. The page is used up by it.

    Raises SourceError for a page that has no text: it was cut, or is no documentation.
    """
    converted = convert(page.readable(), _OPTIONS)
    if converted.warnings:
        raise SourceError(f"the HTML cannot be converted: {converted.warnings[0].message}")
    markdown = (converted.content or "").strip()
    if not markdown:
        raise SourceError("the page has no text")
    return markdown + "\n"


def html_to_markdown(text: str) -> str:
    """A whole page or a part of one as Markdown; raises as ``to_markdown`` and HtmlPage."""
    return to_markdown(HtmlPage(text))
