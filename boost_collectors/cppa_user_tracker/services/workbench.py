"""All people on temporary tables: what is compared with what, found by PostgreSQL, so that memory stays flat.

``people`` holds every person's profile in comparable form, ``keys`` the hashes under which it is found, ``links`` the
pairs that scored. Positions number the people in the order of their profile ids.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Boolean, Double, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import Staging, stage
from boost_collectors.cppa_user_tracker.matching.names import CONFLICTS, Tokens, agreement
from boost_collectors.cppa_user_tracker.matching.population import Population
from boost_collectors.cppa_user_tracker.matching.profiles import Profile, RawProfile, key_hash, keys_of, person_of
from boost_collectors.cppa_user_tracker.matching.scoring import Score

PAGE = 4_000
LARGEST_BLOCK = 40
"""What more profiles share than that, tells nobody apart."""
_COMMON = 8
_MAILBOX_OF_SEVERAL = 3
_KINDS = {"link": 0, "address": 1, "handle": 2, "name": 3, "skeleton": 4}

_TEXTS = ("account", "name", "alias", "handles", "addresses", "links")

T = TypeVar("T")
Check = Callable[[], None]

PROFILES = """
    SELECT b.id, b.type, coalesce(g.username, s.username, d.username, r.username, ''),
           coalesce(g.display_name, s.display_name, d.display_name, r.display_name, m.display_name, w.display_name,
                    y.display_name, ''),
           coalesce(w.author_alias, ''), coalesce(g.avatar_url, s.avatar_url, d.avatar_url, ''),
           coalesce(g.github_account_id, 0), coalesce(g.account_type, ''), coalesce(d.is_bot, false), e.emails
    FROM cppa_user_tracker_baseprofile AS b
    LEFT JOIN cppa_user_tracker_githubaccount AS g ON g.baseprofile_ptr_id = b.id
    LEFT JOIN cppa_user_tracker_slackuser AS s ON s.baseprofile_ptr_id = b.id
    LEFT JOIN cppa_user_tracker_discordprofile AS d ON d.baseprofile_ptr_id = b.id
    LEFT JOIN cppa_user_tracker_reddituser AS r ON r.baseprofile_ptr_id = b.id
    LEFT JOIN cppa_user_tracker_mailinglistprofile AS m ON m.baseprofile_ptr_id = b.id
    LEFT JOIN cppa_user_tracker_wg21paperauthorprofile AS w ON w.baseprofile_ptr_id = b.id
    LEFT JOIN cppa_user_tracker_youtubespeaker AS y ON y.baseprofile_ptr_id = b.id
    LEFT JOIN (SELECT base_profile_id, array_agg(email ORDER BY id) AS emails
               FROM cppa_user_tracker_email GROUP BY base_profile_id) AS e ON e.base_profile_id = b.id
    ORDER BY b.id
