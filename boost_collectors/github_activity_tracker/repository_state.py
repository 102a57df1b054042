"""Bringing a repository's row up to what GitHub shows, and what is known of it to its present name."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from boost_collectors.core import checkpoints, pending
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.github_activity_tracker import archive, services
from boost_collectors.github_activity_tracker.records import RepositoryState

TakeOver = Callable[[str, str], object]
"""Given the former name and the present one: what else a caller keeps under a repository's name."""


def nothing_of_its_own(_former: str, _key: str) -> None:
    """A caller that keeps nothing under the name."""


def store_state(
    context: RunContext, state: RepositoryState, counts: Counts, take_over: TakeOver = nothing_of_its_own
) -> int:
    """Store the state and return the row's key. Comes first: everything else is stored under today's name.

    A repository that was renamed goes on under its new name, instead of being read anew.
    """
    with context.database.session() as session:
        former = services.stored_key(session, state.id)
        repo_id, found = services.store_repository(session, state, context.clock())
        if former is not None and former != state.key:
            # Folders come first: they are looked for again when the transaction fails.
            take_over(former, state.key)
            _carry_over(context, session, former, state.key)
    counts += found
    return repo_id


def _carry_over(context: RunContext, session: Session, former: str, key: str) -> None:
    archive.move(context.workspace, former, key)
    checkpoints.move(session, context.command, former, key)
    pending.move(session, context.command, former, key)
