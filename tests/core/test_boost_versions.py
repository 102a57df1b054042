from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_collectors.core.utils.boost_version_operations import (
    compare_boost_version_tuples,
    compare_encoded_versions,
    compare_loose_version_strings,
    decode_boost_version,
    encode_boost_version,
    encode_boost_version_string,
    loose_version_tuple,
    normalize_boost_version_string,
    parse_boost_version_string,
    parse_stable_boost_release_tag,
)

VERSIONS = st.tuples(st.integers(0, 20), st.integers(0, 999), st.integers(0, 99))


def test_known_numbers() -> None:
    assert encode_boost_version(1, 86, 0) == 108600
    assert decode_boost_version(100900) == (1, 9, 0)


@given(VERSIONS, VERSIONS)
def test_numbers_sort_as_versions_and_come_back(left: tuple[int, int, int], right: tuple[int, int, int]) -> None:
    encoded = encode_boost_version(*left), encode_boost_version(*right)
    assert decode_boost_version(encoded[0]) == left
    assert compare_encoded_versions(*encoded) == compare_boost_version_tuples(left, right)


@pytest.mark.parametrize("version", [(-1, 0, 0), (1, -1, 0), (1, 0, -1), (1, 1000, 0), (1, 0, 100)])
def test_numbers_out_of_range_are_refused(version: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        encode_boost_version(*version)


def test_a_negative_number_is_no_version() -> None:
    with pytest.raises(ValueError, match="negative"):
        decode_boost_version(-1)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("boost-1.10.0", (1, 10, 0)),
        ("BOOST_1_56_0", (1, 56, 0)),
        ("1_56_0", (1, 56, 0)),
        (" 1.86.0 ", (1, 86, 0)),
        ("1.86", (1, 86, 0)),
        ("1", (1, 0, 0)),
        ("1.86.0.beta1", (1, 86, 0)),
        ("v1.86.0", None),
        ("1.86.0-beta1", None),
        (".1.0", None),
        ("1..0", None),
        ("1.1000.0", None),
        ("1.0.100", None),
        ("-1.0.0", None),
        ("+1.0.0", None),
        ("1. 2.3", None),
        ("\u0661.\u0662.\u0663", None),
        ("", None),
        ("boost-", None),
        (None, None),
    ],
)
def test_parse(text: str | None, version: tuple[int, int, int] | None) -> None:
    assert parse_boost_version_string(text) == version
    assert encode_boost_version_string(text) == (version and encode_boost_version(*version))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.82.x", (1, 82, 0)),
        ("release-2.1.9-extra", (2, 1, 9)),
        ("1_86_0", (1, 86, 0)),
        ("boost-1_86_0", (1, 86, 0)),
        ("my_tool-1.2", (1, 2, 0)),
        ("1.2.3.4", (1, 2, 3)),
        ("x", (0, 0, 0)),
        ("", (0, 0, 0)),
        (None, (0, 0, 0)),
    ],
)
def test_loose(text: str | None, version: tuple[int, int, int]) -> None:
    assert loose_version_tuple(text) == version


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("boost-1.86.0", "1.86.0"),
        ("boost-1-86-0", "1.86.0"),
        ("Boost_1_86", "1.86.0"),
        ("1.86", "1.86.0"),
        ("1.86.0.1", "1.86.0.1"),
        ("0.9.0", None),
        ("develop", None),
        ("boost-develop", None),
        ("1.86.0<script>", None),
        ("", None),
        (None, None),
    ],
)
def test_normalize(text: str | None, normal: str | None) -> None:
    assert normalize_boost_version_string(text) == normal


@pytest.mark.parametrize(
    ("left", "right", "order"), [("1.9", "1.10", -1), ("1.86.x", "1_86_0", 0), ("2", "1.99", 1), ("1_86_0", "1.87", -1)]
)
def test_compare_loose(left: str, right: str, order: int) -> None:
    assert compare_loose_version_strings(left, right) == order


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("boost-1.86.0", "boost-1.86.0"),
        (" boost-1.86.0\n", "boost-1.86.0"),
        ("boost-01.086.00", "boost-1.86.0"),
        ("boost-1.16.1", "boost-1.16.1"),
        ("boost-1.16.0", None),
        ("boost-1.86.0-beta1", None),
        ("boost-1.86.0.beta1", None),
        ("boost-1.86", None),
        ("boost-1.86.0.0", None),
        ("Boost-1.86.0", None),
        ("boost_1.86.0", None),
        ("1.86.0", None),
        ("", None),
        (None, None),
    ],
)
def test_stable_release_tags(text: str | None, tag: str | None) -> None:
    assert parse_stable_boost_release_tag(text, (1, 16, 1)) == tag
