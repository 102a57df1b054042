"""Reading and writing instants as ISO text. Everything without a zone is UTC."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import overload

logger = logging.getLogger(__name__)

CANONICAL_INSTANT_UTC_Z_PATTERN = re.compile(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z\Z")
"""The one spelling of an instant that documents and vector metadata use: ``2024-03-01T12:00:00Z``."""


@overload
def ensure_aware_utc(moment: datetime) -> datetime: ...
@overload
def ensure_aware_utc(moment: None) -> None: ...
@overload
def ensure_aware_utc(moment: datetime | None) -> datetime | None: ...
def ensure_aware_utc(moment: datetime | None) -> datetime | None:
    """The same instant in UTC; a naive time is taken as UTC.

    Raises OverflowError within a day of year 1 or 9999, where the shift leaves the calendar.
    """
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_iso_datetime_lenient(text: str | None) -> datetime | None:
    """An ISO date or date-time as it stands, naive or aware; None when blank or not ISO.

    Takes dates, the basic format, offsets, a trailing ``Z``, and fractions of any length (cut to microseconds).
    """
    trimmed = (text or "").strip()
    if not trimmed:
        return None
    try:
        return datetime.fromisoformat(trimmed)
    except ValueError:
        logger.debug("Not an ISO date or date-time: %r", trimmed[:80])
        return None


def parse_iso_datetime(text: str | None) -> datetime | None:
    """An ISO date or date-time as naive UTC; None when blank. Raises ValueError when it is not ISO."""
    trimmed = (text or "").strip()
    if not trimmed:
        return None
    try:
        return ensure_aware_utc(datetime.fromisoformat(trimmed)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ValueError(f"Invalid ISO datetime: {trimmed[:80]!r}") from None


def format_utc_z(moment: datetime) -> str:
    """ISO text in UTC ending in ``Z``; fractions only when there are any."""
    return ensure_aware_utc(moment).replace(tzinfo=None).isoformat() + "Z"


def format_instant_iso_z(text: str | None) -> str:
    """ISO text rewritten as UTC with ``Z``. Blank gives an empty string, anything unreadable comes back trimmed."""
    moment = parse_iso_datetime_lenient(text)
    try:
        return format_utc_z(moment) if moment else (text or "").strip()
    except OverflowError:
        return (text or "").strip()
