from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.core.operations.file_ops import sanitize_filename


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("foo%20bar.txt", "foo_bar.txt"),
        ("a  b__c.txt", "a_b_c.txt"),
        ("a/b\\c:d*e?f.txt", "a_b_c_d_e_f.txt"),
        ('"<x>|".txt', "x_.txt"),
        ("fish &amp; chips.md", "fish_chips.md"),
        ("a&#39;b", "a_b"),
        ("é中.md", "é中.md"),
        ("हिन्दी.txt", "हिन्दी.txt"),
        ("e\u0301.txt", "é.txt"),
        ("report (final) [2]-v1_x.pdf", "report_(final)_[2]-v1_x.pdf"),
        ("price €5.txt", "price_5.txt"),
        ("___", "downloaded_file"),
        ("", "downloaded_file"),
        (".", "downloaded_file"),
        ("..", "downloaded_file"),
        ("...", "downloaded_file"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("%2e%2e", "downloaded_file"),
        ("COM1.txt", "COM1_.txt"),
        ("con.txt", "con_.txt"),
        ("NUL.tar.gz", "NUL_.tar.gz"),
        ("lpt9", "lpt9_"),
        ("COM0.txt", "COM0.txt"),
        ("console.txt", "console.txt"),
        (".gitignore", ".gitignore"),
        ("a" * 250 + ".txt", "a" * 196 + ".txt"),
        ("a" * 250, "a" * 200),
        ("中" * 100 + ".txt", "中" * 83 + ".txt"),
    ],
)
def test_sanitize_filename(name: str, safe: str) -> None:
    assert sanitize_filename(name) == safe


def test_a_long_extension_does_not_break_the_limit() -> None:
    assert len(sanitize_filename("a." + "b" * 300)) == 200
    kept = sanitize_filename("a" * 100 + "." + "b" * 150)
    assert (len(kept), kept.endswith("." + "b" * 150)) == (200, True)


def test_a_cut_makes_no_device_name() -> None:
    assert sanitize_filename("nuller." + "b" * 196) == "nu_." + "b" * 196


@given(st.text(max_size=400))
def test_every_result_is_one_file_name(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    safe = sanitize_filename(name)
    path = tmp_path_factory.getbasetemp() / "names" / safe
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert path.parent == path.resolve().parent
    assert len(safe) <= 200
    assert Path(safe).name == safe
    path.unlink()
    assert sanitize_filename(safe) == safe