"""


class Workbench:
    """The temporary tables of one matching. Made by ``opened``."""

    def __init__(self, session: Session, people: Staging, keys: Staging, links: Staging, check: Check) -> None:
        self.session = session
        self.population = Population()
        self._people, self._keys, self._links, self._check = people, keys, links, check

    @property
    def people(self) -> str:
        """The name of the table of people."""
        return self._people.table.name

    @property
    def links(self) -> str:
        """The name of the table of scored pairs."""
        return self._links.table.name

    def take_in(self) -> None:
        """Read all profiles, and learn how common everything is."""
        position = 0
        for page in self.pages(PROFILES):
            found = [(raw, person) for row in page if (person := person_of(raw := _raw(row)))]
            self._people.copy(_as_row(raw, person) for raw, person in found)
            self._keys.copy(_keys_of(found, position), strip_nul=False)
            position += len(found)
            for _, person in found:
                self.population.add(person)
        self.session.execute(text(f"CREATE INDEX ON {self.people} (stage_position)"))
        self._people.analyze()
        self._keys.analyze()
        self._learn()

    def profiles(self) -> Iterator[Profile]:
        """Every person's profile, in the order of positions."""
        for row in self.rows(f"SELECT {_columns('p')} FROM {self.people} AS p ORDER BY p.stage_position"):
            yield _profile(row)

    def pairs(self) -> Iterator[list[tuple[int, int, Profile, Profile]]]:
        """Pages of pairs of people who share a key, as (position, position, profile, profile); each pair once.

        Those who are one person already are left out.
        """
        query = f"""
            WITH useful AS MATERIALIZED (
                SELECT hash FROM {self._keys.table.name} GROUP BY hash HAVING count(*) BETWEEN 2 AND {LARGEST_BLOCK}
            ), pairs AS MATERIALIZED (
                SELECT DISTINCT one.position AS a, other.position AS b
                FROM useful JOIN {self._keys.table.name} AS one USING (hash)
                JOIN {self._keys.table.name} AS other USING (hash)
                WHERE one.position < other.position
            )
            SELECT a, b, {_columns("l")}, {_columns("r")} FROM pairs
            JOIN {self.people} AS l ON l.stage_position = a JOIN {self.people} AS r ON r.stage_position = b
            LEFT JOIN cppa_user_tracker_baseprofile AS lb ON lb.id = l.id
            LEFT JOIN cppa_user_tracker_baseprofile AS rb ON rb.id = r.id
            WHERE lb.identity_id IS NULL OR rb.identity_id IS NULL OR lb.identity_id <> rb.identity_id
        """
        for page in self.pages(query):
            yield [(row[0], row[1], _profile(row[2:10]), _profile(row[10:18])) for row in page]

    def keep(self, scored: Iterable[tuple[int, int, Score]]) -> None:
        """Keep pairs that scored high enough."""
        self._links.copy(
            (left, right, score.value, json.dumps([_plain(piece) for piece in score.evidence]))
            for left, right, score in scored
        )

    def settle(self) -> None:
        """Make the scored pairs ready to be read in order."""
        self._links.analyze()

    def pages(self, query: str, **values: Any) -> Iterator[list[Any]]:
        """The rows of a query in pages, so that the session may be used between two of them."""
        result = self.session.execute(text(query), values, execution_options={"yield_per": PAGE})
        with result:
            for page in result.partitions(PAGE):
                self._check()
                yield list(page)

    def rows(self, query: str, **values: Any) -> Iterator[Any]:
        """The rows of a query, one by one."""
        for page in self.pages(query, **values):
            yield from page

    def _learn(self) -> None:
        keys = self._keys.table.name
        common = f"SELECT hash, count(*) FROM {keys} GROUP BY hash HAVING count(*) > {_COMMON}"
        rivals = f"""
            SELECT hash, max(number) FROM (
                SELECT hash, p.account, count(*) AS number
                FROM {keys} AS k JOIN {self.people} AS p ON p.stage_position = k.position
                WHERE k.kind = {_KINDS["name"]} AND p.account <> ''
                GROUP BY hash, p.account HAVING count(*) > 1) AS accounts
            GROUP BY hash
        """
        mailboxes = f"""
            SELECT hash, array_agg(DISTINCT p.name)
            FROM {keys} AS k JOIN {self.people} AS p ON p.stage_position = k.position
            WHERE k.kind = {_KINDS["address"]} GROUP BY hash HAVING count(DISTINCT p.name) >= {_MAILBOX_OF_SEVERAL}
        """
        self.population.common = {row[0]: row[1] for row in self.rows(common)}
        self.population.rivals = {row[0]: row[1] for row in self.rows(rivals)}
        self.population.shared = frozenset(row[0] for row in self.rows(mailboxes) if _several(row[1]))


@contextmanager
def opened(session: Session, check: Check) -> Iterator[Workbench]:
    """A workbench in the session's transaction. ``check`` is called between pages; what it raises ends the work."""
    people = {**dict.fromkeys(_TEXTS, Text), "gathered": Boolean, "shown": Text}
    keys = {"position": Integer, "kind": SmallInteger, "hash": BigInteger}
    links = {"a": Integer, "b": Integer, "score": Double, "evidence": Text}
    with ExitStack() as stack:
        yield Workbench(
            session,
            stack.enter_context(stage(session, "people", {"id": BigInteger, **people})),
            stack.enter_context(stage(session, "keys", keys)),
            stack.enter_context(stage(session, "links", links)),
            check,
        )


def words(text_: str) -> Tokens:
    """What ``take_in`` wrote as one text."""
    return tuple(text_.split())


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most so many."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _raw(row: Any) -> RawProfile:
    values: list[Any] = [*row[:-1], tuple(row[-1] or ())]
    return RawProfile(*values)


def _as_row(raw: RawProfile, person: Profile) -> tuple[Any, ...]:
    texts = (person.name, person.alias, person.handles, person.addresses, person.links)
    joined = (" ".join(each) for each in texts)
    return (person.id, person.account, *joined, person.gathered, raw.display_name or raw.username)


def _keys_of(found: list[tuple[RawProfile, Profile]], start: int) -> Iterator[tuple[int, int, int]]:
    for position, (_, person) in enumerate(found, start):
        for kind, value in dict.fromkeys(keys_of(person)):
            yield position, _KINDS[kind], key_hash(kind, value)


def _columns(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in ("id", *_TEXTS, "gathered"))


def _profile(values: Any) -> Profile:
    number, account, name, alias, handles, addresses, links, gathered = values
    texts = (words(name), words(alias), words(handles), words(addresses), words(links))
    return Profile(number, account, *texts, gathered)


def _plain(piece: Any) -> dict[str, Any]:
    return {"kind": piece.kind, "value": piece.value, "bits": round(piece.bits, 1)}


def _several(names: list[str]) -> bool:
    """True if so many names cannot be spellings of one or two."""
    people: list[Tokens] = []
    for name in filter(None, map(words, names)):
        if all(_are_two(name, other) for other in people):
            people.append(name)
    return len(people) >= _MAILBOX_OF_SEVERAL


def _are_two(one: Tokens, other: Tokens) -> bool:
    how = agreement(one, other)
    return how in CONFLICTS or (how.value == "unknown" and 1 in (len(one), len(other)))
