"""Charts as SVG, drawn when the page is made: they need no script, print well and follow the page's colours.

A chart has bars, side by side or stacked, and at most one line with an axis of its own on the right. Its table and its
CSV hold the same numbers.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup, escape

Format = Literal["integer", "percent"]

WIDTH, HEIGHT = 880, 320
LEFT, RIGHT, TOP, BOTTOM = 52, 52, 12, 30
MOST_TICKS = 6
MOST_LARGE_DOTS = 30
LABEL_WIDTH = 7.5
"""Pixels that a character of a label takes, with some room."""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers, one for each category. ``colour`` chooses one of the page's chart colours."""

    label: str
    values: Sequence[float]
    colour: int = 1
    format: Format = "integer"

    def text(self, value: float) -> str:
        """A value as people read it."""
        return f"{value:.2f}%" if self.format == "percent" else f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, with a title for those who cannot see it and the heading of its categories."""

    id: str
    title: str
    category: str
    categories: Sequence[str]
    bars: Sequence[Series]
    line: Series | None = None
    stacked: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.categories

    @property
    def series(self) -> list[Series]:
        """Bars and line."""
        return [*self.bars, *([self.line] if self.line else [])]

    def rows(self) -> Iterator[list[str]]:
        """The chart's table: the category and each value, as text."""
        for position, category in enumerate(self.categories):
            yield [category, *(each.text(each.values[position]) for each in self.series)]

    def csv_link(self) -> str:
        """The numbers as a CSV file within a link."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([self.category, *(each.label for each in self.series)])
        for position, category in enumerate(self.categories):
            writer.writerow([category, *(_plain(each.values[position]) for each in self.series)])
        return "data:text/csv;charset=utf-8," + quote(file.getvalue(), safe=",()/ ").replace(" ", "%20")

    def svg(self) -> Markup:
        """The picture."""
        return Markup("").join(_Drawing(self).parts())


@dataclass(frozen=True, slots=True)
class Axis:
    """The ticks from 0 to something round, and where a value lies."""

    top: float
    ticks: tuple[float, ...] = field(default=())

    @classmethod
    def up_to(cls, largest: float) -> Axis:
        """An axis that holds the largest value, with at most ``MOST_TICKS`` ticks."""
        if largest <= 0:
            return cls(1.0, (0.0, 1.0))
        rough = largest / (MOST_TICKS - 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
        if largest >= MOST_TICKS:
            step = max(1.0, math.ceil(step) if step > 1 else step)
        count = math.ceil(largest / step - 1e-9)
        return cls(step * count, tuple(step * i for i in range(count + 1)))

    def y(self, value: float) -> float:
        """The vertical place of a value."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top)


class _Drawing:
    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        count = len(chart.categories)
        self._slot = (WIDTH - LEFT - RIGHT) / max(count, 1)
        sums = [
            sum(each.values[i] for each in chart.bars) if chart.stacked else max(each.values[i] for each in chart.bars)
            for i in range(count)
        ]
        self._left = Axis.up_to(max(sums, default=0))
        self._right = Axis.up_to(max(chart.line.values, default=0)) if chart.line else None

    def parts(self) -> Iterator[Markup]:
        chart = self._chart
        # Names that a screen reader hears: the table below holds the numbers.
        yield Markup(
            '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{id}-name">'
            '<title id="{id}-name">{title}</title>'
        ).format(w=WIDTH, h=HEIGHT, id=chart.id, title=chart.title)
        yield from self._axes()
        yield from self._labels()
        yield from self._bars()
        yield from self._line()
        yield Markup("</svg>")

    def _axes(self) -> Iterator[Markup]:
        for tick in self._left.ticks:
            y = _n(self._left.y(tick))
            yield Markup('<path class="grid" d="M{x} {y}H{end}"/>').format(x=LEFT, y=y, end=WIDTH - RIGHT)
            yield _text(LEFT - 6, self._left.y(tick) + 4, _short(tick), "end")
        if self._right and self._chart.line:
            unit = "%" if self._chart.line.format == "percent" else ""
            for tick in self._right.ticks:
                yield _text(WIDTH - RIGHT + 6, self._right.y(tick) + 4, _short(tick) + unit, "start")

    def _labels(self) -> Iterator[Markup]:
        longest = max((len(category) for category in self._chart.categories), default=1)
        every = max(1, math.ceil(longest * LABEL_WIDTH / self._slot))
        for position in range(0, len(self._chart.categories), every):
            x = LEFT + self._slot * (position + 0.5)
            yield _text(x, HEIGHT - BOTTOM + 18, self._chart.categories[position], "middle")

    def _bars(self) -> Iterator[Markup]:
        chart = self._chart
        room = self._slot * 0.76
        width = room if chart.stacked else room / len(chart.bars)
        below = [0.0] * len(chart.categories)
        for number, series in enumerate(chart.bars):
            yield Markup('<g class="c{}">').format(series.colour)
            for position, value in enumerate(series.values):
                if value <= 0:
                    continue
                x = LEFT + self._slot * position + (self._slot - room) / 2 + (0 if chart.stacked else width * number)
                base = below[position] if chart.stacked else 0.0
                top, bottom = self._left.y(base + value), self._left.y(base)
                below[position] += value
                # A bar may be small but never invisible.
                height = max(bottom - top, 1.0)
                yield Markup('<path d="M{} {}h{}v{}h-{}z"><title>{}</title></path>').format(
                    _n(x), _n(bottom - height), _n(width), _n(height), _n(width), self._told(series, position)
                )
            yield Markup("</g>")

    def _line(self) -> Iterator[Markup]:
        series = self._chart.line
        if series is None or self._right is None or not self._chart.categories:
            return
        places = [
            (LEFT + self._slot * (position + 0.5), self._right.y(value)) for position, value in enumerate(series.values)
        ]
        path = "L".join(f"{_n(x)} {_n(y)}" for x, y in places)
        # The wide one below parts the line from the bars behind it.
        yield Markup('<g class="line c{}"><path class="halo" d="M{}"/><path d="M{}"/>').format(
            series.colour, path, path
        )
        radius = 3 if len(places) <= MOST_LARGE_DOTS else 2
        for position, (x, y) in enumerate(places):
            yield Markup('<circle cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                _n(x), _n(y), radius, self._told(series, position)
            )
        yield Markup("</g>")

    def _told(self, series: Series, position: int) -> str:
        return f"{self._chart.categories[position]}, {series.label}: {series.text(series.values[position])}"


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(_n(x), _n(y), anchor, escape(text))


def _short(value: float) -> str:
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):g}{unit}"
    return f"{value:,.10g}"


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
