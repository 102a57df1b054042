from __future__ import annotations

from pathlib import Path

import pytest

from boost_collectors.core.errors import SourceError
from boost_collectors.core.operations.html import HtmlToMarkdown, convert_html_file_to_markdown, html_to_markdown

PAGES = Path(__file__).parents[4] / "shared" / "data" / "boost-docs" / "html-1.74"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h1>A</h1><h2>B</h2><h6>C</h6>text", "# A\n\n## B\n\n###### C\n\ntext"),
        ("before<p>one</p><p>two", "before\n\none\n\ntwo"),
        ('a<p class="embedded-file">gone <b>too</b></p>b', "a\n\nb"),
        ('<p class="embedded-file other">kept</p>', "kept"),
        ("<b>a</b> <strong>b</strong> <i>c</i> <em>d</em>", "**a** **b** *c* *d*"),
        ('<a href="u">text</a>, more', "[text](u), more"),
        ('<a href="u"></a>', "(u)"),
        ('<a href="u" title="t">u</a>', "[u](u)"),
        ('<a name="here">text</a>', "text"),
        ("<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ul>", "- a\n  - b\n    1. c\n- d"),
        ("<ol><li>a</li></ol>", "1. a"),
        ("a<br>b<br/>\nc<hr>d", "a\nb\nc\n\n---\n\nd"),
        ("x <code>a</code> y", "x `a` y"),
        ("x <code>a`b</code>", "x `` a`b ``"),
        ("<pre>  a\n   b\n\n\n\n  c  </pre>", "```\n  a\n   b\n\n\n\n  c  \n```"),
        ("<pre>```</pre>", "````\n```\n````"),
        ('<img src="s" alt="a"><img src="s">', "![a](s)![](s)"),
        ('<h2><img src="s" alt="a"> t</h2>', "## ![a](s) t"),
        ('hi <control><img src="s">@<a href="u">ada</a>:wave:</control>!', "hi @ada!"),
        ("<b>x</b> :smile: <i>y</i>", "**x** *y*"),
        ("<p>:tada:</p>ok at 10:30: yes", "ok at 10:30: yes"),
        ("<code>:name:</code>", "`:name:`"),
        ("&amp; &lt;b&gt; &eacute;&nbsp;x a_b*c*", "& <b> é\u00a0x a_b*c*"),
        ("a<p></p><p></p><div></div>b", "a\n\nb"),
        ("<script>alert(1)</script>a<style>p{}</style><template>t</template>", "a"),
        ("<html><head><title>t</title></head><body>b</body></html>", "b"),
        ("a\n  <b> b </b>\n c", "a **b** c"),
        ("<p>the <a href='u'>link</a>: <code>c</code>; <b>b</b>.</p>", "the [link](u): `c`; **b**."),
        ("", ""),
    ],
)
def test_html_to_markdown(html: str, markdown: str) -> None:
    assert html_to_markdown(html) == markdown


@pytest.mark.parametrize(
    ("html", "rows"),
    [
        (
            "<table><tr><th>a<th>b<tr><td>1|2<td><p>x</p><p>y</p></table>",
            ["| a | b |", "| --- | --- |", "| 1\\|2 | x y |"],
        ),
        ("<table><tr><td>1</td><td>2</td></tr></table>", ["|  |  |", "| --- | --- |", "| 1 | 2 |"]),
        (
            "<table><tr><th>h</th></tr><tr><td><table><tr><td>p</td><td>q</td></tr></table></td></tr></table>",
            ["| h |", "| --- |", "| p q |"],
        ),
        ("<table><tr><th>h</th></tr><tr><td>a<pre>x\n y</pre></td></tr></table>", ["| h |", "| --- |", "| a`x y` |"]),
    ],
)
def test_tables(html: str, rows: list[str]) -> None:
    written = html_to_markdown(html).splitlines()
    assert [" ".join(row.split()) for row in written] == [" ".join(row.split()) for row in rows]


def test_a_page_in_pieces() -> None:
    page = "<p>one <b>two</b> &amp; three</p>"
    converter = HtmlToMarkdown()
    for character in page:
        converter.feed(character)
    assert converter.close() == html_to_markdown(page) == "one **two** & three"
    assert converter.close() == ""


def test_what_is_nested_without_end() -> None:
    with pytest.raises(SourceError, match="nested too deeply"):
        html_to_markdown("<div>" * 5000 + "x")


@pytest.mark.parametrize(("name", "result"), [("a.html", "a.md"), ("a.htm", "a.htm.md"), ("a", "a.md")])
def test_files(tmp_path: Path, name: str, result: str) -> None:
    source = tmp_path / name
    source.write_text("<h1>é</h1>", encoding="utf-8")
    written = convert_html_file_to_markdown(source)
    assert written == (tmp_path / result).resolve()
    assert written.read_text(encoding="utf-8") == "# é\n"


def test_a_file_with_a_place_for_its_result(tmp_path: Path) -> None:
    source = tmp_path / "a.html"
    source.write_text("x", encoding="utf-8")
    assert convert_html_file_to_markdown(str(source), tmp_path / "new" / "b.md").name == "b.md"


@pytest.mark.skipif(not PAGES.is_dir(), reason="the real documentation pages are not here")
def test_real_pages_keep_their_words() -> None:
    for page in sorted(PAGES.rglob("*.html"))[:8]:
        markdown = html_to_markdown(page.read_text(encoding="utf-8", errors="replace"))
        assert "<div" not in markdown
        assert "function(" not in markdown
        assert len(markdown) > 100
