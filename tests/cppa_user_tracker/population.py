"""A generated population of accounts, of which it is known whose they are.

Developers use git, GitHub, mailing lists and Slack, some of them chat; committee members write papers and speak in
videos; many people have no more than one account on Reddit or Discord. Names follow a Zipf distribution, so that many
people share one. People misspell their names, shorten and reorder them, marry, use several addresses and handles made
of their names or not, and handles that others use too. Teams and families share a mailbox. Bots, organisations and
offices have accounts and addresses like everybody else.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from boost_collectors.core.database import Database
from boost_collectors.cppa_user_tracker.matching.clusters import Clusters
from boost_collectors.cppa_user_tracker.models import BaseProfile, GithubAccount
from boost_collectors.cppa_user_tracker.services import (
    SeenDiscordProfile,
    SeenGithubAccount,
    SeenRedditUser,
    ensure_discord_profiles,
    ensure_emails,
    ensure_git_authors,
    ensure_github_accounts,
    ensure_mailing_list_profiles,
    ensure_reddit_users,
    ensure_slack_users,
    ensure_wg21_author_profiles,
    ensure_youtube_speakers,
    waiting_proposals,
)

ONSETS = (*"bcdfghjklmnprstvwz", "br", "dr", "fl", "gr", "kl", "st", "tr")
VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "io", "ou")
ENDINGS = ("l", "m", "n", "r", "s", "t", "ck", "nd", "rt", "son", "sky", "ez", "ov")
FREEMAIL = ("gmail.com", "outlook.com", "gmx.de", "yahoo.com", "proton.me")
EVERYBODYS = ("dragon", "shadow", "phoenix", "coder", "cppfan", "ninja", "pixel", "zero", "nova", "matrix")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as a source shows it. ``person`` is whose it is; below nought: nobody's, and like no other."""

    platform: str
    person: int
    key: str = ""
    name: str = ""
    username: str = ""
    emails: tuple[str, ...] = ()
    kind: str = "user"
    is_bot: bool = False


@dataclass(slots=True)
class Human:
    """Somebody with habits."""

    number: int
    first: str
    last: str
    handle: str
    emails: list[str]

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(slots=True)
class Truth:
    """Whose each stored profile is. A row that several people share (git authors of one name) is the first one's."""

    person: dict[int, int] = field(default_factory=dict)

    def quality(self, merged: Iterable[tuple[int, int]]) -> tuple[float, float]:
        """Precision and recall, over pairs of profiles, of (profile, identity) pairs."""
        both: Counter[tuple[int, int]] = Counter()
        found: Counter[int] = Counter()
        for profile, identity in merged:
            both[identity, self.person[profile]] += 1
            found[identity] += 1
        right, claimed = _pairs(both.values()), _pairs(found.values())
        true = _pairs(Counter(person for person in self.person.values() if person >= 0).values())
        return right / claimed if claimed else 1.0, right / true if true else 1.0


