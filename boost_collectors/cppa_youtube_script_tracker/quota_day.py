"""The day of YouTube's quota, which begins at midnight in California."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from boost_collectors.core.errors import RateLimited

_CALIFORNIA = ZoneInfo("America/Los_Angeles")


class QuotaSpent(RateLimited):
    """The units of the day, or those this project may use, are spent; ``retry_at`` is when the next day begins."""


def quota_day(now: datetime) -> date:
    """The day of the quota at an aware instant."""
    return now.astimezone(_CALIFORNIA).date()


def next_reset(now: datetime) -> datetime:
    """When the next day of the quota begins, aware UTC."""
    tomorrow = quota_day(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), _CALIFORNIA).astimezone(UTC)
