"""Units spread over batches: all of them, once, evenly, and the same way each time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.orchestration.batches import MAX_BATCHES, UNITS_PER_BATCH, balance, batch_count


@dataclass(frozen=True)
class Unit:
    key: str
    cost: float = 1.0


def _units(costs: list[float]) -> list[Unit]:
    return [Unit(f"unit-{number:04}", cost) for number, cost in enumerate(costs)]


@pytest.mark.parametrize(("units", "batches"), [(0, 0), (1, 1), (10, 1), (11, 2), (160, 16), (170, 16), (5000, 16)])
def test_there_is_a_batch_per_ten_units_up_to_sixteen(units: int, batches: int) -> None:
    assert batch_count(units) == batches
    assert len(balance(_units([1.0] * units))) == batches


@given(st.lists(st.floats(min_value=0, max_value=1e6), max_size=300))
def test_every_unit_is_in_exactly_one_batch_and_none_is_empty(costs: list[float]) -> None:
    units = _units(costs)
    batches = balance(units)
    assert sorted(key for batch in batches for key in batch) == [unit.key for unit in units]
    assert all(batches)


@given(st.lists(st.floats(min_value=0.1, max_value=1000), min_size=1, max_size=200))
def test_the_costliest_batch_is_near_the_best_possible(costs: list[float]) -> None:
    units = _units(costs)
    cost = {unit.key: unit.cost for unit in units}
    batches = balance(units)
    best_possible = max(sum(costs) / len(batches), max(costs))
    assert max(sum(cost[key] for key in batch) for batch in batches) <= 4 / 3 * best_possible + max(costs)


def test_one_huge_unit_gets_a_batch_of_its_own() -> None:
    batches = balance(_units([1.0] * 30 + [1000.0]))
    assert ["unit-0030"] in batches
    assert len(batches) == 4


def test_batches_keep_the_planned_order_and_do_not_depend_on_equal_costs() -> None:
    units = _units([1.0] * 25)
    assert balance(units) == balance(units)
    assert all(batch == sorted(batch) for batch in balance(units))


def test_the_figures_are_tens_of_units_and_at_most_sixteen_tasks() -> None:
    assert UNITS_PER_BATCH == 10
    assert MAX_BATCHES == 16