class Generator:
    """Makes accounts, person by person; memory does not grow with their number. The same seed makes the same."""

    def __init__(self, people: int, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._people = people
        self._firsts = [self._word(2) for _ in range(1_200)]
        self._lasts = [self._word(3) for _ in range(max(2_000, min(80_000, people // 4)))]
        self._first_weights = list(accumulate(1 / (rank + 8) for rank in range(len(self._firsts))))
        self._last_weights = list(accumulate(1 / (rank + 40) ** 0.9 for rank in range(len(self._lasts))))
        self._hosts = [
            f"{self._word(2)}.{self._pick(('com', 'org', 'io', 'de', 'edu'))}" for _ in range(people // 20 + 20)
        ]
        self._mailbox = ""
        self._mailbox_left = 0
        self._before: Human | None = None
        self._machines = 0
        self._taken: set[tuple[str, str]] = set()

    def accounts(self) -> Iterator[Account]:
        """All accounts of all people, and of what is none."""
        for number in range(self._people):
            human = self._human(number)
            yield from self._accounts_of(human)
            self._before = human
            if self._chance(0.01):
                yield from self._nobodys(human)

    def _human(self, number: int) -> Human:
        first = self._random.choices(self._firsts, cum_weights=self._first_weights)[0].capitalize()
        last = self._random.choices(self._lasts, cum_weights=self._last_weights)[0].capitalize()
        before = self._before
        if before is not None and self._chance(0.004):  # a family with one mailbox
            return Human(number, first, before.last, self._handle(first, before.last), before.emails[:1])
        handle = self._handle(first, last)
        emails = [self._email(first, last, handle) for _ in range(self._random.choice((1, 1, 1, 1, 2, 2, 3)))]
        return Human(number, first, last, handle, list(dict.fromkeys([*emails, *self._team_mailbox()])))

    def _team_mailbox(self) -> list[str]:
        if self._mailbox_left == 0 and self._chance(0.002):
            local = self._pick(("office", "dev-team", f"lab-{self._word(2)}", f"group{self._word(1)}"))
            self._mailbox, self._mailbox_left = f"{local}@{self._pick(self._hosts)}", self._random.randrange(4, 9)
        if self._mailbox_left == 0:
            return []
        self._mailbox_left -= 1
        return [self._mailbox]

    def _handle(self, first: str, last: str) -> str:
        a, b = first.lower(), last.lower()
        if self._chance(0.03):
            return self._pick(EVERYBODYS) + self._pick(("", "", "1", "7", "42"))
        if self._chance(0.35):
            made = self._pick((a[0] + b, a + b, f"{a}.{b}", f"{a}-{b}", a + b[0], b + a[0]))
            return made + self._pick(("", "", "", str(self._random.randrange(100))))
        return self._word(self._pick((2, 3, 3))) + self._pick(("", "", str(self._random.randrange(1000))))

    def _email(self, first: str, last: str, handle: str) -> str:
        host = self._pick(FREEMAIL) if self._chance(0.6) else self._pick(self._hosts)
        a, b = first.lower(), last.lower()
        local = (
            self._pick((handle, handle, f"{a}.{b}", f"{a[0]}{b}", a))
            if host not in FREEMAIL
            else self._pick(
                (handle, handle, f"{a}.{b}{self._random.randrange(1000)}", f"{a[0]}{b}{self._random.randrange(1000)}")
            )
        )
        return f"{self._free(host, local)}@{host}"

    def _accounts_of(self, human: Human) -> Iterator[Account]:
        kind = self._random.random()
        if kind < 0.35:
            yield self._discord(human) if self._chance(0.4) else self._reddit(human)
        elif kind < 0.93:
            yield from self._developer(human)
        else:
            yield from self._committee_member(human)

    def _developer(self, human: Human) -> Iterator[Account]:
        if self._chance(0.4):  # who only reports bugs
            yield self._github(human, 0.3)
            return
        if self._chance(0.9):
            yield self._github(human, 0.95)
        if self._chance(0.55):
            for _ in range(2 if self._chance(0.25) else 1):
                yield self._mail(human)
        if self._chance(0.7):
            yield self._git_author(human)
        if self._chance(0.35):
            yield self._slack(human)
        if self._chance(0.03):
            yield self._discord(human)
        if self._chance(0.02):
            yield self._reddit(human)

    def _committee_member(self, human: Human) -> Iterator[Account]:
        yield Account(
            "wg21", human.number, name=self._spelled(human), emails=self._one(human) if self._chance(0.95) else ()
        )
        if self._chance(0.9):
            yield self._github(human, 0.95)
        if self._chance(0.8):
            yield self._mail(human)
        if self._chance(0.6):
            yield self._slack(human)
        if self._chance(0.07):
            yield Account("youtube", human.number, key=f"UC{human.number:022d}", name=self._spelled(human))

    def _github(self, human: Human, tells_address: float) -> Account:
        shown = self._pick((self._spelled(human),) * 14 + ("", "", "", human.first, human.first, human.handle))
        emails = [email for place, email in enumerate(human.emails) if self._chance(tells_address - 0.1 * place)]
        username = self._free("github", human.handle.replace(".", "-") if self._chance(0.9) else self._word(3))
        return Account("github", human.number, str(human.number + 1), shown, username, tuple(emails))

    def _mail(self, human: Human) -> Account:
        name = self._spelled(human) if self._chance(0.95) else human.handle
        return Account("mailing_list", human.number, name=name, emails=self._one(human))

    def _git_author(self, human: Human) -> Account:
        name = self._pick((self._spelled(human),) * 17 + (human.handle, human.handle, human.first.lower()))
        return Account("git", human.number, name=name, emails=self._one(human))

    def _slack(self, human: Human) -> Account:
        username = human.handle if self._chance(0.5) else f"{human.first}.{human.last}".lower()
        name = self._spelled(human) if self._chance(0.9) else human.first
        return Account("slack", human.number, f"U{human.number:09d}", name, username, self._one(human))

    def _discord(self, human: Human) -> Account:
        username = self._free("discord", human.handle if self._chance(0.85) else self._word(3))
        shown = self._pick((human.name, human.name, human.handle, human.first, self._word(2)))
        return Account("discord", human.number, str(10**17 + human.number), shown, username)

    def _reddit(self, human: Human) -> Account:
        username = human.handle if self._chance(0.75) else f"{self._word(3)}{self._random.randrange(100)}"
        return Account("reddit", human.number, username=self._free("reddit", username))

    def _spelled(self, human: Human) -> str:
        """The full name as people happen to write it."""
        kind = self._random.random()
        if kind < 0.02:
            return self._misspelled(human.name)
        if kind < 0.04:
            return f"{human.last}, {human.first}"
        if kind < 0.06:
            return f"{human.first[0]}. {human.last}"
        if kind < 0.075:
            return f"{human.first} {self._pick(self._firsts)[0].upper()}. {human.last}"
        if kind < 0.085:
            return f"{human.first[:3]} {human.last}"
        if kind < 0.09:
            return f"{human.first} {self._pick(self._lasts).capitalize()}"
        return human.name.lower() if kind < 0.12 else human.name

    def _misspelled(self, name: str) -> str:
        place = self._random.randrange(1, len(name) - 1)
        way = self._random.randrange(3)
        if way == 0:
            return name[:place] + name[place + 1 :]
        if way == 1:
            return name[:place] + name[place] + name[place:]
        return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]

    def _nobodys(self, human: Human) -> Iterator[Account]:
        """What is no person, near one: with its address, or with a name like others."""
        self._machines += 1
        number = -self._machines * 10
        host = self._pick(self._hosts)
        word = self._word(3)
        yield Account(
            "github", number, str(10**9 + self._machines), word.capitalize(), word, (human.emails[0],), "organization"
        )
        yield Account("github", number - 1, str(2 * 10**9 + self._machines), "", f"{word}-bot", (f"ci@{host}",))
        yield Account("mailing_list", number - 2, name="Build Server", emails=(f"builds@{host}",))
        yield Account("git", number - 3, name=f"{word} bot", emails=(human.emails[0],))
        yield Account("discord", number - 4, str(10**18 + self._machines), human.name, human.handle, is_bot=True)
        yield Account("mailing_list", number - 5, name=f"{word.capitalize()} Webmaster", emails=(f"webmaster@{host}",))

    def _free(self, platform: str, username: str) -> str:
        """The name, or one like it that nobody on the platform has."""
        while (platform, username) in self._taken:
            username += str(self._random.randrange(10))
        self._taken.add((platform, username))
        return username

    def _one(self, human: Human) -> tuple[str]:
        """The first address mostly."""
        return (human.emails[0] if self._chance(0.88) else self._pick(human.emails),)

    def _word(self, syllables: int) -> str:
        parts = (self._pick(ONSETS) + self._pick(VOWELS) for _ in range(syllables))
        return "".join(parts) + (self._pick(ENDINGS) if self._chance(0.6) else "")

    def _pick(self, choices: Sequence[T]) -> T:
        return self._random.choice(choices)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability


def store(database: Database, accounts: Iterable[Account], batch: int = 5_000) -> Truth:
    """Store accounts the way collectors do, and remember whose they are."""
    truth = Truth()
    iterator = iter(accounts)
    while page := list(islice(iterator, batch)):
        with database.session() as session:
            for profile, person in _stored(session, page):
                truth.person.setdefault(profile, person)
    return truth


def _stored(session: Session, accounts: Sequence[Account]) -> Iterator[tuple[int, int]]:
    by_platform: dict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        by_platform[account.platform].append(account)
    for platform, group in by_platform.items():
        yield from _STORE[platform](session, group)


def _github(session: Session, group: Sequence[Account]) -> Iterator[tuple[int, int]]:
    seen = [SeenGithubAccount(int(a.key), a.username, a.name, account_type=a.kind) for a in group]
    ids = ensure_github_accounts(session, seen)
    ensure_emails(session, GithubAccount, [(ids[int(a.key)], email) for a in group for email in a.emails])
    return ((ids[int(a.key)], a.person) for a in group)


def _git(session: Session, group: Sequence[Account]) -> Iterator[tuple[int, int]]:
    ids = ensure_git_authors(session, [_named(a) for a in group])
    return ((ids[_named(a)], a.person) for a in group)


def _mailing_list(session: Session, group: Sequence[Account]) -> Iterator[tuple[int, int]]:
    ids = ensure_mailing_list_profiles(session, [_named(a) for a in group])
    return ((ids[_named(a)], a.person) for a in group)


def _wg21(session: Session, group: Sequence[Account]) -> Iterator[tuple[int, int]]:
    ids = ensure_wg21_author_profiles(session, [_named(a) for a in group])
    return ((ids[_named(a)], a.person) for a in group)


def _slack(session: Session, group: Sequence[Account]) -> Iterator[tuple[int, int]]:
    users = [{"id": a.key, "name": a.username, "real_name": a.name, "profile": {"email": a.emails[0]}} for a in group]
    ids = ensure_slack_users(session, users)
    return ((ids[a.key], a.person) for a in group)


def _discord(session: Session, group: Sequence[Account]) -> Iterator[tuple[int, int]]:
    seen = [SeenDiscordProfile(int(a.key), a.username, a.name, is_bot=a.is_bot) for a in group]
    ids = ensure_discord_profiles(session, seen)
    return ((ids[int(a.key)], a.person) for a in group)


def _reddit(session: Session, group: Sequence[Account]) -> Iterator[tuple[int, int]]:
    ids = ensure_reddit_users(session, [SeenRedditUser(a.username) for a in group])
    return ((ids[a.username], a.person) for a in group if a.username in ids)


def _youtube(session: Session, group: Sequence[Account]) -> Iterator[tuple[int, int]]:
    ids = ensure_youtube_speakers(session, [(a.key, a.name) for a in group])
    return ((ids[a.key], a.person) for a in group)


_STORE = {
    "github": _github, "git": _git, "mailing_list": _mailing_list, "wg21": _wg21, "slack": _slack,
    "discord": _discord, "reddit": _reddit, "youtube": _youtube,
}  # fmt: skip


def merged(database: Database, links: Iterable[tuple[int, int]] = ()) -> Iterator[tuple[int, int]]:
    """(profile, person) of all profiles that are somebody's; ``links`` would make the people of two profiles one."""
    with database.session() as session:
        persons = {row[0]: row[1] for row in session.execute(select(BaseProfile.id, BaseProfile.identity_id))}
    groups = Clusters(max(persons, default=0) + 1)
    first: dict[int, int] = {}
    for profile, person in persons.items():
        groups.join(profile, first.setdefault(person, profile) if person else profile)
    for one, other in links:
        groups.join(one, other)
    return ((profile, groups.find(profile)) for profile in persons)


def proposed(database: Database) -> list[tuple[int, int]]:
    """The two profiles of every proposal that waits."""
    with database.session() as session:
        return [(side[0][0], side[1][0]) for side in (each.sides for each in waiting_proposals(session))]


def _named(account: Account) -> tuple[str, str]:
    return account.name, account.emails[0] if account.emails else ""


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
