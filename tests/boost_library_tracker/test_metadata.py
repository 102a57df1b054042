"""What ``.gitmodules`` and ``libraries.json`` are read as."""

from __future__ import annotations

import json
from typing import Any

import pytest

from boost_collectors.boost_library_tracker.choice import chosen_tags, release_tag
from boost_collectors.boost_library_tracker.includes import included, needed_modules
from boost_collectors.boost_library_tracker.metadata import (
    SubmoduleEntry,
    library_names,
    library_of_header,
    library_submodules,
    main_library,
    parse_gitmodules,
    parse_libraries,
)
from boost_collectors.boost_library_tracker.records import LibraryRecord
from boost_collectors.core.errors import CommandError

GITMODULES = """\
[submodule "system"]
\tpath = libs/system
\turl = ../system.git
\tbranch = .
[submodule "numeric_conversion"]
  path=libs/numeric/conversion
  url  =  https://github.com/boostorg/numeric_conversion.git
[submodule "build"]
\tpath = tools/build
\turl = ../build.git
"""


def test_submodules_with_any_spacing() -> None:
    assert library_submodules(GITMODULES) == [
        SubmoduleEntry("system", "libs/system", "../system.git"),
        SubmoduleEntry(
            "numeric_conversion", "libs/numeric/conversion", "https://github.com/boostorg/numeric_conversion.git"
        ),
    ]
    assert [entry.name for entry in parse_gitmodules(GITMODULES)] == ["system", "numeric_conversion", "build"]
    assert parse_gitmodules("path = libs/x\nno section") == []


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"3", b'"text"', b"null", b"", b"[1, null]"])
def test_what_is_no_metadata_holds_no_library(content: bytes) -> None:
    assert parse_libraries(content, "asio") == []


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"key": "asio", "name": "Asio"}, "asio"),
        ({"key": "logic/tribool", "name": "Tribool"}, "Tribool"),
        ({"key": "asio"}, "asio"),
        ({"key": "other", "name": ""}, None),
        ({"key": "other"}, None),
        ({"name": "Asio"}, None),
        ({"key": None, "name": None}, None),
        ({"key": "k" * 256, "name": "n"}, None),
    ],
)
def test_what_a_library_is_called(entry: dict[str, Any], name: str | None) -> None:
    expected = [] if name is None else [name]
    assert library_names(json.dumps(entry).encode(), "asio") == expected
    assert library_names(json.dumps([entry]).encode(), "asio") == expected


def test_a_whole_record() -> None:
    entry = {
        "key": "asio",
        "name": "Asio",
        "description": " Networking\u0000 ",
        "documentation": None,
        "authors": "Ada",
        "maintainers": ["Bo <bo -at- example.org>", None, "", "Bo <bo -at- example.org>"],
        "category": ["IO", 7],
        "cxxstd": 17,
    }
    assert parse_libraries(json.dumps(entry).encode(), "asio") == [
        LibraryRecord("asio", "asio", "Networking", "", ("Ada",), ("Bo <bo -at- example.org>",), ("IO", "7"), "17")
    ]


UTILITY = [
    LibraryRecord("Swap", "utility/swap"),
    LibraryRecord("utility", "utility"),
    LibraryRecord("Call Traits", "utility/call_traits"),
]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("boost/utility/swap.hpp", "Swap"),
        ("boost/utility/swap/detail/x.hpp", "Swap"),
        ("boost/utility/swapping.hpp", "utility"),
        ("boost/utility.hpp", "utility"),
        ("boost/ref.hpp", "utility"),
        ("boost/utility/call_traits", "Call Traits"),
    ],
)
def test_the_library_of_a_header(path: str, name: str) -> None:
    assert library_of_header(path, UTILITY, main_library(UTILITY, "utility", "utility")) == name


def test_the_library_that_stands_for_a_repository() -> None:
    assert main_library(UTILITY, "utility", "utility") == "utility"
    assert main_library(UTILITY[2:], "utility", "utility") == "Call Traits"
    assert main_library([LibraryRecord("Conversion", "numeric/conversion")], "numeric/conversion", "x") == "Conversion"
    assert main_library([LibraryRecord("first", "k"), LibraryRecord("sub", "l")], "module", "sub") == "sub"
    assert main_library([], "utility", "utility") == ""


def test_includes_are_lines_whatever_they_look_like() -> None:
    text = (
        b'#include <boost/a.hpp>\r\n  #  include\t"boost/b.hpp" // why\n#include<boost/a.hpp>\n'
        b"#include <vector>\n// #include <boost/not.hpp>\nx #include <boost/nor.hpp>\n#include BOOST_MACRO\n\xff\n"
        b"#include <boost/unclosed.hpp\n#include <boost/last.hpp>"
    )
    assert included(text) == ("boost/a.hpp", "boost/b.hpp", "boost/last.hpp")


def test_a_module_needs_the_owners_of_what_it_includes() -> None:
    owners = {"boost/a.hpp": "a", "boost/b.hpp": "b"}
    assert needed_modules(["boost/a.hpp", "boost/b.hpp", "boost/c.hpp"], owners, "a") == {"b"}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("", "new"),
        (" ", "new"),
        ("New", "new"),
        ("ALL", "all"),
        ("90", ["boost-1.90.0"]),
        ("boost-1.65.1, 90,90", ["boost-1.65.1", "boost-1.90.0"]),
    ],
)
def test_which_releases_are_asked_for(text: str, chosen: str | list[str]) -> None:
    assert chosen_tags(text) == chosen


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",,", "must be"),
        ("1.90", "Invalid release ref"),
        ("boost-1.90", "Invalid Boost release tag"),
        ("90,boost-1.90.0-beta1", "Invalid Boost release tag"),
    ],
)
def test_what_is_no_release(text: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        chosen_tags(text)


def test_a_blank_entry_is_no_release() -> None:
    with pytest.raises(ValueError, match="Empty"):
        release_tag(" ")
