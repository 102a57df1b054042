"""Staged files of an earlier version or of callers of ``sync_api``: stored, archived, removed.

The collector itself stages nothing. A crash between the steps leaves the file, and importing it again changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.core.workspace import read_json
from boost_collectors.github_activity_tracker import archive, services
from boost_collectors.github_activity_tracker import workspace_paths as paths
from boost_collectors.github_activity_tracker.commit_conversion import commit_from_payload
from boost_collectors.github_activity_tracker.conversion import (
    actor_of,
    issue_from_payload,
    pull_request_from_payload,
)
from boost_collectors.github_activity_tracker.payloads import (
    CommitPayload,
    GitHubApiValidationError,
    IssueBundle,
    Payload,
    PullRequestBundle,
    parse_commit,
    parse_issue_bundle,
    parse_pr_bundle,
    to_mapping,
)
from boost_collectors.github_activity_tracker.records import Actor

BATCH = 200
"""How many files share a transaction."""

QUARANTINED = ".bad"
"""What is added to the name of a file that is no JSON, so that no later run stumbles over it."""

P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class _File(Generic[P]):
    path: Path
    payload: P


class StagedKind(StrEnum):
    """What a staged file holds, by the folder it is in."""

    COMMITS = "commits"
    ISSUES = "issues"
    PULL_REQUESTS = "prs"


class StagedIntake:
    """What becomes of staged files: rows of the store. A command that keeps more derives from it.

    The methods that store are called in a transaction of a batch; a SourceError or DBAPIError from one leaves out the
    file that caused it, and nothing else.
    """

    def __init__(self, context: RunContext, owner: str, name: str) -> None:
        self.context = context
        self.repository = (owner, name)

    def is_hopeless(self, _kind: StagedKind, _content: object, /) -> bool:
        """Whether a file can never be stored and is only thrown away."""
        return False

    def store_commits(self, session: Session, payloads: Sequence[CommitPayload]) -> Counts:
        """Store commits with their authors and files."""
        counts = services.remember_authors(session, dict(_named_authors(payloads)), self.context.clock())
        repo_id = services.ensure_repository(session, *self.repository)
        counts += services.store_commits(session, repo_id, [commit_from_payload(payload) for payload in payloads])
        return counts

    def store_issues(self, session: Session, bundles: Sequence[IssueBundle]) -> Counts:
        """Store issues; those without an id are archived only."""
        repo_id = services.ensure_repository(session, *self.repository)
        issues = [issue_from_payload(bundle) for bundle in bundles if bundle.issue.id is not None]
        return services.store_issues(session, repo_id, issues) if issues else Counts()

    def store_pull_requests(self, session: Session, bundles: Sequence[PullRequestBundle]) -> Counts:
        """Store pull requests; those without an id are archived only."""
        repo_id = services.ensure_repository(session, *self.repository)
        pulls = [pull_request_from_payload(bundle) for bundle in bundles if bundle.pr.id is not None]
        return services.store_pull_requests(session, repo_id, pulls) if pulls else Counts()


@dataclass(frozen=True, slots=True)
class _Kind(Generic[P]):
    """How files of a kind are found and read; ``store`` writes payloads, ``save`` archives one."""

    name: StagedKind
    staged: Callable[..., Iterator[Path]]
    parse: Callable[..., P]
    store: Callable[[StagedIntake, Session, Sequence[P]], Counts]
    save: Callable[..., None]


def import_staged(intake: StagedIntake) -> Counts:
    """Import what is staged of a repository. Returns what was written, ``staged_imported`` and ``staged_bad``.

    A file that cannot be used is logged, and does not stop the others: one that is no JSON is renamed, one that
    the intake calls hopeless is removed (``staged_discarded``), any other stays. Raises ValueError for unsafe names,
    and what the database raises when it is not there.
    """
    counts = Counts()
    importing = _Import(intake, counts)
    importing.run(_COMMITS)
    importing.run(_ISSUES)
    importing.run(_PULLS)
    return counts


class _Import:
    def __init__(self, intake: StagedIntake, counts: Counts) -> None:
        self._intake = intake
        self._context = intake.context
        self._repository = intake.repository
        self._counts = counts

    def run(self, kind: _Kind[P]) -> None:
        staged = kind.staged(*self._repository, workspace=self._context.workspace)
        readable = (file for path in staged if (file := self._read(kind, path)) is not None)
        while batch := list(islice(readable, BATCH)):
            self._import(kind, batch)

    def _read(self, kind: _Kind[P], path: Path) -> _File[P] | None:
        try:
            content = read_json(path)
            if self._intake.is_hopeless(kind.name, content):
                self._discard(path)
                return None
            return _File(path, kind.parse(content, source=path.name))
        except (GitHubApiValidationError, OSError) as error:
            self._bad(path, error)
        except ValueError as error:
            self._bad(path, error)
            path.replace(path.with_name(path.name + QUARANTINED))
        return None

    def _import(self, kind: _Kind[P], files: Sequence[_File[P]]) -> None:
        """Store files together; when one of them is refused, halves of them, until only that one is left out."""
        try:
            self._store(kind, [file.payload for file in files])
        except (SourceError, DBAPIError) as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            if len(files) == 1:
                self._bad(files[0].path, error)
                return
            middle = len(files) // 2
            self._import(kind, files[:middle])
            self._import(kind, files[middle:])
            return
        for file in files:
            self._archive(kind, file)

    def _store(self, kind: _Kind[P], payloads: Sequence[P]) -> None:
        with self._context.database.session() as session:
            written = kind.store(self._intake, session, payloads)
        self._counts += written

    def _archive(self, kind: _Kind[P], file: _File[P]) -> None:
        """The last steps of a file that is stored. Where it cannot be archived it stays, for the next run."""
        try:
            kind.save(*self._repository, to_mapping(file.payload), workspace=self._context.workspace)
            file.path.unlink()
        except OSError as error:
            self._bad(file.path, error)
        else:
            self._counts.add("staged_imported")

    def _discard(self, path: Path) -> None:
        path.unlink()
        self._counts.add("staged_discarded")
        self._context.log.error("The staged file %s names no commit or item and is removed", path)

    def _bad(self, path: Path, error: Exception) -> None:
        self._counts.add("staged_bad")
        self._context.log.error("The staged file %s was not imported: %s", path, error)


def _named_authors(payloads: Iterable[CommitPayload]) -> Iterator[tuple[str, Actor]]:
    for payload in payloads:
        actor, signature = actor_of(payload.author), payload.commit.author
        if actor is not None and signature is not None and signature.email:
            yield signature.email.strip(), actor


_COMMITS = _Kind(
    StagedKind.COMMITS,
    paths.iter_existing_commit_jsons,
    parse_commit,
    lambda intake, session, payloads: intake.store_commits(session, payloads),
    archive.save_commit_raw_source,
)
_ISSUES = _Kind(
    StagedKind.ISSUES,
    paths.iter_existing_issue_jsons,
    parse_issue_bundle,
    lambda intake, session, bundles: intake.store_issues(session, bundles),
    archive.save_issue_raw_source,
)
_PULLS = _Kind(
    StagedKind.PULL_REQUESTS,
    paths.iter_existing_pr_jsons,
    parse_pr_bundle,
    lambda intake, session, bundles: intake.store_pull_requests(session, bundles),
    archive.save_pr_raw_source,
)
