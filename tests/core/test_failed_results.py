"""What a caller is told to do when a run left units undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy.exc

from boost_collectors.core.collectors import GenericTrackerResult, failed_result_error
from boost_collectors.core.errors import (
    AlreadyRunning,
    CollectorError,
    NetworkError,
    PermanentError,
    RateLimited,
    SourceError,
    TransientError,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LOST = sqlalchemy.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection"))


class Collector:
    """A collector whose run has ended, as far as the error is concerned."""

    name = "run_weather_tracker"

    def __init__(self, failures: dict[str, Exception]) -> None:
        self.failures = failures


def _error(**failures: Exception) -> CollectorError:
    result = GenericTrackerResult.failed(*(f"{unit}: {exc}" for unit, exc in failures.items()))
    return failed_result_error(Collector(failures), result)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (NetworkError("down"), TransientError),
        (AlreadyRunning("taken"), TransientError),
        (ConnectionResetError("reset"), TransientError),
        (LOST, TransientError),
        (SourceError("nonsense"), PermanentError),
        (ZeroDivisionError("a bug"), PermanentError),
    ],
)
def test_the_error_says_whether_another_try_helps(failure: Exception, kind: type[CollectorError]) -> None:
    assert type(_error(oslo=failure)) is kind


def test_one_unit_that_may_succeed_is_worth_another_try() -> None:
    assert type(_error(oslo=SourceError("nonsense"), bergen=NetworkError("down"))) is TransientError


def test_a_limit_is_waited_for_until_the_last_one_ends() -> None:
    later = NOW + timedelta(hours=1)
    error = _error(oslo=RateLimited("a", retry_at=NOW), bergen=RateLimited("b", retry_at=later))
    assert isinstance(error, RateLimited)
    assert error.retry_at == later


def test_the_message_names_the_units_and_the_command_that_repairs_them() -> None:
    message = str(_error(oslo=NetworkError("down"), bergen=SourceError("nonsense")))
    assert "oslo: down; bergen: nonsense" in message
    assert "python -m boost_collectors run_weather_tracker --only oslo --only bergen" in message


def test_hundreds_of_failed_units_do_not_drown_the_message() -> None:
    message = str(_error(**{f"unit{number}": NetworkError("down") for number in range(300)}))
    assert "unit9: down; and 290 more" in message
    assert len(message) < 500
