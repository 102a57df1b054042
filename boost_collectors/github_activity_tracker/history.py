"""Bringing one repository's stored history up to what its clone holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from boost_collectors.core import checkpoints
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import TransientError
from boost_collectors.core.git import GitError
from boost_collectors.core.window import WindowMode
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.frontier import Frontier
from boost_collectors.github_activity_tracker.git import Commit, read_commits
from boost_collectors.github_activity_tracker.models import CountedKind
from boost_collectors.github_activity_tracker.source import Clone

BATCH_COMMITS = 1000
"""How many commits share a transaction."""

BATCH_CHARACTERS = 16 << 20
"""How much text does: a batch ends early when its messages and patches reach this."""


class UnreadableCommit(GitError):
    """The clone lacks something that a commit needs."""


class RepositoryHistory:
    """One run over one repository; what it does is added to ``counts``.

    The *frontier* is a set of commits that reach exactly what is stored. What branches and tags reach and the
    frontier does not is new; it is read parents before children, so that the frontier can move with every batch,
    in the batch's transaction. A run may die anywhere, and no date decides what is new.
    """

    def __init__(self, context: RunContext, clone: Clone, counts: Counts) -> None:
        self._context = context
        self._clone = clone
        self._counts = counts
        self._tips = clone.tips()
        self._frontier = Frontier()

    def collect(self) -> None:
        """Store what the window asks for. Raises UnreadableCommit, and TransientError when the run is stopped."""
        with self._context.database.session() as session:
            self._repo_id = services.ensure_repository(session, *self._name)
        if self._context.window.mode is WindowMode.BACKFILL:
            self._reread_window()
        else:
            self._advance()

    def _reread_window(self) -> None:
        hashes = self._clone.committed_in(self._context.window, set(self._tips.values()))
        for batch in self._batches(hashes, walk=False):
            with self._context.database.session() as session:
                self._counts += services.store_commits(session, self._repo_id, batch)
        window, now = self._context.window, self._context.clock()
        counted = {CountedKind.COMMITS: len(hashes)}
        with self._context.database.session() as session:
            services.update_file_states(session, self._repo_id, self._clone.files())
            services.compare(session, self._repo_id, counted, now, since=window.since, until=window.until)

    def _advance(self) -> None:
        full = self._context.window.mode is WindowMode.FULL
        with self._context.database.session() as session:
            stored = Frontier.of(checkpoints.load(session, *self._checkpoint)).hashes
            refs = services.live_refs(session, *self._name)
        if not full and refs == self._tips and stored == set(refs.values()):
            return
        self._frontier = Frontier(() if full else self._clone.existing(stored))
        revisions = self._frontier.revisions(set(self._tips.values()))
        for batch in self._batches(revisions, walk=True):
            self._store(batch, move_checkpoint=not full)
        self._conclude(refs, before=stored | set(refs.values()), everything=full)

    def _store(self, batch: Sequence[Commit], *, move_checkpoint: bool) -> None:
        self._frontier.move_over(batch)
        with self._context.database.session() as session:
            self._counts += services.store_commits(session, self._repo_id, batch)
            if move_checkpoint:
                checkpoints.save(session, *self._checkpoint, self._frontier.cursor())

    def _conclude(self, refs: dict[str, str], *, before: set[str], everything: bool) -> None:
        """Everything is stored: say so, together with what the move of branches and tags took away."""
        now = self._context.clock()
        rewrites = self._rewrites(refs)
        tips = set(self._tips.values())
        lost = before - tips
        unknown = everything or self._clone.existing(lost) != lost
        count = self._clone.count(sorted(tips))
        with self._context.database.session() as session:
            moved = services.store_refs(session, self._repo_id, self._tips, now)
            self._counts.add("refs_moved", moved)
            self._counts.add("rewrites", services.add_rewrites(session, self._repo_id, rewrites, now))
            if unknown:
                kept = self._clone.reachable(tips)
                gone = services.mark_gone_except(session, self._repo_id, kept, now)
            else:
                left = self._clone.reachable([*sorted(lost), *(f"^{hash}" for hash in sorted(tips))]) if lost else ()
                gone = services.mark_gone(session, self._repo_id, left, now)
            self._counts.add("commits_gone", gone)
            services.update_file_states(session, self._repo_id, self._clone.files())
            checkpoints.save(session, *self._checkpoint, Frontier(tips).cursor())
            services.compare(session, self._repo_id, {CountedKind.COMMITS: count}, now)

    def _rewrites(self, refs: dict[str, str]) -> list[services.Rewrite]:
        """The refs whose new tip does not contain their old one."""
        moved = [(name, old, self._tips[name]) for name, old in refs.items() if self._tips.get(name, old) != old]
        known = self._clone.existing({old for _, old, _ in moved})
        return [
            services.Rewrite(name, old, new)
            for name, old, new in moved
            if old not in known or not self._clone.is_ancestor(old, new)
        ]

    def _batches(self, revisions: Sequence[str], *, walk: bool) -> Iterator[list[Commit]]:
        total = self._clone.count(revisions) if walk else len(revisions)
        if not total:
            return
        with self._context.progress.task(self._clone.key, total=total) as task:
            for batch in batches(self._commits(revisions, walk=walk)):
                if self._context.stop.is_set():
                    raise TransientError(f"{self._clone.key} was left because the run was asked to stop")
                yield batch
                task.advance(len(batch))

    def _commits(self, revisions: Sequence[str], *, walk: bool) -> Iterator[Commit]:
        read = 0
        try:
            for commit in read_commits(self._clone.git, revisions, walk=walk):
                yield commit
                read += 1
        except GitError as exc:
            hash = self._clone.nth(revisions, read) if walk else revisions[read]
            message = f"commit {hash} of {self._clone.key} cannot be read: {exc}"
            raise UnreadableCommit(message, returncode=exc.returncode) from exc

    @property
    def _name(self) -> tuple[str, str]:
        owner, _, name = self._clone.key.partition("/")
        return owner, name

    @property
    def _checkpoint(self) -> tuple[str, str]:
        return self._context.command, self._clone.key


def batches(commits: Iterable[Commit]) -> Iterator[list[Commit]]:
    """Lists of commits that are stored together: bounded in number and in text."""
    batch: list[Commit] = []
    size = 0
    for commit in commits:
        batch.append(commit)
        size += commit.size
        if len(batch) >= BATCH_COMMITS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
