"""Windows of time as the REST functions take them: both ends belong to them, a missing one is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.github_activity_tracker.conversion import time_of


def aware(moment: datetime) -> datetime:
    """A naive time as UTC; an aware one as it is, not converted."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From ``start`` to ``end``, both included; None is open. Both are aware."""

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def between(cls, start: datetime | None, end: datetime | None) -> Self:
        """The range of two bounds; naive ones are UTC."""
        return cls(None if start is None else aware(start), None if end is None else aware(end))

    def __contains__(self, moment: datetime) -> bool:
        at = aware(moment)
        return (self.start is None or at >= self.start) and (self.end is None or at <= self.end)

    @property
    def since(self) -> str:
        """``start`` as GitHub takes it, empty when open."""
        return "" if self.start is None else format_utc_z(self.start)

    @property
    def until(self) -> str:
        """``end`` as GitHub takes it, empty when open."""
        return "" if self.end is None else format_utc_z(self.end)

    def keeps(self, text: object) -> bool:
        """Whether an entry with this time is kept: those without any are, those with an unreadable one are not."""
        if text is None or text == "":
            return True
        moment = time_of(text) if isinstance(text, str) else None
        return moment is not None and moment in self
