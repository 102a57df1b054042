"""Which chunks are worth a vector."""

from __future__ import annotations

import pytest

from boost_collectors.cppa_pinecone_sync.prose import Minimum

DEFAULT = Minimum(characters=50, words=5)
FIFTY = "word " * 9 + "words"
ROW = "| alpha | beta | gamma | delta | epsilon | zeta | eta | theta | iota | kappa |"


@pytest.mark.parametrize(
    "text",
    [
        FIFTY,
        ROW,
        f"| --- | --- |\n{ROW}",
        "> " * 20 + " ".join(["quoted"] * 10),
        "Шаблоны выражений вычисляют произведение матриц без временных",
        "这个库提供了一个线程池" * 8,
        "snake_case_name another_long_name third_identifier_here",
    ],
    ids=["fifty", "row", "table", "quote", "cyrillic", "chinese", "identifiers"],
)
def test_prose_and_data_are_kept(text: str) -> None:
    assert DEFAULT.accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        FIFTY[:-1],
        "internationalisation standardisation characterisation x",
        "| --- | :---: | ---: | --- | --- | --- | --- | --- | --- |",
        "| - | - | a | - | - | b | - | - | c | - | - | d | - | - | e | -",
        "a(){};[]<>!=+*&^%$#@~ b(){};[]<>!=+*&^%$#@~ c d e f g h",
    ],
    ids=["empty", "short", "few words", "separator", "formatting", "punctuation"],
)
def test_what_draws_tables_or_says_too_little_is_dropped(text: str) -> None:
    assert not DEFAULT.accepts(text)


def test_the_bounds_are_settings() -> None:
    assert Minimum(characters=0, words=0).accepts("x")
    assert not Minimum(characters=0, words=2).accepts("x")
