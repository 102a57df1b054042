"""Publishing the Markdown of issues and pull requests that changed since they were last published."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.operations.file_ops import write_text
from boost_collectors.core.publishing import PublishTarget
from boost_collectors.core.publishing import publish as publish_files
from boost_collectors.github_activity_tracker.conversion import issue_to_payload, pull_request_to_payload
from boost_collectors.github_activity_tracker.export.files import render
from boost_collectors.github_activity_tracker.export.paths import item_path
from boost_collectors.github_activity_tracker.export.rows import read_items
from boost_collectors.github_activity_tracker.export.stale import detect_stale_titled_paths, stale_among
from boost_collectors.github_activity_tracker.models import ExportKind
from boost_collectors.github_activity_tracker.records import Issue, Item
from boost_collectors.github_activity_tracker.services.exports import (
    DueItem,
    Exported,
    count_due_exports,
    due_exports,
    export_repositories,
    note_exported,
)

BATCH = 20_000
"""Items of one commit: more than any day brings; the first load takes several, so that memory stays bounded."""

PAGE = 200
"""Items whose texts are in memory at a time."""

SUPERPROJECT = "boost"
BOOST_MESSAGE = "chore: update Boost issues/PRs markdown"
CLANG_MESSAGE = "chore: update Clang issues/PRs markdown"


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """What is published where. ``prefixes``: the folder of each repository, by its key; empty for the top.

    ``target`` is None where none is configured.
    """

    target: PublishTarget | None
    prefixes: Mapping[int, str]
    message: str


@dataclass(slots=True)
class _Batch:
    """Items of one commit: where each belongs, and what became of it."""

    items: Sequence[DueItem]
    paths: Mapping[int, str]
    """By place in ``items``."""
    done: list[Exported] = field(default_factory=list)

    @property
    def stale(self) -> set[str]:
        """Paths that were published and are not any more."""
        return {item.path for item in self.items if item.path} - set(self.paths.values())


def boost_target(context: RunContext) -> ExportTarget:
    """The Boost repositories and where they are published: ``boost/`` for the superproject, ``boost.<name>/`` else."""
    settings = context.settings
    target = _target(
        settings.boost_library_tracker_repo_owner,
        settings.boost_library_tracker_repo_name,
        settings.boost_library_tracker_repo_branch,
    )
    with context.database.session() as session:
        names = export_repositories(session, settings.boost_github_owner)
    prefixes = {key: SUPERPROJECT if name == SUPERPROJECT else f"{SUPERPROJECT}.{name}" for key, name in names.items()}
    return ExportTarget(target, prefixes, BOOST_MESSAGE)


def clang_target(context: RunContext) -> ExportTarget:
    """The Clang repository, published without a folder of its own."""
    settings = context.settings
    target = _target(
        settings.clang_github_context_repo_owner,
        settings.clang_github_context_repo_name,
        settings.clang_github_context_repo_branch,
    )
    with context.database.session() as session:
        names = export_repositories(session, settings.clang_github_owner, settings.clang_github_repo)
    return ExportTarget(target, dict.fromkeys(names, ""), CLANG_MESSAGE)


def publish(context: RunContext, export: ExportTarget) -> Counts:
    """Publish what needs it: one commit and one push, none when no file changes; a first load takes several.

    Without a target an error is logged and nothing is done; a dry run only counts. What was pushed is noted after the
    push, so that a run that is killed leaves everything to the next one. Counts ``markdown_published``,
    ``markdown_unchanged``, ``markdown_removed`` and ``markdown_commits``. Raises what ``core.publishing.publish``
    raises.
    """
    counts = Counts()
    if export.target is None:
        context.log.error("Markdown is not published: no target repository is configured")
        return counts
    if context.dry_run:
        return _planned(context, export, export.target.key)
    while True:
        batch = _next_batch(context, export, export.target.key, BATCH)
        if not batch.items:
            return counts
        counts += _publish_batch(context, export, export.target, batch)
        context.log.info("Markdown of %d items is published to %s", len(batch.done), export.target.key)
        if len(batch.items) < BATCH or context.stop.is_set():
            return counts


def write_files(context: RunContext, export: ExportTarget, folder: Path) -> Counts:
    """Write what needs publishing below a folder instead of publishing it; it stays due. Old titles go away there."""
    counts = Counts()
    if export.target is None:
        context.log.error("Markdown is not written: no target repository is configured")
        return counts
    with context.database.session() as session:
        limit = count_due_exports(session, export.target.key, list(export.prefixes))
    batch = _next_batch(context, export, export.target.key, limit)
    for path, content in _rendered(context, batch):
        write_text(folder / path, content.decode())
        counts.add("markdown_written")
    for path in detect_stale_titled_paths(folder, batch.paths.values()):
        (folder / path).unlink(missing_ok=True)
    return counts


def _target(owner: str, repo: str, branch: str) -> PublishTarget | None:
    return PublishTarget(owner, repo, branch) if owner and repo else None


def _planned(context: RunContext, export: ExportTarget, key: str) -> Counts:
    counts = Counts()
    with context.database.session() as session:
        counts.add("markdown_due", count_due_exports(session, key, list(export.prefixes)))
    return counts


def _next_batch(context: RunContext, export: ExportTarget, key: str, limit: int) -> _Batch:
    with context.database.session() as session:
        items = due_exports(session, key, list(export.prefixes), limit)
    paths = {place: _path(item, export.prefixes[item.repo_id]) for place, item in enumerate(items)}
    return _Batch(items, paths)


def _path(item: DueItem, prefix: str) -> str:
    return item_path(item.kind, item.number, item.title, item.created_at, prefix)


def _publish_batch(context: RunContext, export: ExportTarget, target: PublishTarget, batch: _Batch) -> Counts:
    files = _rendered(context, batch)
    first = next(files, None)
    written = 0
    removed: set[str] = set(batch.stale)

    def counted() -> Iterator[tuple[str, bytes]]:
        nonlocal written
        for file in chain([first] if first else [], files):
            written += 1
            yield file

    def chosen(there: Iterator[str]) -> set[str]:
        # What an earlier version, or a run that was killed, left under another title.
        removed.update(stale_among(there, batch.paths.values()))
        return removed

    counts = Counts()
    # A day on which nothing changed asks nothing of the target.
    if first or removed:
        result = publish_files(context, target, counted(), stale=chosen, message=export.message)
        counts.add("markdown_commits", int(result.commit is not None))
        counts.add("markdown_removed", len(removed))
    with context.database.session() as session:
        note_exported(session, target.key, batch.done)
    counts.add("markdown_published", written)
    counts.add("markdown_unchanged", len(batch.done) - written)
    return counts


def _rendered(context: RunContext, batch: _Batch) -> Iterator[tuple[str, bytes]]:
    """The files that are not published as they are, one page of items in memory at a time; ``batch.done`` grows."""
    for start in range(0, len(batch.items), PAGE):
        page = batch.items[start : start + PAGE]
        texts = _texts(context, page)
        for place, item in enumerate(page, start):
            content, path = texts.get((item.kind, item.item_id)), batch.paths[place]
            if content is None:
                continue
            digest = hashlib.sha256(content).hexdigest()
            batch.done.append(Exported(item.repo_id, item.kind, item.number, item.item_updated_at, path, digest))
            if (path, digest) != (item.path, item.content_hash):
                yield path, content


def _texts(context: RunContext, page: Sequence[DueItem]) -> dict[tuple[ExportKind, int], bytes]:
    keys: dict[ExportKind, list[int]] = defaultdict(list)
    for item in page:
        keys[item.kind].append(item.item_id)
    host = context.settings.github_git_url
    found: dict[tuple[ExportKind, int], bytes] = {}
    for kind, ids in keys.items():
        with context.database.session() as session:
            records = read_items(session, kind, ids, host)
        found |= {(kind, key): _text(kind, record) for key, record in records.items()}
    return found


def _text(kind: ExportKind, record: Item) -> bytes:
    payload = issue_to_payload(record) if isinstance(record, Issue) else pull_request_to_payload(record)
    return render(kind, payload).encode("utf-8", "replace")
