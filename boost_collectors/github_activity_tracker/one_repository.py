"""Issues and pull requests of a single repository, for commands that follow one instead of an organisation.

Rows, archive and checkpoints are those of the store; the checkpoints are the calling command's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import NotFoundError, TransientError
from boost_collectors.core.window import WindowMode
from boost_collectors.github_activity_tracker import catalogue, planning
from boost_collectors.github_activity_tracker.activity import collect_activity
from boost_collectors.github_activity_tracker.records import RepositoryState
from boost_collectors.github_activity_tracker.repository_run import OnStored, RepositoryRun, nothing_more
from boost_collectors.github_activity_tracker.repository_state import store_state

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient


def look_up_repository(client: GitHubClient, key: str) -> RepositoryState:
    """What GitHub tells of ``owner/name``. Raises NotFoundError, TransientError, and as the client does."""
    found = catalogue.some(client, [key])
    if key in found.unread:
        raise TransientError(f"GitHub could not show {key}: {found.unread[key]}")
    state = found.states.get(key)
    if state is None:
        raise NotFoundError(f"GitHub has no repository {key} (any more), or the token may not read it")
    return state


def collect_items(
    context: RunContext,
    client: GitHubClient,
    state: RepositoryState,
    counts: Counts,
    on_stored: OnStored = nothing_more,
) -> None:
    """Store the repository's issues and pull requests that the window asks for; page by page, with the checkpoint.

    ``on_stored(session, items, changed)`` is called in the transaction of every page, with its records and the
    numbers of those whose rows, or rows below them, changed. What is done is added to ``counts`` as it happens.
    Raises as the client does; everything stored so far stays.
    """
    repo_id = store_state(context, state, counts)
    collect_activity(RepositoryRun(context, client, state, repo_id, counts, on_stored=on_stored))


def planned_points(context: RunContext, state: RepositoryState) -> int:
    """The points of quota that ``collect_items`` will take, about."""
    with context.database.session() as session:
        cursors = checkpoints.load_all(session, context.command)
    return planning.estimate(state.key, state, cursors, full=context.window.mode is WindowMode.FULL).points
