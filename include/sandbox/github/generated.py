"""Organisations of any size, computed from a seed: an item is made from its number when asked for, never stored."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import gcd
from typing import overload

from include.sandbox.github.clock import Stamp, seconds, stamp
from include.sandbox.github.generated_content import SLOTS, ContentMaker, mixed
from include.sandbox.github.generated_git import history_stream
from include.sandbox.github.model import Account, Item, Kind, Label, Pull
from include.sandbox.github.repository import Key, Repository

BLOCK = 64
LANGUAGES = ("C++", "C", "CMake", "Python", "Shell")
LABELS = ("bug", "enhancement", "documentation", "question", "good first issue")
WORDS = ("overflow", "template", "linker", "allocator", "noexcept", "warning", "build", "iterator", "parser", "header")


@dataclass
class GeneratedOrganization:
    """How big a generated organisation is. The numbers are exact: they are shared out over the repositories.

    With ``superproject`` the first repository has that name, so that the organisation looks like boostorg.
    Every issue has ``comments`` comments, every pull request besides these ``reviews`` reviews and ``threads`` review
    threads of two comments each (at most 20 of each). ``start`` and ``end`` are the first and the last time of
    anything in it.
    """

    name: str = "generated"
    repositories: int = 10
    issues: int = 200
    pull_requests: int = 100
    commits: int = 500
    comments: int = 3
    reviews: int = 3
    threads: int = 1
    accounts: int = 500
    seed: int = 0
    superproject: str = ""
    start: Stamp = "2015-01-01T00:00:00Z"
    end: Stamp = "2026-01-01T00:00:00Z"
    first_id: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if max(self.comments, self.reviews, self.threads) > SLOTS:
            raise ValueError(f"at most {SLOTS} comments, reviews and threads to an item")
        weights = [1 / (index + 4) for index in range(self.repositories)]
        self._issues = _shares(self.issues, weights)
        self._pulls = _shares(self.pull_requests, weights)
        self._commits = _shares(self.commits, weights)
        self._offsets = [0, *accumulate(a + b for a, b in zip(self._issues, self._pulls, strict=True))]

    @classmethod
    def parse(cls, text: str) -> GeneratedOrganization:
        """``repositories=170,issues=60000,name=big``: any fields of the class. Raises ValueError, TypeError."""
        pairs = (part.partition("=") for part in text.split(",") if part.strip())
        fields = {name.strip(): value.strip() for name, _, value in pairs}
        return cls(**{name: int(value) if value.isdecimal() else value for name, value in fields.items()})  # type: ignore[arg-type]

    def bind(self, first_id: int) -> range:
        """Take a range of database ids: one for the organisation, its repositories and accounts, then the items."""
        self.first_id = first_id
        return range(first_id, self._items_from + self._offsets[-1] * ContentMaker.WIDTH + ContentMaker.WIDTH)

    @property
    def account(self) -> Account:
        return Account(self.first_id, self.name, kind="Organization", name=self.name.title(), created_at=self.start)

    @property
    def _items_from(self) -> int:
        return self.first_id + 1 + self.repositories + self.accounts

    def size(self, index: int) -> tuple[int, int, int]:
        """Issues, pull requests and commits of a repository."""
        return self._issues[index], self._pulls[index], self._commits[index]

    def member(self, index: int) -> Account:
        """The account of this number; every fortieth is a bot."""
        bot = index % 40 == 39
        login = f"{self.name}-dev{index}" + ("[bot]" if bot else "")
        emails = (f"dev{index}@{self.name}.example.org",)
        identity = self.first_id + 1 + self.repositories + index
        return Account(identity, login, "Bot" if bot else "User", f"Developer {index}", None, emails)

    def account_named(self, login: str) -> Account | None:
        return self._member_of(re.fullmatch(rf"{re.escape(self.name)}-dev(\d+)(?:\[bot\])?", login, re.IGNORECASE))

    def account_by_email(self, email: str) -> Account | None:
        return self._member_of(re.fullmatch(rf"dev(\d+)@{re.escape(self.name)}\.example\.org", email, re.IGNORECASE))

    def account_by_id(self, account_id: int) -> Account | None:
        index = account_id - self.first_id - 1 - self.repositories
        return self.member(index) if 0 <= index < self.accounts else None

    def _member_of(self, match: re.Match[str] | None) -> Account | None:
        return self.member(int(match[1])) if match and int(match[1]) < self.accounts else None

    def repository_name(self, index: int) -> str:
        """``lib0007``, or that of the superproject."""
        return self.superproject if self.superproject and index == 0 else f"lib{index:04d}"

    def repository(self, index: int) -> Repository:
        """The repository of this number, without its items."""
        name, identity = self.repository_name(index), self.first_id + 1 + index
        labels = {label: Label(identity * 8 + place, label) for place, label in enumerate(LABELS)}
        found = Repository(
            identity,
            self.account,
            name,
            f"{self.name}/{name}",
            created_at=self.start,
            updated_at=self.end,
            pushed_at=self.end,
            description=f"Generated library {index}",
            languages={language: 100_000 >> place for place, language in enumerate(LANGUAGES)},
            license="bsl-1.0",
            labels=labels,
        )
        for label in labels.values():
            label.repository = found
        return found

    def item_id(self, index: int, number: int) -> int:
        """The database id of an item; those of its parts follow."""
        return self._items_from + (self._offsets[index] + number - 1) * ContentMaker.WIDTH

    def place(self, part_id: int) -> tuple[int, int] | None:
        """Repository index and number of the item that has this id, or a part with it."""
        position = (part_id - self._items_from) // ContentMaker.WIDTH
        if not 0 <= position < self._offsets[-1]:
            return None
        index = bisect_right(self._offsets, position) - 1
        return index, position - self._offsets[index] + 1

    @property
    def identity(self) -> str:
        """What the histories follow from."""
        return repr([self.name, self.repositories, self.commits, self.accounts, self.seed, self.start, self.end])

    def history(self, owner: str, name: str) -> Iterable[bytes] | None:
        """The ``git fast-import`` stream of one of the repositories; None for any other."""
        index = self._index_of(name) if owner == self.name else None
        return None if index is None else history_stream(self, index)

    def _index_of(self, name: str) -> int | None:
        match = re.fullmatch(r"lib(\d{4,})", name)
        index = 0 if self.superproject == name else int(match[1]) if match else self.repositories
        return index if index < self.repositories and name == self.repository_name(index) else None

    def chosen(self, *salt: int) -> int:
        """A number that looks random and follows from the seed."""
        return mixed(self.seed, *salt)


class GeneratedItems:
    """The items of one generated repository; see :class:`include.sandbox.github.repository.ItemSource`."""

    def __init__(self, organization: GeneratedOrganization, index: int, repository: Repository) -> None:
        self._organization, self._index, self._repository = organization, index, repository
        self._issues, self._pulls, _commits = organization.size(index)
        self._start = seconds(organization.start)
        self._step = (seconds(organization.end) - self._start) / (len(self) + BLOCK + 1)
        self._maker = ContentMaker(organization.comments, organization.reviews, organization.threads, self._author)

    def __len__(self) -> int:
        return self._issues + self._pulls

    def kind(self, number: int) -> Kind:
        """Pull requests are spread evenly among the numbers."""
        total, pulls = len(self), self._pulls
        return "pull" if number * pulls // total > (number - 1) * pulls // total else "issue"

    def count(self, kind: Kind | None) -> int:
        return {"issue": self._issues, "pull": self._pulls}.get(kind or "", len(self))

    def is_open(self, number: int) -> bool:
        return self._draw(number) % 4 == 0

    def open_count(self) -> int:
        return self._open_count

    @cached_property
    def _open_count(self) -> int:
        return sum(map(self.is_open, range(1, len(self) + 1)))

    def keys(self, order: str) -> Sequence[Key]:
        if order == "comments":
            return [(self._organization.comments, number) for number in range(1, len(self) + 1)]
        return _Computed(self, order)

    def created(self, number: int) -> int:
        return self._start + int((number - 1) * self._step)

    def updated(self, number: int) -> int:
        """Within a block of numbers the last updates come in another order than the numbers."""
        block, place = divmod(number - 1, BLOCK)
        size = self._block_size(block)
        return self._updated_at(block * BLOCK + place * _stride(size) % size)

    def key(self, order: str, rank: int) -> Key:
        """The key at a position of an ascending list."""
        if order == "created":
            return stamp(self.created(rank + 1)), rank + 1
        block, place = divmod(rank, BLOCK)
        size = self._block_size(block)
        number = block * BLOCK + place * pow(_stride(size), -1, size) % size + 1 if size > 1 else rank + 1
        return stamp(self._updated_at(rank)), number

    def item(self, number: int) -> Item:
        draw = self._draw(number)
        created, updated = self.created(number), self.updated(number)
        is_open = self.is_open(number)
        closed = None if is_open else stamp(created + (updated - created) * 3 // 4)
        word = WORDS[draw // 4 % len(WORDS)]
        item = Item(
            id=self._organization.item_id(self._index, number),
            number=number,
            repository=self._repository,
            title=f"{word.title()} problem {number}",
            body=f"Seen with the {word} of release 1.{draw % 90}.\n\n"
            + f"The {word} is not what it was. " * (draw % 12),
            author=self._author(draw),
            created_at=stamp(created),
            updated_at=stamp(updated),
            state="open" if is_open else "closed",
            closed_at=closed,
            labels=(LABELS[draw % 5],) if draw % 3 else (),
            assignees=(self._organization.member(draw // 7 % self._organization.accounts),) if draw % 8 == 0 else (),
            expected_comments=self._organization.comments,
            load=self._maker,
        )
        if self.kind(number) == "pull":
            item.pull = self._pull(item, draw)
        elif not is_open:
            item.state_reason = "not_planned" if draw % 5 == 0 else "completed"
        return item

    def _draw(self, number: int) -> int:
        return self._organization.chosen(self._index, number)

    def _pull(self, item: Item, draw: int) -> Pull:
        head, base = (f"{mixed(draw, salt):016x}" * 3 for salt in (1, 2))
        pull = Pull(item.id + ContentMaker.WIDTH - 1, head[:40], base[:40], f"topic-{item.number}")
        pull.is_draft = item.state == "open" and draw % 16 == 0
        if item.state == "closed" and draw % 3:
            pull.merged_at = item.closed_at
            pull.merged_by = self._organization.member(draw % 3)
            pull.merge_commit = base[8:48]
        return pull

    def _author(self, draw: int) -> Account | None:
        return None if draw % 50 == 49 else self._organization.member(draw // 50 % self._organization.accounts)

    def _block_size(self, block: int) -> int:
        return min(BLOCK, len(self) - block * BLOCK)

    def _updated_at(self, rank: int) -> int:
        return self._start + int((rank + BLOCK) * self._step) + 1


class _Computed(Sequence[Key]):
    def __init__(self, items: GeneratedItems, order: str) -> None:
        self._items, self._order = items, order

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Key: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Key]: ...

    def __getitem__(self, index: int | slice) -> Key | Sequence[Key]:
        if isinstance(index, slice):
            return [self._items.key(self._order, rank) for rank in range(*index.indices(len(self)))]
        return self._items.key(self._order, index)


def _stride(size: int) -> int:
    """A step that visits every place of a block once."""
    return next(step for step in (29, 31, 37, 1) if gcd(step, size) == 1) % size or 1


def _shares(total: int, weights: list[float]) -> list[int]:
    bounds = [round(total * part / sum(weights)) for part in accumulate(weights)]
    return [after - before for before, after in zip([0, *bounds], bounds, strict=False)]
