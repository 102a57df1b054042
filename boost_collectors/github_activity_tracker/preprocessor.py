"""Issues and pull requests as documents for the vector index, made from what is stored."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from boost_collectors.core.context import RunContext
from boost_collectors.core.document_pages import Page, read_document_pages
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker.conversion import issue_to_payload, pull_request_to_payload
from boost_collectors.github_activity_tracker.documents import Document, build_issue_document, build_pr_document
from boost_collectors.github_activity_tracker.export.rows import read_items
from boost_collectors.github_activity_tracker.models import ExportKind
from boost_collectors.github_activity_tracker.records import Issue, Item
from boost_collectors.github_activity_tracker.services.documents import ChangedItem, find_changed_items
from boost_collectors.github_activity_tracker.services.exports import export_repositories

PAGE_SIZE = 200
"""Items whose texts are in memory at a time."""

_WORDS = {ExportKind.ISSUE: "issue", ExportKind.PULL_REQUEST: "pr"}


def preprocess_issues(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext
) -> tuple[Iterator[Document], bool]:
    """Issues of the Boost repositories that are new, changed or gone since the last sync, or failed then."""
    owner = context.settings.boost_github_owner
    return offer_items(ExportKind.ISSUE, owner, "", failed_ids, final_sync_at, context=context)


def preprocess_prs(
    failed_ids: Sequence[str], final_sync_at: datetime | None, *, context: RunContext
) -> tuple[Iterator[Document], bool]:
    """Pull requests of the Boost repositories, as ``preprocess_issues``."""
    owner = context.settings.boost_github_owner
    return offer_items(ExportKind.PULL_REQUEST, owner, "", failed_ids, final_sync_at, context=context)


def offer_items(
    kind: ExportKind,
    owner: str,
    repo: str,
    failed_ids: Sequence[str],
    final_sync_at: datetime | None,
    *,
    context: RunContext,
) -> tuple[Iterator[Document], bool]:
    """Whole documents of an owner's items, read page by page as they are taken; of one repository when it is named.

    ``failed_ids`` are ``<repo>:issue:<n>`` or ``<repo>:pr:<n>``; others are ignored.
    """
    return _documents(kind, owner, repo, failed_ids, final_sync_at, context), False


def _documents(
    kind: ExportKind, owner: str, repo: str, failed_ids: Sequence[str], since: datetime | None, context: RunContext
) -> Iterator[Document]:
    with context.database.session() as session:
        repositories = export_repositories(session, owner, repo)
    named = _named(kind, repositories, failed_ids)

    def read(session: Session, settings: Settings, after: int) -> Page[int]:
        page = find_changed_items(
            session, kind, list(repositories), since=since, named=named, after=after, limit=PAGE_SIZE
        )
        items = read_items(session, kind, [item.key for item in page], settings.github_git_url)
        documents = (_document(items[found.key], found, repositories[found.repo_id]) for found in page)
        return [document for document in documents if document], page[-1].key if len(page) == PAGE_SIZE else None

    yield from read_document_pages(context, 0, read)


def _document(item: Item, found: ChangedItem, repo: str) -> Document | None:
    where = f"{repo}#{item.number}"
    if isinstance(item, Issue):
        document = build_issue_document(where, issue_to_payload(item), repo)
    else:
        document = build_pr_document(where, pull_request_to_payload(item), repo)
    if document and found.gone:
        return {"gone": True, "metadata": document["metadata"]}
    return document


def _named(
    kind: ExportKind, repositories: Mapping[int, str], failed_ids: Sequence[str]
) -> Mapping[int, Collection[int]]:
    """The numbers that failed before, by the key of their repository."""
    keys = {name.lower(): key for key, name in repositories.items()}
    pattern = re.compile(rf"(?P<repo>[^:]+):{_WORDS[kind]}:(?P<number>[1-9]\d{{0,8}})")
    numbers: defaultdict[int, set[int]] = defaultdict(set)
    for failed in failed_ids:
        match = pattern.fullmatch(failed.strip())
        if match and (key := keys.get(match["repo"].lower())):
            numbers[key].add(int(match["number"]))
    return numbers
