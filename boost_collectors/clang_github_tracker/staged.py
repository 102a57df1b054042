"""Staged files of an earlier version, brought into the tracker's own tables besides the activity store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from boost_collectors.clang_github_tracker import services
from boost_collectors.clang_github_tracker.payload_rows import commit_row, has_number, item_row
from boost_collectors.clang_github_tracker.services import ItemRow
from boost_collectors.core.counts import Counts
from boost_collectors.github_activity_tracker.sync_api import (
    CommitPayload,
    IssueBundle,
    PullRequestBundle,
    StagedIntake,
    StagedKind,
)


class ClangIntake(StagedIntake):
    """Commits go to the tracker's table alone, items also to the activity store, which they are published from.

    A file that names no commit or item is thrown away. A hash of another length is kept, for somebody to look at.
    """

    def is_hopeless(self, kind: StagedKind, content: object, /) -> bool:
        """Whether a file has no hash, or no number."""
        if not isinstance(content, Mapping):
            return False
        if kind is StagedKind.COMMITS:
            sha = content.get("sha")
            return not (isinstance(sha, str) and sha.strip())
        return not has_number(content)

    def store_commits(self, session: Session, payloads: Sequence[CommitPayload]) -> Counts:
        """Store commits. Raises InvalidCommit for a hash that is none."""
        counts = Counts()
        inserted, updated = services.upsert_commits_batch(session, [commit_row(payload) for payload in payloads])
        counts.add("commits", len(payloads))
        counts.add("commits_inserted", inserted)
        counts.add("commits_updated", updated)
        return counts

    def store_issues(self, session: Session, bundles: Sequence[IssueBundle]) -> Counts:
        """Store issues."""
        counts = super().store_issues(session, bundles)
        self._index(session, (item_row(bundle.issue, is_pull_request=False) for bundle in bundles))
        counts.add("issues", len(bundles))
        return counts

    def store_pull_requests(self, session: Session, bundles: Sequence[PullRequestBundle]) -> Counts:
        """Store pull requests."""
        counts = super().store_pull_requests(session, bundles)
        self._index(session, (item_row(bundle.pr, is_pull_request=True) for bundle in bundles))
        counts.add("pull_requests", len(bundles))
        return counts

    def _index(self, session: Session, rows: Iterable[ItemRow]) -> None:
        services.upsert_issue_items_batch(session, rows)
