"""Where a run starts and ends, for every kind of window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boost_collectors.clang_github_tracker.windows import Span, resolve, window_from
from boost_collectors.core.errors import CommandError
from boost_collectors.core.window import Window, WindowMode

SINCE, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
COMMIT, ITEM = datetime(2023, 5, 1, tzinfo=UTC), datetime(2023, 6, 1, tzinfo=UTC)
AFTER = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("window", "span"),
    [
        (Window.between(SINCE, UNTIL), Span(SINCE, SINCE, UNTIL)),
        (Window.between(SINCE, None), Span(SINCE, SINCE, None)),
        (Window.between(None, UNTIL), Span(COMMIT + AFTER, ITEM + AFTER, UNTIL)),
        (Window(), Span(COMMIT + AFTER, ITEM + AFTER, None)),
        (Window(WindowMode.FULL), Span(None, None, None)),
    ],
)
def test_every_window_has_its_span(window: Window, span: Span) -> None:
    assert resolve(window, COMMIT, ITEM) == span


def test_an_empty_table_has_no_start() -> None:
    assert resolve(Window(), None, None) == Span(None, None, None)
    assert resolve(Window(), None, ITEM) == Span(None, ITEM + AFTER, None)
    assert resolve(Window.between(None, UNTIL), None, None) == Span(None, None, UNTIL)


def test_a_start_behind_the_end_is_refused_not_replaced() -> None:
    with pytest.raises(CommandError, match="not before"):
        Window.between(UNTIL, SINCE)


def test_an_end_alone_reads_from_what_is_stored_to_it() -> None:
    until = Window.between(None, UNTIL)
    assert window_from(until, SINCE) == Window.between(SINCE, UNTIL)
    assert window_from(until, None) == until
    assert window_from(until, UNTIL) is window_from(until, UNTIL + AFTER) is None
    assert window_from(Window(), COMMIT) == Window()
    assert window_from(Window.between(SINCE, UNTIL), SINCE) == Window.between(SINCE, UNTIL)


@pytest.mark.parametrize(
    ("span", "marker"),
    [
        (Span(SINCE, ITEM, None), f"{SINCE.isoformat()}|{ITEM.isoformat()}"),
        (Span(SINCE, None, UNTIL), SINCE.isoformat()),
        (Span(None, ITEM, None), ITEM.isoformat()),
        (Span(None, None, UNTIL), None),
    ],
)
def test_the_state_names_the_starts_that_there_are(span: Span, marker: str | None) -> None:
    state = span.state("llvm/llvm-project")
    assert state.checkpoint_token == "clang:llvm/llvm-project"
    assert state.human_readable_marker == marker
    starts = {"start_commit": span.commits, "start_item": span.items}
    assert dict(state.extras) == {name: at and at.isoformat() for name, at in starts.items()}
