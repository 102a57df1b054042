"""The span of time a run is asked to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from boost_collectors.core.errors import CommandError


class WindowMode(StrEnum):
    """How a run chooses what to read.

    ``incremental`` continues from the stored checkpoint and moves it.
    ``backfill`` reads exactly [since, until) and moves no checkpoint.
    ``full`` reads everything the source has, then moves the checkpoint.
    """

    INCREMENTAL = "incremental"
    BACKFILL = "backfill"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span [since, until) of aware UTC instants, and how to read it. None means open."""

    mode: WindowMode = WindowMode.INCREMENTAL
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        for name, value in (("since", self.since), ("until", self.until)):
            if value is not None and value.tzinfo is None:
                raise CommandError(f"window {name} {value.isoformat()} has no time zone")
        if self.mode is not WindowMode.BACKFILL and (self.since or self.until):
            raise CommandError(f"a window with since or until is a backfill, not {self.mode}")
        if self.mode is WindowMode.BACKFILL and self.since is None and self.until is None:
            raise CommandError("a backfill needs since or until")
        if self.since and self.until and self.since >= self.until:
            raise CommandError(f"window since {self.since.isoformat()} is not before until {self.until.isoformat()}")

    @classmethod
    def between(cls, since: datetime | None, until: datetime | None) -> Window:
        """The backfill of [since, until); with both None the incremental window."""
        if since is None and until is None:
            return cls()
        return cls(WindowMode.BACKFILL, since, until)

    @property
    def moves_checkpoint(self) -> bool:
        return self.mode is not WindowMode.BACKFILL

    def contains(self, moment: datetime) -> bool:
        """True if the moment lies in the window; open ends contain everything."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)
