"""Items that are made while the one before is worked on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from boost_collectors.core.read_ahead import read_ahead


def test_all_items_come_in_order_and_at_most_one_waits() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    for taken, number in enumerate(read_ahead(items())):
        assert number == taken
        assert len(made) <= taken + 2


def test_an_error_comes_where_its_item_would_have_come() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("cut off")

    found = read_ahead(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="cut off"):
        next(found)
