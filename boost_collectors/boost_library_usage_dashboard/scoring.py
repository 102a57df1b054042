"""How active the use of a library is: one number out of how its use spread over the years."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RECENT_YEARS = 5
NO_ACTIVITY = -10.0
"""The score of a library without dated usage."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the three parts of the score count."""

    derivation: float = 0.4
    trend: float = 0.3
    momentum: float = 0.3


@dataclass(frozen=True, slots=True)
class Activity:
    """Usages of the years that are over (``total``), of the last five of them, and of those before; the score."""

    total: int = 0
    recent: int = 0
    past: int = 0
    score: float = NO_ACTIVITY


def activity(counts: Iterable[tuple[int, int]], current_year: int, weights: Weights | None = None) -> Activity:
    """The activity of ``(year, count)`` pairs. The current year counts only when there is no other."""
    weights = weights or Weights()
    pairs = sorted(counts, key=lambda pair: pair[0])
    pairs = [pair for pair in pairs if pair[0] < current_year] or pairs
    total = sum(count for _, count in pairs)
    if not total:
        return Activity()
    first_recent = current_year - RECENT_YEARS
    recent = sum(count for year, count in pairs if year >= first_recent)
    years = [year - first_recent for year, _ in pairs]
    ratios = [count / total for _, count in pairs]
    parts = (
        weights.derivation * _derivation(years, ratios)
        + weights.trend * _trend(years, ratios)
        + weights.momentum * _momentum(ratios)
    )
    return Activity(total, recent, total - recent, math.log10(total + 1) * parts)


def _derivation(years: Sequence[int], ratios: Sequence[float]) -> float:
    return sum(
        i * (ratios[i] - ratios[i - 1]) / (years[i] - years[i - 1])
        for i in range(1, len(years))
        if years[i] != years[i - 1]
    )


def _trend(years: Sequence[int], ratios: Sequence[float]) -> float:
    n = len(years)
    if n < 2:
        return 0.0
    mean_year, mean_ratio = sum(years) / n, sum(ratios) / n
    spread = sum((year - mean_year) ** 2 for year in years)
    if not spread or not mean_ratio + 1:
        return 0.0
    slope = sum((year - mean_year) * (ratio - mean_ratio) for year, ratio in zip(years, ratios, strict=True)) / spread
    return slope / (mean_ratio + 1)


def _momentum(ratios: Sequence[float]) -> float:
    n = len(ratios)
    if n < 2:
        return 0.0
    weights = [math.exp(0.3 * (i - n)) for i in range(1, n)]
    changes = [(ratios[i] - ratios[i - 1]) / (ratios[i - 1] + 1) for i in range(1, n)]
    return sum(weight * change for weight, change in zip(weights, changes, strict=True)) / sum(weights)
