"""Things that are stored together: read, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from boost_collectors.reddit_activity_tracker.records import (
    CommentRecord,
    Record,
    SubmissionRecord,
    Thing,
    key_of,
    record_of,
)


@dataclass(slots=True)
class Page:
    """Things by full name: as they came (where ``with_raw``), as records, and why some are none."""

    with_raw: bool = True
    raw: dict[str, Thing] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    refused: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def read(self, things: Iterable[Thing]) -> int:
        """Add things; returns how many there were."""
        count = 0
        for thing in things:
            count += 1
            try:
                record = record_of(thing)
            except ValueError as error:
                self.refused[key_of(thing)] = (str(error), thing if self.with_raw else None)
                continue
            self.records[record.fullname] = record
            if self.with_raw:
                self.raw[record.fullname] = thing
        return count

    def keep(self, wanted: Callable[[Record], bool]) -> None:
        """Forget the other records."""
        self.records = {name: record for name, record in self.records.items() if wanted(record)}

    @property
    def comments(self) -> list[CommentRecord]:
        """Those of the records that are comments."""
        return [record for record in self.records.values() if isinstance(record, CommentRecord)]

    @property
    def submissions(self) -> list[SubmissionRecord]:
        """Those of the records that are submissions."""
        return [record for record in self.records.values() if isinstance(record, SubmissionRecord)]


def pages_of(things: Iterator[Thing], size: int, *, with_raw: bool = True) -> Iterator[Page]:
    """Pages of so many things each."""
    while True:
        page = Page(with_raw)
        if not page.read(islice(things, size)):
            return
        yield page
