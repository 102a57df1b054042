"""One repository: looked into by git, stored in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC

from boost_collectors.boost_usage_tracker import services
from boost_collectors.boost_usage_tracker.checkout import Checkout, scan
from boost_collectors.boost_usage_tracker.records import Scan, SearchResult
from boost_collectors.boost_usage_tracker.services import Candidate, HeaderCatalogue, Tracked
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.git_hosting import Hosting
from boost_collectors.core.window import WindowMode
from boost_collectors.core.workspace import strict_segment
from boost_collectors.github_activity_tracker import services as github
from boost_collectors.github_activity_tracker.records import Actor, RepositoryState

SCANNER = 1
"""To be raised when the scanner sees more than before: then every repository is scanned whole again."""

HISTORY_LIMIT = 1_000_000
"""Kilobytes of the largest repository whose history is fetched to date its files."""


def process(context: RunContext, candidate: Candidate, catalogue: HeaderCatalogue) -> Counts:
    """Scan a waiting repository and store what it uses; after that it waits no longer.

    One in which GitHub's code search knows no include, and that is not known to use Boost, is only tracked.
    """
    with context.database.session() as session:
        known = next(iter(services.tracked_repositories(session, candidate.result.github_id)), None)
    counts = Counts()
    found = _scanned(context, candidate, known, counts)
    now = context.clock()
    with context.database.session() as session:
        repository_id, stored = github.store_repository(session, _state(candidate.result), now)
        counts += stored
        if found is None:
            services.store_without_use(session, repository_id)
        elif found.commit != _standing(context, known):
            counts += services.store_scan(session, repository_id, found, catalogue, now.astimezone(UTC).date(), SCANNER)
        services.drop_candidate(session, candidate.result.github_id)
    counts.add("processed")
    return counts


def _scanned(context: RunContext, candidate: Candidate, known: Tracked | None, counts: Counts) -> Scan | None:
    """What the repository uses; None if nothing, as far as code search knows."""
    if candidate.hinted is False and not (known and known.is_boost_used):
        counts.add("spared_by_hint")
        return None
    with _checkout(context, candidate.result) as checkout:
        commit, standing = checkout.head(), _standing(context, known)
        if not commit or commit == standing:
            counts.add("scans_unchanged", int(bool(commit)))
            return Scan(commit)
        dated = candidate.result.size <= HISTORY_LIMIT
        found = scan(checkout, commit, since=standing, dated=dated)
    counts.add("git_fetches", found.fetches)
    counts.add("files_read", len(found.read))
    counts.add("files_using_boost", len(found.files))
    return found


def _standing(context: RunContext, known: Tracked | None) -> str:
    """The commit whose uses are stored; empty if everything is to be looked at."""
    is_current = known is not None and known.scanner == SCANNER and context.window.mode is not WindowMode.FULL
    return known.scanned_commit if known and is_current else ""


@contextmanager
def _checkout(context: RunContext, result: SearchResult) -> Iterator[Checkout]:
    owner = strict_segment(result.owner, "repository owner")
    folder = context.workspace.path("boost_usage_tracker", "clones", owner)
    name = strict_segment(result.name, "repository name")
    checkout = Checkout(folder / f"{name}.git", result.full_name, Hosting.of(context.settings), context.stop)
    try:
        yield checkout
    finally:
        checkout.remove()


def _state(result: SearchResult) -> RepositoryState:
    owner = Actor(result.owner_id, result.owner, avatar_url=result.owner_avatar, kind=result.owner_kind)
    return RepositoryState(
        id=result.github_id,
        owner=owner,
        name=result.name,
        description=result.description,
        stars=result.stars,
        forks=result.forks,
        created_at=result.created_at,
        updated_at=result.updated_at,
        pushed_at=result.pushed_at,
        default_branch=result.default_branch,
        is_archived=result.is_archived,
        is_partial=True,
    )
