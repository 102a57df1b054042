"""Submissions and comments out of the archive of raw days: rows made anew without asking Reddit."""

from __future__ import annotations

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError, TransientError
from boost_collectors.core.workspace import read_json, safe_name
from boost_collectors.reddit_activity_tracker.files import SLUG
from boost_collectors.reddit_activity_tracker.importing import UNIT, things_in
from boost_collectors.reddit_activity_tracker.intake import Intake


def rebuild(context: RunContext) -> Counts:
    """Store the things of every day that is kept of the configured subreddits; what is stored stays as it is.

    Raises SourceError naming files that cannot be read, after all others were stored.
    """
    counts, problems = Counts(), list[str]()
    intake = Intake(context, None, UNIT, counts)
    wanted = {safe_name(name).lower() for name in context.settings.reddit_subreddits}
    for path in sorted((context.workspace.raw_root / SLUG).glob("*/????-??-??.json"), key=lambda path: path.name):
        if path.parent.name.lower() not in wanted:
            continue
        if context.stop.is_set():
            raise TransientError(f"asked to stop before replaying {path.name}")
        try:
            intake.take([thing for value in read_json(path) for thing in things_in(value)], known=True)
        except (OSError, ValueError, TypeError) as error:
            problems.append(f"{path}: {error}")
        if refused := intake.refused_lately():
            problems.append(f"{path}: {refused}")
    if problems:
        raise SourceError(f"{len(problems)} raw files are not whole: {'; '.join(problems[:5])}")
    return counts
