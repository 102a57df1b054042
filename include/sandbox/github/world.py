"""Everything the sandbox's GitHub knows, and where to find it by name or id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from include.sandbox.github.generated import GeneratedItems, GeneratedOrganization
from include.sandbox.github.model import Account, Child, Content, Item, Thread
from include.sandbox.github.repository import Items, Repository

GHOST = Account(10137, "ghost", name="Deleted user", created_at="2008-05-13T06:14:25Z")
NOREPLY = re.compile(r"^(?:(\d+)\+)?(.+)@users\.noreply\.github\.com$")
FIRST_GENERATED_ID = 100_000_000
FIRST_NEW_ID = 90_000_000


class World:
    """Accounts by login, id and commit address; repositories by name and id; items and their parts by id."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._accounts_by_id: dict[int, Account] = {}
        self._accounts_by_email: dict[str, Account] = {}
        self._repositories: dict[str, Repository] = {}
        self._moved: dict[str, int] = {}
        self._places: dict[tuple[str, int], tuple[Repository, int]] = {}
        self._generated: list[tuple[range, GeneratedOrganization]] = []
        self._sources: dict[tuple[str, int], Repository] = {}
        self._deleted: set[str] = set()
        self._next_id = FIRST_NEW_ID
        self._next_generated = FIRST_GENERATED_ID
        self.add_account(GHOST)

    def new_id(self) -> int:
        """A database id that nothing else has."""
        self._next_id += 1
        return self._next_id

    def add_account(self, account: Account) -> Account:
        self._accounts[account.login.lower()] = account
        self._accounts_by_id[account.id] = account
        for email in (*account.emails, account.email):
            if email:
                self._accounts_by_email[email.lower()] = account
        return account

    def drop_account(self, account: Account) -> None:
        """From now on nobody has this name, id or address."""
        self._accounts.pop(account.login.lower(), None)
        self._accounts_by_id.pop(account.id, None)
        for email in [email for email, owner in self._accounts_by_email.items() if owner is account]:
            del self._accounts_by_email[email]

    def account(self, login: str) -> Account | None:
        """The account of this name, whatever its case."""
        known = self._accounts.get(login.lower())
        return known or next(filter(None, (org.account_named(login) for _ids, org in self._generated)), None)

    def account_by_id(self, account_id: int) -> Account | None:
        known = self._accounts_by_id.get(account_id)
        return known or next(filter(None, (org.account_by_id(account_id) for _ids, org in self._generated)), None)

    def account_by_email(self, email: str) -> Account | None:
        """Who GitHub thinks wrote a commit with this address."""
        known = self._accounts_by_email.get(email.lower())
        if known:
            return known
        if private := NOREPLY.match(email):
            return self.account_by_id(int(private[1])) if private[1] else self.account(private[2])
        return next(filter(None, (org.account_by_email(email) for _ids, org in self._generated)), None)

    def accounts(self) -> list[Account]:
        """The stored accounts, deleted ones left out."""
        return [account for account in self._accounts.values() if account is not GHOST]

    def login(self, login: str, kind: str = "User") -> Account:
        """The account of this name, made when it is not there."""
        known = self.account(login)
        return known or self.add_account(Account(self.new_id(), login, kind="Bot" if "[bot]" in login else kind))

    def add_repository(self, repository: Repository) -> Repository:
        self._repositories[repository.full_name.lower()] = repository
        self._moved.pop(repository.full_name.lower(), None)
        self._deleted.discard(repository.full_name.lower())
        return repository

    def drop_repository(self, repository: Repository, *, moved: bool = False) -> None:
        """The name is free again; with ``moved`` it leads to the repository's new place."""
        self._repositories.pop(repository.full_name.lower(), None)
        if moved:
            self._moved[repository.full_name.lower()] = repository.id
        else:
            self._deleted.add(repository.full_name.lower())

    def is_deleted(self, owner: str, name: str) -> bool:
        """Whether there was a repository of this name that is gone."""
        return f"{owner}/{name}".lower() in self._deleted

    def repository(self, owner: str, name: str, *, follow: bool = False) -> Repository | None:
        """The repository of this name; with ``follow`` also one that had it before it was renamed."""
        key = f"{owner}/{name}".lower()
        known = self._repositories.get(key)
        return known or (self.repository_by_id(self._moved[key]) if follow and key in self._moved else None)

    def repository_by_id(self, repository_id: int) -> Repository | None:
        return next((found for found in self.repositories() if found.id == repository_id), None)

    def repositories(self, owner: str | None = None) -> list[Repository]:
        """All repositories, or an account's, by name."""
        found = (row for row in tuple(self._repositories.values()) if owner in (None, row.owner.login))
        return sorted(found, key=lambda row: row.full_name.lower())

    def generate(self, organization: GeneratedOrganization) -> None:
        """Add a generated organisation: its repositories now, everything else when it is asked for."""
        ids = organization.bind(self._next_generated)
        self._next_generated = ids.stop
        self._generated.append((ids, organization))
        self.add_account(organization.account)
        for index in range(organization.repositories):
            repository = organization.repository(index)
            repository.items = Items(GeneratedItems(organization, index, repository))
            self._sources[organization.name, index] = self.add_repository(repository)

    def place(self, item: Item) -> Item:
        """Put an item into its repository and remember the ids of all that is below it."""
        item.repository.items.put(item)
        self._places["item", item.id] = (item.repository, item.number)
        if item.pull:
            self._places["item", item.pull.issue_id] = (item.repository, item.number)
        self.remember(item)
        return item

    def remember(self, item: Item) -> None:
        """Note where the parts of an item are to be found by id."""
        content = item.content
        for child in content.children():
            self._places[type(child).__name__, child.id] = (item.repository, item.number)
        for thread in content.threads:
            self._places["Thread", thread.id] = (item.repository, item.number)

    def item_by_id(self, item_id: int) -> Item | None:
        """An issue or pull request by either of its ids."""
        return self._item_of("item", item_id)

    def part(self, kind: type[Child] | type[Thread], part_id: int) -> Child | Thread | None:
        """A comment, review, review comment or thread by its id."""
        item = self._item_of(kind.__name__, part_id)
        return next((part for part in _parts(item.content, kind) if part.id == part_id), None) if item else None

    def _item_of(self, kind: str, part_id: int) -> Item | None:
        place = self._places.get((kind, part_id)) or self._generated_place(part_id)
        return place[0].items.get(place[1]) if place else None

    def _generated_place(self, part_id: int) -> tuple[Repository, int] | None:
        for ids, organization in self._generated:
            found = organization.place(part_id) if part_id in ids else None
            if found:
                return self._sources[organization.name, found[0]], found[1]
        return None


def _parts(content: Content, kind: type[Child] | type[Thread]) -> Iterator[Child | Thread]:
    return (part for part in (*content.children(), *content.threads) if type(part) is kind)
