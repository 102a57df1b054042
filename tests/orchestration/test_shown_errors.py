"""What Airflow may show of an error, and what it still decides by it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from boost_collectors.core.errors import CollectionSkipped, NetworkError, PermanentError, RateLimited
from boost_collectors.core.settings import Settings
from include.orchestration.retries import ByFailureCategory
from include.orchestration.shown_errors import original, without_secrets_of

SECRET = "a-token-of-no-known-form"


@pytest.fixture
def secretive(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(GITHUB_TOKEN=SECRET)


def raised(settings: Settings, error: Exception, cause: Exception | None = None) -> BaseException:
    """What comes out of the block that ``error`` ends."""
    try:
        with without_secrets_of(settings):
            _fail(error, cause)
    except Exception as shown:
        return shown
    pytest.fail("nothing was raised")


def _fail(error: Exception, cause: Exception | None) -> None:
    try:
        raise cause or KeyError(f"no {SECRET}")
    except Exception as reason:
        if cause is None:
            raise error  # noqa: B904 # an implicit context, which a traceback shows as well
        raise error from reason


@pytest.mark.parametrize("cause", [None, OSError(f"cannot open {SECRET}")])
def test_nothing_of_an_error_shows_a_secret(secretive: Settings, cause: Exception | None) -> None:
    shown = raised(secretive, PermanentError("not done", repair=f"retry --token {SECRET}"), cause)
    text = "".join(traceback.format_exception(shown))
    assert SECRET not in text
    assert "PermanentError: not done (repair: retry --token <redacted>)" in text
    assert ("OSError: cannot open <redacted>" if cause else "KeyError") in text


@pytest.mark.parametrize(
    ("error", "action"), [(NetworkError(SECRET), RetryAction.DEFAULT), (PermanentError(SECRET), RetryAction.FAIL)]
)
def test_a_stand_in_is_tried_again_like_the_error(secretive: Settings, error: Exception, action: RetryAction) -> None:
    shown = raised(secretive, error)
    assert original(shown) is error
    assert ByFailureCategory().evaluate(shown).action is action


@pytest.mark.parametrize(
    "error",
    [
        ValueError("nothing secret"),
        CollectionSkipped(SECRET),
        RateLimited(SECRET, retry_at=datetime(2026, 11, 2, tzinfo=UTC)),
    ],
)
def test_what_has_no_secret_or_is_no_failure_stays(make_settings: Callable[..., Settings], error: Exception) -> None:
    settings = make_settings(GITHUB_TOKEN=SECRET if not isinstance(error, ValueError) else "")
    assert raised(settings, error) is error
