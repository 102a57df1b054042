"""The limit of comments in a while."""

from __future__ import annotations

import pytest

from boost_collectors.slack_event_handler.slots import CommentLimit

LIMIT = CommentLimit(2, 100.0)


@pytest.mark.parametrize(
    ("posted", "ahead", "wait"),
    [((990, 995), 0, 91), ((990, 995), 2, 191), ((), 2, 101), ((), 0, 0), ((900, 899), 0, 0), ((900.5, 950), 0, 0)],
)
def test_the_estimate_lets_every_job_ahead_take_its_turn(posted: tuple[float, ...], ahead: int, wait: int) -> None:
    assert LIMIT.estimate(posted, ahead, 1000.0) == wait


def test_a_comment_leaves_the_window_exactly_at_its_end() -> None:
    assert LIMIT.delay([900.0, 950.0], 1000.0) == 0.0
    assert LIMIT.delay([901.0, 950.0], 1000.0) == pytest.approx(1.05)
    assert LIMIT.delay([950.0, 960.0, 970.0], 1000.0) == pytest.approx(60.05)


def test_a_limit_of_none_never_lets_one_through() -> None:
    assert CommentLimit(0, 100.0).delay([], 1000.0) > 0
