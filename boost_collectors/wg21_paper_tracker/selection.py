"""Which mailings of the index a run reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from boost_collectors.core.errors import CommandError
from boost_collectors.wg21_paper_tracker.models import DownloadStatus
from boost_collectors.wg21_paper_tracker.source import Mailing

# Papers are added to a mailing for some time after it came out.
RECENT = 2

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Bounds:
    """First and last mailing to read, ``YYYY-MM``, both inclusive; empty means open."""

    first: str = ""
    last: str = ""

    def validate(self) -> None:
        """Raises CommandError naming the flag and what is wrong with it."""
        for flag, name, value in (
            ("--from-date", "from_mailing_date", self.first),
            ("--to-date", "to_mailing_date", self.last),
        ):
            if value and not _SHAPE.fullmatch(value):
                raise CommandError(f"Invalid {name} {value!r} ({flag}): must be YYYY-MM")
            if value and not "01" <= value[5:] <= "12":
                raise CommandError(f"Invalid {flag} {value!r}: month must be 01-12")
        if self.first and self.last and self.first > self.last:
            raise CommandError(f"--from-date {self.first} is after --to-date {self.last}")

    def __bool__(self) -> bool:
        return bool(self.first or self.last)


def select_mailings(index: Iterable[Mailing], statuses: Mapping[str, str], bounds: Bounds) -> list[Mailing]:
    """The mailings to read, oldest first. ``statuses`` are the download statuses of those that are stored.

    With a lower bound all from it on; with only an upper bound those newer than the newest stored one, up to it.
    Without bounds: every mailing not stored yet, whatever its age, those whose papers were not read completely, and
    the newest few, whose papers may still grow.
    """
    mailings = sorted(index, key=lambda mailing: mailing.mailing_date)
    newest = max(statuses, default="1970-01")
    if bounds.first:
        return [m for m in mailings if bounds.first <= m.mailing_date and _within(m, bounds.last)]
    if bounds.last:
        return [m for m in mailings if newest < m.mailing_date and _within(m, bounds.last)]
    recent = {m.mailing_date for m in mailings[-RECENT:]}
    return [m for m in mailings if m.mailing_date in recent or statuses.get(m.mailing_date) != DownloadStatus.COMPLETE]


def _within(mailing: Mailing, last: str) -> bool:
    return not last or mailing.mailing_date <= last
