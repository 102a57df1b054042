"""Issues and pull requests of the LLVM project as documents for the vector index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.github_activity_tracker.models import ExportKind
from boost_collectors.github_activity_tracker.sync_api import offer_items

NAMESPACE = "github-clang"


def preprocess_issues(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext
) -> tuple[Iterator[dict[str, Any]], bool]:
    """Issues that are new, changed or gone since the last sync, or failed then."""
    return _offered(ExportKind.ISSUE, failed_ids, final_sync_at, context)


def preprocess_prs(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext
) -> tuple[Iterator[dict[str, Any]], bool]:
    """Pull requests, as ``preprocess_issues``."""
    return _offered(ExportKind.PULL_REQUEST, failed_ids, final_sync_at, context)


def _offered(
    kind: ExportKind, failed_ids: Sequence[str], since: datetime | None, context: RunContext
) -> tuple[Iterator[dict[str, Any]], bool]:
    settings = context.settings
    return offer_items(
        kind, settings.clang_github_owner, settings.clang_github_repo, failed_ids, since, context=context
    )
