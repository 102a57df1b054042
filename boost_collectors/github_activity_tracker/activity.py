"""What the API tells of one repository, brought into the tables: items, edits, deletions, authors, counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from boost_collectors.core import checkpoints
from boost_collectors.core.window import WindowMode
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.accounts import name_authors
from boost_collectors.github_activity_tracker.api.items import KINDS, Kind
from boost_collectors.github_activity_tracker.item_lists import ItemList
from boost_collectors.github_activity_tracker.models import CountedKind
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from boost_collectors.github_activity_tracker.review_comments import ReviewCommentCheck
from boost_collectors.github_activity_tracker.sweep import Sweep
from boost_collectors.github_activity_tracker.upkeep import CommentEdits, retry_pending

DONE = "done"
"""The checkpoint that says when a repository was read to the end last."""

NOTE_EVERY = timedelta(hours=20)

_COUNTED: dict[str, CountedKind] = {"issues": CountedKind.ISSUES, "pulls": CountedKind.PULL_REQUESTS}


def collect_activity(run: RepositoryRun) -> None:
    """Store what the window asks for; raises as the client does, everything stored so far stays.

    Edited comments are asked for before the items are read, so that what is edited meanwhile is found next time.
    """
    if run.context.window.mode is WindowMode.BACKFILL:
        for kind in KINDS:
            _note_window(run, kind, ItemList(run, kind).reread_window())
    else:
        _advance(run)
    name_authors(run)


def _advance(run: RepositoryRun) -> None:
    edits = {kind: CommentEdits(run, kind) for kind in KINDS}
    for edit in edits.values():
        edit.look()
    lists = {kind: ItemList(run, kind) for kind in KINDS}
    try:
        for items in lists.values():
            items.advance()
    finally:
        for items in lists.values():
            run.counts.add("watermark_lag_seconds", int(items.lag().total_seconds()))
    for edit in edits.values():
        edit.mend()
    retry_pending(run)
    every = timedelta(days=run.context.settings.github_sweep_days)
    sweep, check = (
        Sweep(run, every, {kind: items.source_count for kind, items in lists.items()}),
        ReviewCommentCheck(run),
    )
    if sweep.run_if_due() or edits["pulls"].changed:
        check.compare()
    _note_counts(run, sweep, check.told)


def _note_window(run: RepositoryRun, kind: Kind, count: int) -> None:
    """Keep how many items GitHub has in the run's window against how many are stored."""
    window, now = run.context.window, run.context.clock()
    with run.context.database.session() as session:
        counted = {_COUNTED[kind]: count}
        services.compare(session, run.repo_id, counted, now, since=window.since, until=window.until)


def _note_counts(run: RepositoryRun, sweep: Sweep, review_comments: Mapping[CountedKind, int]) -> None:
    """Keep what GitHub has against what is stored: of items where it changed or is old, of the rest where told."""
    now, counts = run.context.clock(), sweep.counts()
    with run.context.database.session() as session:
        done = checkpoints.load(session, *run.unit(DONE)) or {}
        noted_at = done.get("noted_at")
        if noted_at is None or done["counts"] != counts or datetime.fromisoformat(noted_at) < now - NOTE_EVERY:
            noted_at = now.isoformat()
            for kind, (source, stored) in counts.items():
                services.note_completeness(session, run.repo_id, _COUNTED[kind], source, stored, now)
        services.compare(session, run.repo_id, {**sweep.told, **review_comments}, now)
        cursor = {"at": now.isoformat(), "counts": counts, "noted_at": noted_at}
        checkpoints.save(session, *run.unit(DONE), cursor)
