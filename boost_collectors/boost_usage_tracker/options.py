"""The flags of ``run_boost_usage_tracker``, and the days that they mean."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options

logger = logging.getLogger(__name__)

Task = Literal["monitor_content", "monitor_stars"]
CONTENT: Task = "monitor_content"
STARS: Task = "monitor_stars"


class BoostUsageOptions(Options):
    """The command's own flags."""

    task: Task | None = Field(
        None, description="Only repositories pushed lately (monitor_content), or all by their stars (monitor_stars)."
    )
    since: str = Field("", description="First push day (YYYY-MM-DD) of monitor_content instead of where it stands.")
    until: str = Field("", description="Last push day (YYYY-MM-DD) of monitor_content instead of today.")
    min_stars: int = Field(10, description="Only repositories with more stars than this.")


def chosen_days(options: BoostUsageOptions, today: date) -> tuple[date, date] | None:
    """The push days that the flags name, both meant; None if they name none.

    A text that is no date is ignored with a warning. Raises CommandError for a first day behind the last.
    """
    since, until = _day(options.since, "--since"), _day(options.until, "--until")
    if since is None and until is None:
        return None
    last = until or today
    first = since or last - timedelta(days=1)
    if first > last:
        if since and until:
            raise CommandError(f"--since {since} is later than --until {until}")
        first = last
    return first, last


def checked(options: BoostUsageOptions, today: date) -> BoostUsageOptions:
    """The options. Raises CommandError for those that cannot be meant, before anything is asked of GitHub."""
    if options.min_stars < 0:
        raise CommandError(f"--min-stars: {options.min_stars} is negative", returncode=2)
    chosen_days(options, today)
    return options


def _day(text: str, flag: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        logger.warning("%s: %r is not a date (YYYY-MM-DD) and is ignored", flag, text)
        return None
