"""Turns what was read into HTML. Every value is escaped by the template engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

MINUTE, HOUR, DAY = 60, 3600, 86_400


def render(template: str, **values: Any) -> str:
    """The page of a template of this folder, as of now."""
    return _ENVIRONMENT.get_template(template).render(now=datetime.now(UTC), **values)


def duration(span: timedelta | None) -> str:
    """A span in its two largest units: ``1 h 5 min``; empty for None."""
    if span is None:
        return ""
    seconds = span.total_seconds()
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    for unit, name, smaller, part in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s")):
        if seconds >= unit:
            rest = int(seconds % unit // smaller)
            return f"{int(seconds // unit)} {name} {rest} {part}" if rest else f"{int(seconds // unit)} {name}"
    return ""


def moment(at: datetime) -> str:
    """A moment in UTC to the minute."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def number(value: int) -> str:
    """A count with thin spaces between the thousands."""
    return f"{value:,}".replace(",", "\u202f")


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {"duration": duration, "moment": moment, "number": number}
