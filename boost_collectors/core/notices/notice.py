"""What is told: a title, a text, some facts, perhaps a traceback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from boost_collectors.core.utils.storable import storable

CUT = "… (cut)"


@dataclass(frozen=True, slots=True)
class Notice:
    """``level`` is that of a log record and gives the colour; ``facts`` are shown side by side, ``detail`` as code."""

    title: str
    text: str
    level: str = "ERROR"
    facts: tuple[tuple[str, str], ...] = ()
    detail: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def cleaned(self, redact: Callable[[str], str]) -> Notice:
        """Every text of it redacted, and made so that it can be sent."""

        def clean(text: str) -> str:
            return storable(redact(text))

        return replace(
            self,
            title=clean(self.title),
            text=clean(self.text),
            facts=tuple((clean(name), clean(value)) for name, value in self.facts),
            detail=clean(self.detail),
        )

    def repeated(self, times: int) -> Notice:
        """The same, saying how many like it were not sent."""
        if not times:
            return self
        return replace(self, facts=(*self.facts, ("Not sent before", f"{times} more like this")))


def cut(text: str, limit: int, size: Callable[[str], int] = lambda text: len(text.encode("utf-16-le")) // 2) -> str:
    """The text, or as much of its beginning as fits with a mark into ``limit``.

    Counted as JavaScript does by default, as the services may: a character beyond the first 65,536 counts twice.
    """
    if size(text) <= limit:
        return text
    room = limit - size(CUT)
    # What is cut off is at most all of the text; every character counts at least 1.
    kept = text[: max(room, 0)]
    while kept and size(kept) > room:
        kept = kept[: len(kept) - max(1, (size(kept) - room) // 8)]
    return kept + CUT
