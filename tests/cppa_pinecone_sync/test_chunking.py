"""Where a text is cut, and what its chunks have to hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.cppa_pinecone_sync.chunking import split

# Computed by the splitter that the earlier system used.
KNOWN = [
    ("abc abc abc ", 10, 2, [(0, "abc abc"), (8, "abc")]),
    ("a" * 25, 10, 3, [(0, "a" * 10), (7, "a" * 10), (14, "a" * 10), (21, "a" * 4)]),
    (
        "one two three four five six seven eight nine ten",
        20,
        8,
        [(0, "one two three four"), (14, "four five six seven"), (28, "seven eight nine"), (40, "nine ten")],
    ),
    (
        "para one here\n\npara two is here\n\npara three",
        20,
        5,
        [(0, "para one here"), (15, "para two is here"), (33, "para three")],
    ),
    ("  lead and trail  ", 100, 10, [(2, "lead and trail")]),
    ("x" * 2500, 1000, 200, [(0, "x" * 1000), (800, "x" * 1000), (1600, "x" * 900)]),
    (
        " ".join(["ab"] * 8),
        8,
        3,
        [(0, "ab ab ab"), (6, "ab ab"), (9, "ab ab"), (12, "ab ab"), (15, "ab ab"), (18, "ab ab")],
    ),
    ("same\n\nsame\n\nsame\n\nsame", 6, 0, [(0, "same"), (6, "same"), (12, "same"), (18, "same")]),
    ("one line\nsecond line\n\nnew one", 12, 0, [(0, "one line"), (9, "second line"), (22, "new one")]),
    ("a\n\nbbbbbbbbbb c", 5, 1, [(0, "a"), (3, "bbbb"), (6, "bbbbb"), (10, "bbb"), (14, "c")]),
    ("", 10, 2, []),
    (" \n\n \t", 10, 2, []),
]  # fmt: skip

TEXTS = st.text(st.sampled_from("abc \n.é漢"), max_size=200)


@pytest.mark.parametrize(("text", "size", "overlap", "chunks"), KNOWN)
def test_known_texts(text: str, size: int, overlap: int, chunks: list[tuple[int, str]]) -> None:
    assert split(text, size, overlap) == chunks


def test_an_overlap_larger_than_a_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="chunk overlap"):
        split("text", 10, 11)


@given(TEXTS, st.integers(1, 40), st.data())
def test_chunks_fit_and_lose_nothing(text: str, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size))
    chunks = split(text, size, overlap)
    assert all(0 < len(chunk.text) <= size for chunk in chunks)
    assert all(text.startswith(chunk.text, chunk.start) for chunk in chunks)
    joined = "".join("".join(chunk.text.split()) for chunk in split(text, size, 0))
    assert joined == "".join(text.split())
