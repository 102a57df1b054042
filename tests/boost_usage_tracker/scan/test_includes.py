"""The include scanner against hand-made traps and against a compiler's own list of what it would open."""

from __future__ import annotations

import logging
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from boost_collectors.boost_usage_tracker.scan.includes import MAX_HEADER, boost_includes
from boost_collectors.boost_usage_tracker.scan.phases import precise_includes
from tests.boost_usage_tracker.scan.traps import BEYOND, TRAPS

RANDOM_SOURCES = 150
COMPILER = shutil.which("g++") or shutil.which("gcc")


@pytest.mark.parametrize("name", [*TRAPS, *BEYOND])
def test_traps_are_read_as_a_compiler_reads_them(name: str) -> None:
    content, headers = (TRAPS | BEYOND)[name]
    assert boost_includes(content) == headers


@pytest.mark.skipif(COMPILER is None, reason="there is no g++ to ask")
def test_a_compiler_agrees_with_the_list_of_traps(tmp_path: Path) -> None:
    assert {name: opened_by_compiler(content, tmp_path) for name, (content, _) in TRAPS.items()} == {
        name: set(headers) for name, (_, headers) in TRAPS.items()
    }


@pytest.mark.parametrize("before", [b"", b"int x;\n", b"/* c */\n", b"// c /* d\n", b"char a = '\"';\n", b"#if X\n"])
def test_what_stands_around_a_trap_changes_nothing(before: bytes) -> None:
    behind = b"\nint boost/** boost/x.hpp\n */;\n"
    for name, (content, headers) in TRAPS.items():
        content = before + content.removeprefix(b"\xef\xbb\xbf")
        assert boost_includes(content) == headers, name
        assert boost_includes(content + behind) == headers, name


FRAGMENTS = [
    *(
        b"#include <boost/%d.hpp> ",
        b'#include "boost/%d.hpp" ',
        b"\n#include <boost/%d.hpp>\n",
        b" # include <boost/%d.hpp> ",
    ),
    *(
        b"\n",
        b"\n\n",
        b"\r\n",
        b"\\\n",
        b"\\\r\n",
        b"\\ \n",
        b"/*",
        b"*/",
        b"//",
        b"// x\n",
        b"/* x */",
        b"/*/",
        b"*",
        b"/",
    ),
    *(
        b'"',
        b"'",
        b'\\"',
        b"\\",
        b'\na = R"(',
        b'\na = u8R"x(',
        b')"',
        b')x"',
        b"1'000",
        b"a",
        b" ",
        b"x;\n",
        b"#",
        b"%%:include <boost/%d.hpp> ",
    ),
    *(b"\n#if 0\n", b"\n#else\n", b"\n#endif\n", b"\n#if 1\n", b"\n#define H%d <boost/%d.hpp>\n", b"\n#include H%d\n"),
]


@pytest.mark.skipif(COMPILER is None, reason="there is no g++ to ask")
def test_a_compiler_agrees_about_random_pieces_put_together(tmp_path: Path) -> None:
    random = Random(1)
    for _ in range(RANDOM_SOURCES):
        content = b"".join(_fragment(random) for _ in range(random.randint(2, 25))) + b"\n#endif\n"
        assert set(boost_includes(content)) == opened_by_compiler(content, tmp_path), content


def test_the_searches_decide_as_the_phases_of_translation_do() -> None:
    random = Random(2)
    for _ in range(RANDOM_SOURCES * 20):
        content = b"".join(_fragment(random) for _ in range(random.randint(2, 25)))
        lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert boost_includes(content) == [name.decode().rstrip() for name in precise_includes(lines)[0]], content


def _fragment(random: Random) -> bytes:
    fragment = random.choice(FRAGMENTS)
    return fragment.replace(b"%%", b"%").replace(b"%d", b"%d" % random.randint(1, 3))


def test_a_name_that_is_too_long_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    longest = "boost/" + "x" * (MAX_HEADER - 6)
    content = f"#include <{longest}>\n#include <{longest}y>\n#include <boost/a.hpp>\n".encode()
    with caplog.at_level(logging.WARNING):
        assert boost_includes(content) == [longest, "boost/a.hpp"]
    assert "more than 512 characters" in caplog.text


def opened_by_compiler(content: bytes, folder: Path) -> set[str]:
    """The headers of Boost that g++ would open, none of which it has (-MG)."""
    source = folder / "source.cpp"
    source.write_bytes(content)
    command = [
        str(COMPILER),
        "-x",
        "c++",
        "-std=gnu++20",
        "-nostdinc",
        "-I",
        str(folder),
        "-E",
        "-M",
        "-MG",
        "-w",
        source.name,
    ]
    rule = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    words = rule.partition(":")[2].replace("\\\n", " ").split()
    return {word for word in words if word.startswith("boost/")}
