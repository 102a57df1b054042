"""Reading stored videos again: one unit of quota tells what became of 50."""

from __future__ import annotations

from datetime import timedelta

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.window import WindowMode
from boost_collectors.cppa_youtube_script_tracker import services
from boost_collectors.cppa_youtube_script_tracker.intake import Intake
from boost_collectors.cppa_youtube_script_tracker.source import PAGE_SIZE


def reread(context: RunContext, intake: Intake, counts: Counts) -> None:
    """Bring statistics, titles, descriptions and tags up to date, and mark the videos that YouTube does not show.

    Those that no run has read for YOUTUBE_REREAD_HOURS are read (all of them by a full run), the ones read longest ago
    first; when each was read is stored with it, so that a run which is cut short is gone on with. Raises as the API
    does.
    """
    hours = 0 if context.window.mode is WindowMode.FULL else context.settings.youtube_reread_hours
    before = context.clock() - timedelta(hours=hours)
    while True:
        with context.database.session() as session:
            ids = services.read_before(session, before, PAGE_SIZE)
        if not ids:
            return
        batch = intake.read(ids)
        with context.database.session() as session:
            intake.store(session, batch)
            counts.add("videos_gone", services.mark_gone(session, batch.missing))
            services.mark_read(session, ids, context.clock())
        counts.add("videos_reread", len(ids))
