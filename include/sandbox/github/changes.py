"""What users do to the world, for tests: everything happens at the clock's time unless a time is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from include.sandbox.github.clock import Clock, Stamp
from include.sandbox.github.model import (
    Account,
    Child,
    Comment,
    Content,
    Item,
    Label,
    Pull,
    Review,
    ReviewComment,
    Thread,
)
from include.sandbox.github.repository import Items, Repository
from include.sandbox.github.world import World

PARTS: dict[str, type[Child]] = {"comment": Comment, "review": Review, "review_comment": ReviewComment}
Part = TypeVar("Part", bound=Child)


class Changes:
    """Each method names a repository as ``owner/name`` and raises LookupError for what is not there.

    ``at`` is a time as GitHub writes it. ``touch=False`` leaves the item's ``updated_at`` as it was, as GitHub does
    for an edited comment.
    """

    def __init__(self, world: World, clock: Clock) -> None:
        self._world, self._clock = world, clock

    def edit_item(self, repository: str, number: int, *, at: Stamp | None = None, **fields: Any) -> Item:
        """Set title, body, state, state_reason, closed_at, labels, locked or ``updated_at`` of an issue or PR.

        ``assignees`` and ``author`` are given as logins (an author None is a deleted account), ``is_draft``, ``head``
        and ``merged_at`` are a pull request's own.
        """
        item = self._own(repository, number)
        item.updated_at = at or self._clock.stamp()
        for name, value in fields.items():
            self._set(item, name, value)
        item.repository.items.touched()
        return item

    def touch(self, repository: str, number: int, at: Stamp | None = None) -> Item:
        """Move an item to the end of the update order without any other change."""
        return self.edit_item(repository, number, at=at)

    def delete_item(self, repository: str, number: int) -> None:
        """From now on the number is 410."""
        self._own(repository, number).repository.items.remove(number)

    def add_item(
        self,
        repository: str,
        title: str = "New",
        *,
        author: str | None = None,
        body: str = "",
        pull: bool = False,
        at: Stamp | None = None,
        **fields: Any,
    ) -> Item:
        """A new issue or pull request with the next number."""
        found, now = self._repository(repository), at or self._clock.stamp()
        who = self._world.login(author) if author else None
        identity = self._world.new_id()
        item = Item(identity, found.items.next_number, found, title, body, who, now, now)
        item.pull = Pull(self._world.new_id(), head="0" * 40, base="0" * 40) if pull else None
        for name, value in fields.items():
            self._set(item, name, value)
        return self._world.place(item)

    def add_comment(
        self, repository: str, number: int, body: str, *, author: str | None = None, at: Stamp | None = None
    ) -> Comment:
        """A new comment in the conversation."""
        return self._said(Comment, repository, number, body, author, at, lambda content: content.comments)

    def add_review(
        self,
        repository: str,
        number: int,
        state: str,
        *,
        body: str = "",
        author: str | None = None,
        at: str | None = None,
    ) -> Review:
        """A new review with its verdict."""
        review = self._said(Review, repository, number, body, author, at, lambda content: content.reviews)
        review.state = state
        review.commit = review.item.pull.head if review.item.pull else ""
        return review

    def add_review_comment(
        self,
        repository: str,
        number: int,
        body: str,
        *,
        file: str = "README.md",
        line: int | None = 1,
        thread: int | None = None,
        author: str | None = None,
        at: Stamp | None = None,
    ) -> ReviewComment:
        """A new comment on a line: in a thread of that id, or in a new one."""
        comment = self._said(
            ReviewComment, repository, number, body, author, at, lambda content: content.review_comments
        )
        content = comment.item.content
        known = next((each for each in content.threads if each.id == thread), None)
        if known is None:
            known = Thread(self._world.new_id(), comment.item, file, line)
            content.threads.append(known)
        earlier = (each for each in content.review_comments if each.thread_id == known.id)
        comment.reply_to = next((each.id for each in earlier), None)
        comment.file, comment.line, comment.original_line = known.file, known.line, known.line
        comment.thread_id = known.id
        self._world.remember(comment.item)
        return comment

    def edit_part(
        self,
        kind: str,
        part_id: int,
        *,
        body: str | None = None,
        at: Stamp | None = None,
        touch: bool = False,
        **fields: Any,
    ) -> Child:
        """Edit a ``comment``, ``review`` or ``review_comment``: its body, its review ``state``."""
        part = self._part(kind, part_id)
        part.updated_at = at or self._clock.stamp()
        part.body = part.body if body is None else body
        for name, value in fields.items():
            setattr(part, name, self._account(value) if name == "author" else value)
        self._after(part.item, part.updated_at if touch else None)
        return part

    def delete_part(self, kind: str, part_id: int, *, touch: bool = True) -> None:
        """Delete a comment, review or review comment; a thread goes with its last comment."""
        part = self._part(kind, part_id)
        content: Content = part.item.content
        content.comments[:] = [each for each in content.comments if each is not part]
        content.reviews[:] = [each for each in content.reviews if each is not part]
        content.review_comments[:] = [each for each in content.review_comments if each is not part]
        alive = {each.thread_id for each in content.review_comments}
        content.threads[:] = [thread for thread in content.threads if thread.id in alive]
        self._after(part.item, self._clock.stamp() if touch else None)

    def resolve_thread(self, thread_id: int, by: str | None) -> Thread:
        """Resolve a thread, or with None open it again."""
        thread = self._world.part(Thread, thread_id)
        if not isinstance(thread, Thread):
            raise LookupError(f"no thread {thread_id}")
        self._world.place(thread.item)
        thread.is_resolved, thread.resolved_by = by is not None, self._account(by)
        return thread

    def transfer(self, repository: str, number: int, to: str) -> Item:
        """Move an issue to another repository: it keeps its id and gets a new number; the old one leads there."""
        item, target = self._own(repository, number), self._repository(to)
        item.repository.items.remove(number)
        item.repository.transferred[number] = item
        item.repository, item.number = target, target.items.next_number
        item.updated_at = self._clock.stamp()
        return self._world.place(item)

    def rename_repository(self, repository: str, name: str, owner: str | None = None) -> Repository:
        """Give it another name or owner; the old name leads there until it is taken again."""
        found = self._repository(repository)
        self._world.drop_repository(found, moved=True)
        found.name, found.owner = name, self._world.login(owner, "Organization") if owner else found.owner
        found.updated_at = self._clock.stamp()
        return self._world.add_repository(found)

    def delete_repository(self, repository: str) -> None:
        """From now on it is 404."""
        self._world.drop_repository(self._repository(repository))

    def recreate_repository(self, repository: str) -> Repository:
        """Delete it and make an empty one of the same name, with another database id."""
        old = self._repository(repository)
        self._world.drop_repository(old)
        now, identity = self._clock.stamp(), self._world.new_id()
        fresh = replace(
            old, id=identity, created_at=now, updated_at=now, pushed_at=now, labels={}, items=Items(), transferred={}
        )
        return self._world.add_repository(fresh)

    def edit_repository(self, repository: str, **fields: Any) -> Repository:
        """Set any facts of a repository: description, stars, languages, archived, pushed_at..."""
        found = self._repository(repository)
        found.updated_at = self._clock.stamp()
        for name, value in fields.items():
            if not hasattr(found, name):
                raise LookupError(f"a repository has no {name}")
            setattr(found, name, value)
        return found

    def add_repository(self, repository: str, **facts: Any) -> Repository:
        """A new, empty repository."""
        owner, _, name = repository.partition("/")
        account, now = self._world.login(owner, "Organization"), self._clock.stamp()
        facts = {"created_at": now, "updated_at": now, "pushed_at": now} | facts
        return self._world.add_repository(Repository(self._world.new_id(), account, name, repository, **facts))

    def add_label(self, repository: str, name: str) -> Label:
        """A new label."""
        found = self._repository(repository)
        return found.labels.setdefault(name, Label(self._world.new_id(), name, repository=found))

    def delete_account(self, login: str) -> None:
        """What it wrote has no author any more. Not for accounts of generated organisations."""
        account = self._account(login)
        if account is None:
            raise LookupError(login)
        self._world.drop_account(account)
        for repository in self._world.repositories():
            for item in [] if repository.items.source else list(repository.items.all()):
                _forget(item, account)

    def rename_account(self, login: str, new: str) -> Account:
        """The same id under another name."""
        account = self._account(login)
        if account is None:
            raise LookupError(login)
        self._world.drop_account(account)
        account.login = new
        return self._world.add_account(account)

    def perform(self, change: Mapping[str, Any]) -> Any:
        """Do what a JSON object says: ``{"do": "delete_item", "repository": "o/r", "number": 1}``."""
        arguments = dict(change)
        name = str(arguments.pop("do", ""))
        method: Callable[..., Any] | None = getattr(self, name, None)
        if method is None or name.startswith("_") or name == "perform":
            raise LookupError(f"no such change: {name}")
        return method(**arguments)

    def _said(
        self,
        kind: type[Part],
        repository: str,
        number: int,
        body: str,
        author: str | None,
        at: Stamp | None,
        parts: Callable[[Content], list[Part]],
    ) -> Part:
        item, now = self._own(repository, number), at or self._clock.stamp()
        part = kind(self._world.new_id(), item, self._account(author), body, now, now)
        parts(item.content).append(part)
        self._after(item, max(now, item.updated_at))
        self._world.remember(item)
        return part

    def _after(self, item: Item, updated: Stamp | None) -> None:
        item.updated_at = updated or item.updated_at
        item.repository.items.put(item)

    def _set(self, item: Item, name: str, value: Any) -> None:
        if name == "author":
            item.author = self._account(value)
        elif name == "assignees":
            item.assignees = tuple(self._world.login(login) for login in value)
        elif name == "labels":
            item.labels = tuple(self.add_label(item.repository.full_name, label).name for label in value)
        elif item.pull and hasattr(item.pull, name):
            setattr(item.pull, name, self._account(value) if name == "merged_by" else value)
        elif hasattr(item, name):
            setattr(item, name, value)
        else:
            raise LookupError(f"an item has no {name}")

    def _account(self, login: str | None) -> Account | None:
        return self._world.login(login) if login else None

    def _repository(self, name: str) -> Repository:
        found = self._world.repository(*name.split("/", 1)) if "/" in name else None
        if found is None:
            raise LookupError(f"no repository {name}")
        return found

    def _own(self, repository: str, number: int) -> Item:
        item = self._repository(repository).items.own(number)
        if item is None:
            raise LookupError(f"no item {repository}#{number}")
        return item

    def _part(self, kind: str, part_id: int) -> Child:
        part = self._world.part(PARTS[kind], part_id)
        if not isinstance(part, Child):
            raise LookupError(f"no {kind} {part_id}")
        part.item.repository.items.put(part.item)
        return part


def _forget(item: Item, account: Account) -> None:
    if item.author is account:
        item.author = None
    for child in item.content.children():
        child.author = None if child.author is account else child.author
    item.assignees = tuple(each for each in item.assignees if each is not account)
    for thread in item.content.threads:
        thread.resolved_by = None if thread.resolved_by is account else thread.resolved_by
    if item.pull and item.pull.merged_by is account:
        item.pull.merged_by = None
