"""Where a run starts and ends: what its window says, and where that says nothing, what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from boost_collectors.clang_github_tracker.services import start_after_watermark
from boost_collectors.core.protocol_dto import GenericIncrementalState
from boost_collectors.core.window import Window, WindowMode


@dataclass(frozen=True, slots=True)
class Span:
    """The first moment of commits and of items that is asked for, and the moment at which both end; None is open."""

    commits: datetime | None
    items: datetime | None
    end: datetime | None

    def state(self, key: str) -> GenericIncrementalState:
        """The span as the state that a run starts from. ``key`` is ``owner/name``."""
        starts = [start.isoformat() for start in (self.commits, self.items) if start is not None]
        extras = {"start_commit": _text(self.commits), "start_item": _text(self.items)}
        return GenericIncrementalState(f"clang:{key}", "|".join(starts) or None, extras)


def resolve(window: Window, commit_watermark: datetime | None, item_watermark: datetime | None) -> Span:
    """The span of a window. Without a lower bound it starts a millisecond after the latest that is stored.

    A full reading starts nowhere. An incremental one is told its start for the log only: what is new to it is decided
    by the commit graph and by the checkpoints, never by dates.
    """
    if window.since is not None:
        return Span(window.since, window.since, window.until)
    if window.mode is WindowMode.FULL:
        return Span(None, None, None)
    return Span(start_after_watermark(commit_watermark), start_after_watermark(item_watermark), window.until)


def window_from(window: Window, start: datetime | None) -> Window | None:
    """The window to be read, given the start that was resolved; None when nothing lies in it."""
    if window.mode is not WindowMode.BACKFILL or window.since is not None or start is None:
        return window
    assert window.until is not None
    return Window.between(start, window.until) if start < window.until else None


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
