from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone

import pytest

from boost_collectors.core.utils.datetime_parsing import (
    CANONICAL_INSTANT_UTC_Z_PATTERN,
    ensure_aware_utc,
    format_instant_iso_z,
    format_utc_z,
    parse_iso_datetime,
    parse_iso_datetime_lenient,
)

KARACHI = timezone(timedelta(hours=5))


def test_ensure_aware_utc() -> None:
    assert ensure_aware_utc(None) is None
    assert ensure_aware_utc(datetime(2024, 1, 1)) == datetime(2024, 1, 1, tzinfo=UTC)  # noqa: DTZ001 - naive on purpose
    moved = ensure_aware_utc(datetime(2024, 1, 1, tzinfo=KARACHI))
    assert (moved, moved.tzinfo) == (datetime(2023, 12, 31, 19, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-01-02", "2024-01-02T00:00:00"),
        ("2024-01-02T03:04:05", "2024-01-02T03:04:05"),
        (" 2024-01-02 03:04 ", "2024-01-02T03:04:00"),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05+00:00"),
        ("20240102T030405Z", "2024-01-02T03:04:05+00:00"),
        ("2024-01-02T03:04:05+05:00", "2024-01-02T03:04:05+05:00"),
        ("2024-01-02T03:04:05.1234567Z", "2024-01-02T03:04:05.123456+00:00"),
    ],
)
def test_iso_texts_are_read_as_they_stand(text: str, iso: str) -> None:
    parsed = parse_iso_datetime_lenient(text)
    assert parsed is not None
    assert parsed.isoformat() == iso


@pytest.mark.parametrize("text", [None, "", "  ", "yesterday", "2024-13-01", "2024-01-02T03:04:05z", "1704164645"])
def test_what_is_no_iso_is_none(text: str | None) -> None:
    assert parse_iso_datetime_lenient(text) is None


def test_what_is_no_iso_is_told_to_who_debugs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    parse_iso_datetime_lenient("yesterday")
    assert [(record.levelname, "yesterday" in record.getMessage()) for record in caplog.records] == [("DEBUG", True)]


def test_parse_iso_datetime_gives_naive_utc() -> None:
    assert parse_iso_datetime(" ") is None
    for text, iso in (("2024-01-01T00:00:00+05:00", "2023-12-31T19:00:00"), ("2024-01-01", "2024-01-01T00:00:00")):
        parsed = parse_iso_datetime(text)
        assert parsed is not None
        assert (parsed.isoformat(), parsed.tzinfo) == (iso, None)


@pytest.mark.parametrize("text", ["soon", "0001-01-01T00:00:00+05:00"])
def test_parse_iso_datetime_refuses_the_rest(text: str) -> None:
    with pytest.raises(ValueError, match="Invalid ISO datetime"):
        parse_iso_datetime(text)


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        (None, ""),
        ("  ", ""),
        (" soon ", "soon"),
        ("2024-01-01T00:00:00+05:00", "2023-12-31T19:00:00Z"),
        ("2024-01-01", "2024-01-01T00:00:00Z"),
        ("2024-01-01T10:00:00.5Z", "2024-01-01T10:00:00.500000Z"),
        ("0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00+05:00"),
    ],
)
def test_format_instant_iso_z(text: str | None, formatted: str) -> None:
    assert format_instant_iso_z(text) == formatted


def test_format_utc_z() -> None:
    assert format_utc_z(datetime(2024, 1, 1, 5, tzinfo=KARACHI)) == "2024-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2024-01-01T00:00:00Z", True),
        ("2024-01-01T00:00:00.1Z", True),
        ("2024-01-01T00:00:00.123456789Z", True),
        ("2024-01-01T00:00:00.Z", False),
        ("2024-01-01T00:00:00z", False),
        ("2024-01-01T00:00:00+00:00", False),
        ("2024-01-01 00:00:00Z", False),
        ("2024-01-01T00:00:00Z\n", False),
        ("x2024-01-01T00:00:00Z", False),
        ("2024-01-01T00:00Z", False),
        ("٢٠٢٤-01-01T00:00:00Z", False),
    ],
)
def test_the_canonical_spelling(text: str, canonical: bool) -> None:
    assert bool(CANONICAL_INSTANT_UTC_Z_PATTERN.search(text)) is canonical
