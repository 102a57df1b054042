"""Commits of the default branch, from a clone that holds nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from boost_collectors.clang_github_tracker import services
from boost_collectors.clang_github_tracker.services import CommitRow
from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import TransientError
from boost_collectors.core.window import WindowMode
from boost_collectors.github_activity_tracker.sync_api import CommitsClone, Frontier, Header

BATCH = 5000
"""How many commits share a transaction."""


class CommitHistory:
    """One run over the history; what it does is added to ``counts``.

    What the branch reaches and the frontier does not is new, whatever its dates. It is read parents before children,
    and the frontier moves with every batch, in the batch's transaction.
    """

    def __init__(self, context: RunContext, clone: CommitsClone, counts: Counts, *, batch: int = BATCH) -> None:
        self._context = context
        self._clone = clone
        self._counts = counts
        self._batch = batch
        self._tips = set(clone.tips().values())

    def collect(self) -> None:
        """Store what the window asks for. Raises what git raises, and TransientError when the run is stopped."""
        if self._context.window.mode is WindowMode.BACKFILL:
            hashes = iter(self._clone.committed_in(self._context.window, self._tips))
            while some := list(islice(hashes, self._batch)):
                self._store(self._clone.headers(some, walk=False), None)
        else:
            self._advance()

    def _advance(self) -> None:
        full = self._context.window.mode is WindowMode.FULL
        with self._context.database.session() as session:
            stored = Frontier.of(checkpoints.load(session, *self._checkpoint)).hashes
        if stored == self._tips and not full:
            return
        frontier = Frontier(() if full else self._clone.existing(stored))
        self._store(self._clone.headers(frontier.revisions(self._tips)), None if full else frontier)
        with self._context.database.session() as session:
            checkpoints.save(session, *self._checkpoint, Frontier(self._tips).cursor())

    def _store(self, commits: Iterator[Header], frontier: Frontier | None) -> None:
        """Store commits batch by batch, and the frontier that reaches them, if one is to move."""
        with self._context.progress.task(f"{self._clone.key} commits", total=None) as task:
            while batch := list(islice(commits, self._batch)):
                if self._context.stop.is_set():
                    raise TransientError(f"{self._clone.key} was left because the run was asked to stop")
                self._store_batch(batch, frontier)
                task.advance(len(batch))

    def _store_batch(self, batch: list[Header], frontier: Frontier | None) -> None:
        with self._context.database.session() as session:
            inserted, updated = services.upsert_commits_batch(session, _rows(batch), batch_size=len(batch))
            if frontier is not None:
                frontier.move_over(batch)
                checkpoints.save(session, *self._checkpoint, frontier.cursor())
        self._counts.add("commits", inserted + updated)
        self._counts.add("commits_inserted", inserted)
        self._counts.add("commits_updated", updated)
        self._counts.add("commits_unchanged", len(batch) - inserted - updated)

    @property
    def _checkpoint(self) -> tuple[str, str]:
        return self._context.command, self._clone.key


def commits_to_read(context: RunContext, clone: CommitsClone) -> bool:
    """Whether the remote's default branch is elsewhere than what is stored; asks the remote, changes nothing."""
    with context.database.session() as session:
        stored = Frontier.of(checkpoints.load(session, context.command, clone.key)).hashes
    return set(clone.remote_refs().tips.values()) != stored


def _rows(commits: Iterable[Header]) -> Iterator[CommitRow]:
    for commit in commits:
        yield CommitRow(commit.hash, commit.authored_at or commit.committed_at, commit.committed_at)
