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


def test_in_its_grace_the_old_value_is_given_while_one_thread_makes_the_new_one() -> None:
    now, release, calls = [0.0], threading.Event(), []

    def make() -> int:
        calls.append(1)
        if len(calls) > 1:
            release.wait(10)
        return len(calls)

    value = SingleFlight(make, ttl=2, grace=1, clock=lambda: now[0])
    assert value.get() == 1
    now[0] = 2.5
    assert [value.get() for _ in range(20)] == [1] * 20
    release.set()
    now[0] = 3.0  # the old one is too old: readers wait for the thread's
    assert value.get() == 2
    assert len(calls) == 2


def test_a_value_that_cannot_be_renewed_is_given_to_the_end_of_its_grace(caplog: pytest.LogCaptureFixture) -> None:
    now, answers = [0.0], iter([1, ValueError("gone"), ValueError("gone"), 4])
    tried = threading.Event()

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, ValueError):
            tried.set()
            raise answer
        return answer

    value = SingleFlight(make, ttl=2, grace=1, clock=lambda: now[0])
    assert value.get() == 1
    now[0] = 2.5
    assert value.get() == 1
    assert tried.wait(10)
    now[0] = 3.0
    with pytest.raises(ValueError, match="gone"):
        value.get()
    assert value.get() == 4
    assert "could not be renewed" in caplog.text
