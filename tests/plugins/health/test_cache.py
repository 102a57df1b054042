"""A storm of readers costs one call."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from plugins.health.cache import SingleFlight


def test_many_readers_at_once_make_one_call() -> None:
    inside, release, calls = threading.Event(), threading.Event(), []

    def make() -> int:
        calls.append(1)
        inside.set()
        release.wait(10)
        return 7

    value = SingleFlight(make, ttl=60)
    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(value.get) for _ in range(8)]
        assert inside.wait(10)
        release.set()
        assert [reader.result() for reader in readers] == [7] * 8
    assert len(calls) == 1


def test_a_value_is_made_again_when_its_time_is_up() -> None:
    now, made = [0.0], iter(range(10))
    value = SingleFlight(lambda: next(made), ttl=2, clock=lambda: now[0])
    assert (value.get(), value.get()) == (0, 0)
    now[0] = 1.99
    assert value.get() == 0
    now[0] = 2.0
    assert value.get() == 1


def test_an_error_is_not_kept() -> None:
    answers = iter([ValueError("first"), 5])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    value = SingleFlight(make, ttl=60)
    with pytest.raises(ValueError, match="first"):
        value.get()
    assert value.get() == 5
