"""Paths, addresses, files and the scope of a library."""

from __future__ import annotations

from pathlib import Path

import pytest

from boost_collectors.boost_library_docs_tracker.places import (
    Scope,
    below_release,
    converted_path,
    library_root,
    release_folder,
    resolve,
    start_path,
)
from boost_collectors.boost_library_docs_tracker.workspace import load_page, save_page
from boost_collectors.core.errors import SourceError
from boost_collectors.core.workspace import Workspace

SITE = "https://www.boost.org/doc/libs"


@pytest.mark.parametrize(
    ("key", "root"),
    [
        ("", "libs"),
        ("  ", "libs"),
        ("asio", "libs/asio"),
        ("algorithm/string", "libs/algorithm"),
        ("numeric/ublas", "libs/numeric/ublas"),
        ("utility/enable_if", "libs/core"),
        ("utility/swap", "libs/core"),
    ],
)
def test_the_root_of_a_library(key: str, root: str) -> None:
    assert library_root(key) == root


@pytest.mark.parametrize(
    ("key", "documentation", "start"),
    [
        ("asio", "", "libs/asio/index.html"),
        ("asio", "guide/", "libs/asio/guide/index.html"),
        ("numeric/ublas", "", "libs/numeric/ublas/index.html"),
        ("asio", "/doc/html/boost_asio.html", "doc/html/boost_asio.html"),
        ("asio", "//guide.html", "libs/asio/index.html"),
        ("bind", "/bind.html", "libs/bind/bind.html"),
        ("utility/result_of", "utility.htm#result_of", "libs/utility/utility.htm"),
        ("any", "#top", "libs/any/index.html"),
        ("any", "https://www.boost.org/doc/libs/1_86_0/doc/html/any.html?x#y", "doc/html/any.html"),
        ("any", "http://example.org/guide/any.html", "libs/any/guide/any.html"),
        ("", "", "libs/index.html"),
    ],
)
def test_where_the_documentation_of_a_library_begins(key: str, documentation: str, start: str) -> None:
    assert start_path(key, documentation) == start


@pytest.mark.parametrize("documentation", ["../../../etc/passwd", "../../..", "/doc/../../x.html", "%2e%2e/x"])
def test_a_start_outside_of_the_release_is_refused(documentation: str) -> None:
    with pytest.raises(SourceError, match="outside of the release"):
        start_path("asio", documentation)


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("b.html", "libs/a/doc/b.html"),
        ("b.html?x=1#y", "libs/a/doc/b.html"),
        ("sub/", "libs/a/doc/sub/index.html"),
        ("../../../doc/html/a b.html", "doc/html/a%20b.html"),
        ("/doc/libs/1_86_0/libs/c.html", "libs/c.html"),
        (f"{SITE}/1_86_0/libs/c.html", "libs/c.html"),
        ("http://boost.org/doc/libs/1_86_0/libs/c.html", "libs/c.html"),
        (f"{SITE}/1_85_0/libs/c.html", None),
        (f"{SITE}/1_86_00/libs/c.html", None),
        ("../../../../x.html", None),
        ("a/%2e%2e/%2e%2e/%2e%2e/%2e%2e/x.html", None),
        ("http://[x", None),
        ("http://www.boost.org:port/doc/libs/1_86_0/x.html", None),
        ("//example.org/doc/libs/1_86_0/x.html", None),
        ("mailto:x@example.org", None),
        ("", "libs/a/doc/index.html"),
    ],
)
def test_where_a_link_leads(link: str, path: str | None) -> None:
    assert resolve("1_86_0", "libs/a/doc/index.html", link) == path


def test_an_address_where_the_documentation_is_read_from() -> None:
    base = "http://127.0.0.1:80/mirror/"
    assert below_release("http://127.0.0.1:80/mirror/1_86_0/libs/", "1_86_0", base) == "libs/index.html"
    assert below_release("http://127.0.0.1:81/mirror/1_86_0/libs/", "1_86_0", base) is None
    assert resolve("1_86_0", "index.htm", "x.html", "libs/a/") == "libs/a/x.html"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"{SITE}/1_87_0/libs/a/b.html", "boost_1_87_0/libs/a/b.md"),
        ("https://boost.org/doc/libs/1_87_0/libs/a/b.html", "boost_1_87_0/libs/a/b.md"),
        (f"{SITE}/1_87_0/libs/a/b.htm", "boost_1_87_0/libs/a/b.htm.md"),
        (f"{SITE}/1_87_0/libs/v1.2", "boost_1_87_0/libs/v1.2.md"),
        (f"{SITE}/1_87_0/libs/a/", "boost_1_87_0/libs/a.md"),
        (f"{SITE}/1_87_0/libs/b.htm.html", "boost_1_87_0/libs/b.htm.html.md"),
        ("https://WWW.boost.org/doc/libs/1_87_0/a.html", None),
        ("https://www.boost.org:8080/doc/libs/1_87_0/a.html", None),
        ("https://example.org/doc/libs/1_87_0/a.html", None),
        ("ftp://www.boost.org/doc/libs/1_87_0/a.html", None),
        (f"{SITE}/1_87_0", None),
        (f"{SITE}/1_87_0/", None),
        (f"{SITE}/1_87_0/a//b.html", None),
        (f"{SITE}/1_87_0/../x.html", None),
        (f"{SITE}/1_87_0/%2e%2e/x.html", None),
        (f"{SITE}/../x.html", None),
        (f"{SITE}/latest/x.html", None),
        ("no address", None),
    ],
)
def test_the_file_of_a_page(url: str, path: str | None, tmp_path: Path) -> None:
    found = converted_path(url)
    assert (found.as_posix() if found else None) == path
    workspace = Workspace(tmp_path, tmp_path)
    if path is None:
        with pytest.raises(ValueError, match="Unsupported Boost docs URL"):
            save_page(workspace, url, "x")
        assert load_page(workspace, url) is None
    else:
        text = "a\r\n\n  b\u2028"
        assert load_page(workspace, url) is None
        assert (save_page(workspace, url, text), save_page(workspace, url, text)) == (True, False)
        assert load_page(workspace, url) == text
        assert (tmp_path / "boost_library_docs_tracker" / "converted" / path).is_file()


@pytest.mark.parametrize(
    ("key", "start", "inside", "outside"),
    [
        ("io", "libs/io/doc/io.html", ["libs/io/x.html"], ["libs/functional/x.html", "libs/iostreams/x.html"]),
        (
            "numeric/ublas",
            "libs/numeric/ublas/index.html",
            ["libs/numeric/ublas/a.html"],
            ["libs/numeric/odeint/a.html"],
        ),
        ("any", "doc/html/any.html", ["doc/html/any.html", "doc/html/any/s02.html"], ["doc/html/crc.html"]),
        ("x", "doc/guide/start.html", ["doc/guide/two.html", "libs/x/a.html"], ["doc/html/two.html"]),
        ("", "libs/index.html", ["libs/index.html"], ["doc/index.html"]),
    ],
)
def test_the_scope_of_a_library(key: str, start: str, inside: list[str], outside: list[str]) -> None:
    scope = Scope.of(key, start)
    assert [path for path in [*inside, *outside] if scope.holds(path)] == inside


def test_the_folder_of_a_release() -> None:
    assert [release_folder(name) for name in ("boost-1.86.0", " 1.86.0 ")] == ["1_86_0", "1_86_0"]
