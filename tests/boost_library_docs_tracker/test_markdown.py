"""HTML as Markdown: every form that the pages have, and what earlier systems got wrong."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from boost_collectors.boost_library_docs_tracker.html_page import HtmlPage, decode
from boost_collectors.boost_library_docs_tracker.markdown import html_to_markdown
from boost_collectors.core.errors import SourceError

PAGES = Path(__file__).parents[3] / "shared" / "data" / "boost-docs"
LOGO = '<table><tr><td><img src="../../Boost.png"></td><td><a href="/">Home</a></td></tr></table>'
SITE_LINKS = "<table><tr><td>Home</td><td>Libraries</td><td>People</td><td>FAQ</td><td>More</td></tr></table>"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<script>alert(1)</script><style>p{}</style><noscript>n</noscript>text", "text"),
        (f"{LOGO}<p>text</p>", "text"),
        (f"{SITE_LINKS}<p>text</p>", "text"),
        ('<div class="spirit-nav"><a href="x">next</a></div>a<div class="old copyright-footer">c</div>', "a"),
        ('<span id="a">inner</span>', "inner"),
        ('<p>in<span class="b">ne</span>r <span> out </span>er</p>', "inner out er"),
        ("<h1>Title</h1><p>wrapped\n   line</p>", "# Title\n\nwrapped line"),
        ("<h2><a name='x'></a>A\n<code>b</code></h2>", "## A `b`"),
        ("<p>a<br>b<br>\n c</p><hr><p>d</p>", "a b c\n\nd"),
        ("<p>1 &lt; 2 and 3 &gt; 2, vector&lt;int&gt;, a_b*c*</p>", "1 < 2 and 3 > 2, vector<int>, a_b*c*"),
        ("<p>the <a href='u'>link</a>: <code>c</code>; <b>b</b>.</p>", "the [link](u): `c`; **b**."),
        ("<p><code>a</code><b>b</b> <i> c </i>d <b>e </b>f</p>", "`a`**b** *c* d **e** f"),
        ("<code>vector<span>&lt;</span><b>int</b>&gt;\n x</code>", "`vector<int> x`"),
        ("<p>x <code>a`b</code></p>", "x ``a`b``"),
        ("<p># a</p><p>- b</p><p>1. c</p><p>&gt; d</p>", "\\# a\n\n\\- b\n\n1\\. c\n\n\\> d"),
        ("<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ul>", "- a\n  - b\n    1. c\n- d"),
        ("<ul><li><p>a</p><pre>x\n y</pre></li></ul>", "- a\n\n  ```\n  x\n   y\n  ```"),
        ("<dl><dt>term</dt><dd><p>def</p></dd></dl>", "term\n\ndef"),
        ("<blockquote><p>a\nb</p><p>c</p></blockquote>", "> a b\n>\n> c"),
        ("<p>a&nbsp;b&shy;c\u200bd&hellip; e&ensp;f\u202fg</p>", "a bcd... e f g"),
        ("<p>&amp;amp;lt; &amp;quot;q&amp;quot;</p><code>&amp;lt;</code>", '&lt; "q"\n\n`&lt;`'),
        ("<p>a\x01b&#2;c\x00d</p>", "abcd"),
        ('<a href="u"></a>x <a name="here">text</a>', "x text"),
        ('<img src="s.png" alt="a\nb"><h2><img src="t.png"> T</h2>', "![a b](s.png)\n\n## ![](t.png) T"),
        ("<form><p>a</p></form><header>b</header><nav>c</nav><p hidden>d</p>", "a\n\nb\n\nc\n\nd"),
        ("<svg><text>x</text></svg>y", "y"),
    ],
)
def test_prose(html: str, markdown: str) -> None:
    assert html_to_markdown(html) == f"{markdown}\n"


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<span>int</span> <b>main</b>()\n{\n    return 0; \n\n\n\n}\n", "int main()\n{\n    return 0; \n\n\n\n}"),
        ("  indented\n\ttab\n   &lt;x&gt; `q` *s* _t_ &amp;lt;", "  indented\n\ttab\n   <x> `q` *s* _t_ &lt;"),
        ("<code>a\n  b</code>", "a\n  b"),
        ("a<br>  b", "a\n  b"),
        ("<a href='any.html' title='Class any'>any</a> <a href='x'><em>b</em></a>;", "any b;"),
        ("no\u00a0break \u2026", "no\u00a0break \u2026"),
        ("# no heading\n- no list", "# no heading\n- no list"),
    ],
)
def test_a_code_block_comes_once_and_to_the_letter(inner: str, code: str) -> None:
    written = html_to_markdown(f"<p>a</p><pre class='programlisting'>{inner}</pre><p>b</p>")
    assert written == f"a\n\n```\n{code}\n```\n\nb\n"


def test_a_code_block_that_holds_a_fence_has_a_longer_one() -> None:
    assert html_to_markdown("<pre>a\n```\nb</pre>") == "````\na\n```\nb\n````\n"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (
            "<table><thead><tr><th>a<th>b</thead><tr><td>1|2<td><p>x</p><p>y</p></table>",
            "| a | b |\n| --- | --- |\n| 1\\|2 | x y |",
        ),
        (
            "<table><tr><td>See</td><td><a href='l'>Home</a></td></tr><tr><td>Libraries</td><td>2</td></tr></table>",
            "| See | [Home](l) |\n| --- | --- |\n| Libraries | 2 |",
        ),
        ("<table><tr><td>a<br>b</td><td><pre>one line</pre></td></tr></table>", "| a b | `one line` |\n| --- | --- |"),
        ("<table><tr><td>a<pre>x\n\n  y</pre></td><td>b</td></tr></table>", "a\n\n```\nx\n\n  y\n```\n\nb"),
        (
            "<table><tr><td><h2>h</h2><table><tr><th>k</th></tr><tr><td>v</td></tr></table></td><td>s</td></tr></table>",
            "## h\n\n| k |\n| --- |\n| v |\n\ns",
        ),
        (
            "<table><tr><td><table><tr><td><img src='boost.gif'></td></tr></table></td><td>kept</td></tr></table>",
            "| | kept |\n| --- | --- |",
        ),
    ],
)
def test_tables(html: str, markdown: str) -> None:
    written = html_to_markdown(html)
    assert [re.sub(" +", " ", line) if "|" in line else line for line in written.splitlines()] == markdown.splitlines()


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("", "no HTML"),
        ("<html><body><table><tr><td><a href='", "no text"),
        ("<html><head><title>t</title></head></html>", "no text"),
        ("<div>" * 3000 + "x", "cannot be read"),
    ],
)
def test_what_is_no_page_is_an_error(html: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        html_to_markdown(html)


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        ("é".encode(), "", "é"),
        ("é".encode(), "iso-8859-1", "é"),
        (b"\xe9\x93", "", "é\u201c"),
        (b"<meta charset=iso-8859-1>\x93", "", "<meta charset=iso-8859-1>\u201c"),
        (b"<meta content='text/html; charset=koi8-r'>\xd1", "", "<meta content='text/html; charset=koi8-r'>я"),
        ("я".encode("cp1251"), "windows-1251", "я"),
        (b"\xe9", "no-such-encoding", "é"),
        (b"\x81\xe9", "utf-8", "\ufffdé"),
        ("é".encode("utf-8-sig"), "", "é"),
        ("é".encode("utf-16"), "utf-8", "é"),
    ],
)
def test_the_encoding_is_found_whatever_is_said_of_it(body: bytes, declared: str, text: str) -> None:
    assert decode(body, declared) == text


def test_an_xml_declaration_does_no_harm() -> None:
    assert html_to_markdown("<?xml version='1.0' encoding='ascii'?><html><body>é</body></html>") == "é\n"


def test_links_are_all_addresses_a_page_leads_to() -> None:
    page = HtmlPage(
        "<head><base href='doc/'><meta http-equiv=Refresh content='0; url=first.html'></head>"
        "<a href=' a.html#x'>a</a><area href='b.html'><iframe src='c.html'></iframe><a name='no'>n</a>"
    )
    assert list(page.links()) == ["first.html", "a.html#x", "b.html", "c.html"]
    assert (page.base, page.refresh) == ("doc/", "first.html")


@pytest.mark.skipif(not PAGES.is_dir(), reason="the real documentation pages are not here")
def test_real_pages_keep_every_code_block_and_every_word() -> None:
    pages = sorted(PAGES.rglob("*.html"))
    assert len(pages) == 88
    blocks = 0
    for file in pages:
        text = decode(file.read_bytes())
        written = html_to_markdown(text)
        page = HtmlPage(text)
        page.readable()
        codes = [
            code.strip("\n")
            for tag in page._root.iter("pre")
            if next(tag.iterancestors("table", "li", "blockquote", "dd"), None) is None
            and (code := tag.text_content()).strip()
        ]
        blocks += len(codes)
        for code in codes:
            fenced = re.findall(rf"^```\n+{re.escape(code)}\n+```$", written, re.MULTILINE)
            assert len(fenced) == codes.count(code), file
        assert written.count("\n```") % 2 == 0
        outside = re.sub(r"^[> ]*(`{3,})\n.*?^[> ]*\1$", "CODE", written, flags=re.MULTILINE | re.DOTALL)
        assert "\n\n\n" not in outside
        assert not re.search(r"</?(?:div|span|table|td|tr|p|a|code|pre)\b", outside)
        assert _letters(page._root.text_content()) - _letters(written) == Counter(), file
    assert blocks == 231


def _letters(text: str) -> Counter[str]:
    return Counter(re.sub(r"[\W_\d]", "", text))
