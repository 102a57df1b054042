"""The hand-made data: ``accounts.yaml`` and one ``<owner>/<repository>.yaml`` for each repository.

``accounts.yaml`` lists accounts and which token is whose. A repository's file has its metadata, its labels and its
items. An item's ``by: null`` is a deleted account. ``many`` makes a long conversation out of a count. ``head`` and
``commit`` name commits of the git sample of the same repository, or are hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from include.sandbox.git_store import RepositoryStore
from include.sandbox.github.clock import normal
from include.sandbox.github.model import Account, Comment, Content, Item, Label, Pull, Review, ReviewComment, Thread
from include.sandbox.github.repository import Repository
from include.sandbox.github.world import World


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Said(_Part):
    by: str | None
    at: datetime
    text: str = ""
    edited: datetime | None = None
    id: int | None = None


class _ReviewSample(_Said):
    state: str = "COMMENTED"


class _LineComment(_Said):
    review: int | None = None


class _ThreadSample(_Part):
    file: str
    line: int | None = None
    original_line: int | None = None
    diff_hunk: str = "@@ -1 +1 @@\n-old\n+new"
    resolved_by: str | None = None
    outdated: bool = False
    comments: tuple[_LineComment, ...]


class _Many(_Part):
    count: int
    by: tuple[str, ...]
    start: datetime
    minutes: int = 10


class _PullSample(_Part):
    head: str = ""
    base: str = ""
    branch: str = "feature"
    draft: bool = False
    merged: datetime | None = None
    merged_by: str | None = None
    commit: str | None = None


class _ItemSample(_Part):
    number: int
    title: str
    by: str | None
    at: datetime
    text: str = ""
    updated: datetime | None = None
    closed: datetime | None = None
    reason: str | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    locked: bool = False
    comments: tuple[_Said, ...] = ()
    many: _Many | None = None
    pull: _PullSample | None = None
    reviews: tuple[_ReviewSample, ...] = ()
    threads: tuple[_ThreadSample, ...] = ()


class _LabelSample(_Part):
    color: str = "ededed"
    description: str | None = None


class _RepositorySample(_Part):
    id: int
    facts: dict[str, Any] = Field(default_factory=dict)
    labels: dict[str, _LabelSample] = Field(default_factory=dict)
    items: tuple[_ItemSample, ...] = ()


def load_samples(world: World, folder: Path, store: RepositoryStore) -> dict[str, str]:
    """Put every sample into the world; what comes back are the declared tokens with their logins."""
    accounts = folder / "accounts.yaml"
    read = yaml.safe_load(accounts.read_text(encoding="utf-8")) if accounts.exists() else {}
    for row in read.get("accounts", ()):
        world.add_account(Account(**{**row, "emails": tuple(row.get("emails", ()))}))
    for path in sorted(folder.glob("*/*.yaml")):
        _Loader(world, store, path).load()
    return dict(read.get("tokens", {}))


class _Loader:
    def __init__(self, world: World, store: RepositoryStore, path: Path) -> None:
        self._world, self._store = world, store
        self._sample = _RepositorySample.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        owner = world.login(path.parent.name, "Organization")
        facts = {name: _fact(value) for name, value in self._sample.facts.items()}
        self._repository = Repository(
            id=self._sample.id, owner=owner, name=path.stem, git=f"{owner.login}/{path.stem}", **facts
        )

    def load(self) -> None:
        repository = self._world.add_repository(self._repository)
        for place, (name, label) in enumerate(self._sample.labels.items()):
            identity = repository.id * 100 + place
            repository.labels[name] = Label(identity, name, label.color, label.description, repository)
        for item in self._sample.items:
            self._world.place(self._item(item))

    def _item(self, sample: _ItemSample) -> Item:
        base = self._repository.id * 100_000 + sample.number * 1000
        item = Item(
            id=base,
            number=sample.number,
            repository=self._repository,
            title=sample.title,
            body=sample.text,
            author=self._who(sample.by),
            created_at=normal(sample.at),
            updated_at="",
            state="closed" if sample.closed else "open",
            state_reason=sample.reason,
            closed_at=normal(sample.closed) if sample.closed else None,
            labels=sample.labels,
            assignees=tuple(self._world.login(login) for login in sample.assignees),
            locked=sample.locked,
            pull=self._pull(sample.pull, base + 999) if sample.pull else None,
        )
        item.content = self._content(item, sample)
        item.updated_at = normal(sample.updated) if sample.updated else _last(item)
        return item

    def _pull(self, sample: _PullSample, issue_id: int) -> Pull:
        return Pull(
            issue_id,
            head=self._commit(sample.head),
            base=self._commit(sample.base),
            head_branch=sample.branch,
            is_draft=sample.draft,
            merged_at=normal(sample.merged) if sample.merged else None,
            merged_by=self._who(sample.merged_by),
            merge_commit=self._commit(sample.commit) if sample.commit else None,
        )

    def _content(self, item: Item, sample: _ItemSample) -> Content:
        ids = iter(range(item.id + 1, item.id + 999))
        said = [*sample.comments, *_long(sample.many)]
        content = Content([Comment(**self._said(item, row, ids)) for row in said])
        for review in sample.reviews:
            commit = item.pull.head if item.pull else ""
            content.reviews.append(Review(**self._said(item, review, ids), state=review.state, commit=commit))
        for thread in sample.threads:
            self._thread(item, content, thread, ids)
        content.review_comments.sort(key=lambda comment: (comment.created_at, comment.id))
        return content

    def _thread(self, item: Item, content: Content, sample: _ThreadSample, ids: Iterator[int]) -> None:
        thread = Thread(next(ids), item, sample.file, sample.line, sample.resolved_by is not None, sample.outdated)
        thread.resolved_by = self._who(sample.resolved_by)
        content.threads.append(thread)
        first: int | None = None
        for row in sample.comments:
            comment = ReviewComment(
                **self._said(item, row, ids),
                file=sample.file,
                line=sample.line,
                original_line=sample.original_line or sample.line,
                diff_hunk=sample.diff_hunk,
                commit=item.pull.head if item.pull else "",
                review_id=None if row.review is None else content.reviews[row.review].id,
                thread_id=thread.id,
                reply_to=first,
            )
            first = first or comment.id
            content.review_comments.append(comment)

    def _said(self, item: Item, row: _Said, ids: Iterator[int]) -> dict[str, Any]:
        return {
            "id": row.id or next(ids),
            "item": item,
            "author": self._who(row.by),
            "body": row.text,
            "created_at": normal(row.at),
            "updated_at": normal(row.edited or row.at),
        }

    def _who(self, login: str | None) -> Account | None:
        return self._world.login(login) if login else None

    def _commit(self, name: str) -> str:
        try:
            return self._store.commit(self._repository.git, name)
        except KeyError:
            return name


def _long(many: _Many | None) -> Iterator[_Said]:
    for place in range(many.count if many else 0):
        assert many is not None
        at = many.start + timedelta(minutes=place * many.minutes)
        yield _Said(by=many.by[place % len(many.by)], at=at, text=f"Remark {place + 1} of {many.count}.")


def _last(item: Item) -> str:
    times = [child.updated_at for child in item.content.children()]
    merged = item.pull.merged_at if item.pull else None
    return max([item.created_at, item.closed_at or "", merged or "", *times])


def _fact(value: Any) -> Any:
    if isinstance(value, datetime):
        return normal(value)
    return tuple(value) if isinstance(value, list) else value
