"""Discord's ids: numbers that begin with the time of their making, so that a span of time is a span of ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
TIME_SHIFT = 22
MAX_ID = 2**63 - 1

_MILLISECOND = timedelta(milliseconds=1)


def first_id_at(moment: datetime) -> int:
    """The smallest id of what was made at this aware instant or later; 0 before Discord began."""
    milliseconds = -((DISCORD_EPOCH - moment) // _MILLISECOND)
    return min(max(milliseconds, 0) << TIME_SHIFT, MAX_ID)


def time_of(snowflake: int) -> datetime:
    """When a thing of this id was made, to the millisecond, aware UTC."""
    return DISCORD_EPOCH + (snowflake >> TIME_SHIFT) * _MILLISECOND


def to_id(value: object, what: str) -> int:
    """An id, which JSON spells as text. Raises ValueError calling it ``what`` unless it is within 1 and 2^63-1."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        number = int(value)
    else:
        number = value if isinstance(value, int) and not isinstance(value, bool) else 0
    if not 0 < number <= MAX_ID:
        raise ValueError(f"{what} {value!r:.60} is not an id")
    return number
