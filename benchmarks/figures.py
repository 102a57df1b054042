"""What a benchmark returns, and how a run of all of them is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number and the bound it has to keep, if it has one. ``unit`` is ``x`` for a ratio."""

    name: str
    value: float
    unit: str = "x"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_met(self) -> bool:
        """True if the value keeps its bounds."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    @property
    def bound(self) -> str:
        """The bound in words; empty when there is none."""
        words = {"at least": self.at_least, "at most": self.at_most}
        return " and ".join(f"{word} {_number(bound)}" for word, bound in words.items() if bound is not None)


def show(title: str, figures: Iterable[Figure]) -> None:
    """Print the figures of one benchmark as a table."""
    table = Table("figure", "measured", "wanted", "", title=title, title_justify="left")
    for figure in figures:
        verdict = ("ok" if figure.is_met else "[red]missed[/red]") if figure.bound else ""
        table.add_row(figure.name, f"{_number(figure.value)} {figure.unit}", figure.bound, verdict)
    Console().print(table)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or isinstance(value, int) else f"{value:.2f}"
