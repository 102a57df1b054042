"""How many comments may be written in a while, and how long the next one has to wait."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

BUFFER = 0.05
"""Seconds added to a wait, so that the comment it makes room for is out of the window for certain."""


@dataclass(frozen=True, slots=True)
class CommentLimit:
    """At most ``most`` comments in any ``window`` seconds."""

    most: int
    window: float

    def delay(self, posted: Iterable[float], now: float) -> float:
        """Seconds until one more comment may be written; ``posted`` are the moments of the others, in seconds."""
        recent = sorted(moment for moment in posted if moment > now - self.window)
        if len(recent) < self.most:
            return 0.0
        # The newest of those that must leave the window first.
        leaving = recent[-self.most] if self.most else now
        return max(0.0, leaving + self.window - now + BUFFER)

    def estimate(self, posted: Iterable[float], ahead: int, now: float) -> int:
        """Whole seconds until it is a job's turn that has so many before it; 0 for less than about a second."""
        taken, moment = list(posted), now
        for _ in range(ahead):
            moment += self.delay(taken, moment)
            taken.append(moment)
        wait = moment + self.delay(taken, moment) - now
        return 0 if wait < 1 else math.ceil(wait)
