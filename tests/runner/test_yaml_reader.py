"""The YAML dialect: its traps, its limits, and that every value knows its line."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from boost_collectors.runner.yaml_reader import MAX_DEPTH, Document, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16:10", "16:10"),
        ("04:10", "04:10"),
        ("1:30:00", "1:30:00"),
        ("010", "010"),
        ("08", "08"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"),
        ("12", 12),
        ("-3", -3),
        ("+3", 3),
        ("0", 0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.e+2", 100.0),
        (".inf", float("inf")),
        ("-.INF", float("-inf")),
        (".", "."),
        ("yes", True),
        ("On", True),
        ("FALSE", False),
        ("off", False),
        ("y", "y"),
        ("~", None),
        ("null", None),
        ("''", ""),
        ('"12"', "12"),
        ("!!str 12", "12"),
        ('!!int "12"', 12),
        ("[a, {b: c}]", ["a", {"b": "c"}]),
    ],
)
def test_a_scalar_is_what_a_person_meant(text: str, value: Any) -> None:
    assert read(text).data == value
    assert type(read(text).data) is type(value)


def test_a_nan_is_a_float() -> None:
    assert read(".nan").data != read(".nan").data


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n...\n"])
def test_an_empty_document_is_none(text: str) -> None:
    assert read(text).data is None


@pytest.mark.parametrize(
    ("text", "key"), [("on: x", "on"), ("no: x", "no"), ("Off: x", "Off"), ("true: x", True), ("16:10: x", "16:10")]
)
def test_words_that_look_like_booleans_are_text_as_keys(text: str, key: Any) -> None:
    assert read(text).data == {key: "x"}
    assert type(next(iter(read(text).data))) is type(key)


def test_merge_keys_fill_in_what_is_not_there() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  x: 9\n"
    assert read(text).data["c"] == {"x": 9, "y": 2, "z": 4}


def test_aliases_give_the_same_object_so_that_a_bomb_stays_small() -> None:
    levels = ["l0: &l0 [lol]"] + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30)]
    data = read("\n".join(levels)).data
    assert data["l29"][0] is data["l29"][9]


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['true']",
        "a: !mine x",
        "!!set {a, b}",
        "a: !!binary aGk=",
        "a: !!timestamp 2026-01-01",
        "!!int abc",
        "!!bool maybe",
        "? [a, b]\n: c",
        "<<: 3",
        "<<: [3]",
        "&a [*a]",
        "a: &a {b: *a}",
        "a: *nowhere",
        "a: [",
        "a: b: c",
        "a: 1\n---\nb: 2",
        "%YAML 9.9\n---\na: 1",
        "\x00",
        "a: \x07",
        "\ud800",
        "\t- a",
        "[" * 200_000,
        "[" * 200_000 + "]" * 200_000,
        "{a: " * 100_000,
        "- " * 100_000 + "a",
        "\n".join(" " * n + "a:" for n in range(2 * MAX_DEPTH)),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_cannot_be_read_is_a_yaml_error_and_nothing_else(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read(text)


def test_a_long_flat_text_is_not_taken_for_a_deep_one() -> None:
    text = "a: " + "x" * 5000 + "\nb:\n" + "  - [1, {c: 2}]\n" * 1000
    assert len(read(text).data["b"]) == 1000


TEXT = """\
# one
top:
  first:
    - a
    - key: value
      other: [x,
        y]
  second: {inner: 1,
    later: 2}
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("top",), 2),
        (("top", "first"), 3),
        (("top", "first", 0), 4),
        (("top", "first", 1), 5),
        (("top", "first", 1, "other"), 6),
        (("top", "first", 1, "other", 1), 7),
        (("top", "second", "later"), 9),
        (("top", "missing"), 2),
        (("top", "first", 7), 3),
        (("top", "first", "no index"), 3),
        (("top", "second", "later", "deeper"), 9),
        (("gone", "away"), 2),
    ],
)
def test_a_path_has_a_line(path: tuple[Any, ...], line: int) -> None:
    assert read(TEXT).line(*path) == line


def test_an_empty_document_has_one_line_and_no_repeats() -> None:
    document = read("")
    assert document.line("a") == 1
    assert document.repeats("a") == []


def test_plain_data_has_no_lines() -> None:
    assert Document({"a": 1}).line("a") is None


def test_repeated_keys_are_remembered_with_both_lines() -> None:
    document = read("a:\n  x: 1\n  y: 2\n  x: 3\nb: {z: 1}\n")
    (repeat,) = document.repeats("a")
    assert (repeat.key, repeat.line, repeat.first_line) == ("x", 4, 2)
    assert document.repeats("b") == document.repeats() == []
    assert document.data["a"]["x"] == 3
