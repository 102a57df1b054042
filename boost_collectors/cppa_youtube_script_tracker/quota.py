"""The day's units of the Data API: booked in the database before they are used, so that all runs share one account."""

from __future__ import annotations

import hashlib

from boost_collectors.core.context import RunContext
from boost_collectors.cppa_youtube_script_tracker import services
from boost_collectors.cppa_youtube_script_tracker.quota_day import QuotaSpent, next_reset, quota_day


class QuotaMeter:
    """Books for one key. A booking is committed at once: a run that dies afterwards has used what it booked."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._project = hashlib.sha256(context.settings.youtube_api_key.encode()).hexdigest()
        self._limit = context.settings.youtube_daily_quota - context.settings.youtube_quota_reserve

    def spend(self, units: int, following: int, what: str) -> None:
        """Book units for a request, when so many more are left for those that must follow it.

        Raises QuotaSpent, whose ``retry_at`` is the next reset, when the day's units without the reserve do not
        suffice; nothing is booked then.
        """
        now = self._context.clock()
        with self._context.database.session() as session:
            limit = self._limit - following
            if services.book(session, self._project, quota_day(now), units, limit=limit):
                return
            used, _ = services.usage(session, self._project, quota_day(now))
        reset = next_reset(now)
        raise QuotaSpent(
            f"{what} needs {units + following} units of YouTube's Data API, {used} are used today and "
            f"{self._context.settings.youtube_quota_reserve} of {self._context.settings.youtube_daily_quota} are left "
            f"for others until {reset.isoformat()}",
            retry_at=reset,
        )

    def close_day(self) -> None:
        """Note that YouTube itself said that nothing is left: no run asks again before the reset."""
        now = self._context.clock()
        with self._context.database.session() as session:
            services.close_day(session, self._project, quota_day(now))
