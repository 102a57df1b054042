"""What a benchmark returns, and how it is shown on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

RATIO = "x"
_BY_THE_CLOCK = ("s", "ms", "µs")


class MissingError(Exception):
    """What a benchmark needs and this machine has not, in words: there is nothing to measure or to compare with."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number, the bound it has to keep, if it has one, and what it is compared with."""

    key: str
    """Stable, and its own within the benchmark: baselines and kept results name the figure by it."""
    name: str
    value: float
    unit: str = RATIO
    """``x`` for a ratio to the baseline, ``.../s`` for a rate; empty for a number of things that the name names."""
    at_least: float | None = None
    at_most: float | None = None
    baseline: str = ""
    """Another way, measured in the same run, or the earlier system."""
    baseline_value: float | None = None
    """In the unit of the figure; what a ratio is compared with has none."""
    better: Literal["more", "less", ""] = ""
    """Which way is good, for figures whose bound does not say it."""

    @property
    def is_met(self) -> bool:
        """True if the value keeps its bounds."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    @property
    def bound(self) -> str:
        """The bound in words; empty when there is none."""
        if self.at_least is not None and self.at_least == self.at_most:
            return number(self.at_least)
        words = {"at least": self.at_least, "at most": self.at_most}
        return " and ".join(f"{word} {number(bound)}" for word, bound in words.items() if bound is not None)

    @property
    def measured(self) -> str:
        """The value with its unit."""
        return f"{number(self.value)} {self.unit}".strip()

    @property
    def compared_with(self) -> str:
        """The baseline in words, with its value where it has one; empty when there is none."""
        if self.baseline_value is None:
            return self.baseline
        return f"{self.baseline}: {number(self.baseline_value)} {self.unit}".strip()

    @property
    def good_way(self) -> Literal["more", "less", ""]:
        """Whether more or less is better; empty where neither is."""
        if self.better or (self.at_least is None) == (self.at_most is None):
            return self.better
        return "more" if self.at_most is None else "less"

    @property
    def ratio(self) -> float | None:
        """The ratio to the baseline: of a ratio itself, else how many times better than the baseline."""
        if self.unit == RATIO:
            return self.value
        if self.baseline_value is None or not self.good_way:
            return None
        better, worse = (self.value, self.baseline_value)[:: 1 if self.good_way == "more" else -1]
        return better / worse if worse else None

    @property
    def is_guarded(self) -> bool:
        """True if it may be compared with that of another day: it is not by the clock, and one way is better."""
        return bool(self.good_way) and self.unit not in _BY_THE_CLOCK and not self.unit.endswith("/s")


def show(title: str, figures: Iterable[Figure]) -> None:
    """Print the figures of one benchmark as a table."""
    table = Table("figure", "measured", "wanted", "", title=title, title_justify="left")
    for figure in figures:
        verdict = ("ok" if figure.is_met else "[red]missed[/red]") if figure.bound else ""
        table.add_row(figure.name, figure.measured, figure.bound, verdict)
    Console().print(table)


def number(value: float) -> str:
    """A number as people read it: whole from 100 on, else with as many places as say something."""
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}".rstrip("0")
