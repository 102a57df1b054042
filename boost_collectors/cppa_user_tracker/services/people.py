"""People whom a source knows only by name and mail address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, String, any_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker.models import BaseProfile, Email
from boost_collectors.cppa_user_tracker.services.checks import clean, fitting, table_of
from boost_collectors.cppa_user_tracker.services.directory import (
    EMAIL,
    Found,
    NewProfile,
    add_addresses,
    insert_profiles,
    look_then_write,
)

NameAndEmail = tuple[str, str | None]


@dataclass(slots=True)
class Person:
    """A candidate: ``id`` is None while it is only planned. Addresses are in lower case."""

    id: int | None
    emails: set[str]


Choice = Callable[[Sequence[Person], str], Person | None]
"""Which of the candidates of a name (oldest first) an address belongs to; None for a new person."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a source's people are told apart. ``among`` restricts the candidates; ``alias`` is a second name column.

    ``grows``: a person found may get further addresses. ``new_values`` gives the columns of new rows, from their names.
    """

    model: type[BaseProfile]
    choose: Choice
    new_values: Callable[[Session, Sequence[str]], list[Mapping[str, Any]]]
    among: ColumnElement[bool] | None = None
    alias: str | None = None
    grows: bool = False
    unnamed: str | None = None
    """The name of people without one; None: a name is required."""


@dataclass(slots=True)
class _Plan:
    people: dict[NameAndEmail, Person] = field(default_factory=dict)
    new: list[tuple[Person, str, str]] = field(default_factory=list)
    addresses: list[tuple[Person, str]] = field(default_factory=list)


def ensure_people(session: Session, kind: Kind, requests: Iterable[NameAndEmail]) -> dict[NameAndEmail, Found]:
    """The profile of every (name, address), made where there is none; the keys are the pairs as given.

    Addresses are compared without regard to case. Raises ValueError for an empty name or text that is too long,
    before anything is written.
    """
    wanted = {request: _checked(kind, request) for request in requests}
    if not wanted:
        return {}
    names = {name for name, _ in wanted.values()}
    plan = look_then_write(
        session,
        kind.model,
        lambda: _plan(kind, wanted, _candidates(session, kind, names)),
        lambda plan: not (plan.new or plan.addresses),
    )
    made = _make(session, kind, plan.new)
    add_addresses(session, [(_id(person), email) for person, email in plan.addresses])
    return {request: Found(_id(person), _id(person) in made) for request, person in plan.people.items()}


def _checked(kind: Kind, request: NameAndEmail) -> tuple[str, str]:
    name, email = clean(request[0]) or kind.unnamed, clean(request[1])
    if not name:
        raise ValueError("display_name must not be empty")
    fitting(kind.model, {"display_name": name})
    fitting(Email, {"email": email})
    return name, email


def _candidates(session: Session, kind: Kind, names: Collection[str]) -> dict[str, list[Person]]:
    """People by name, oldest first; those that have a name as alias only when nobody bears it."""
    found = _by_column(session, kind, "display_name", names)
    unknown = [name for name in names if name not in found]
    if kind.alias and unknown:
        found |= _by_column(session, kind, kind.alias, unknown)
    return found


def _by_column(session: Session, kind: Kind, column: str, names: Collection[str]) -> dict[str, list[Person]]:
    table = table_of(kind.model)
    key, name = table.c.baseprofile_ptr_id, table.c[column]
    given = cast(literal(list(names), ARRAY(String())), ARRAY(String()))
    emails = func.array_agg(aggregate_order_by(func.lower(EMAIL.c.email), EMAIL.c.id))
    statement = (
        select(name, key, emails.filter(EMAIL.c.id.is_not(None)))
        .join_from(table, EMAIL, EMAIL.c.base_profile_id == key, isouter=True)
        .where(name == any_(given))
        .group_by(name, key)
        .order_by(key)
    )
    if kind.among is not None:
        statement = statement.where(kind.among)
    people: dict[str, list[Person]] = defaultdict(list)
    for found, profile, addresses in session.execute(statement):
        people[found].append(Person(profile, set(addresses or ())))
    return dict(people)


def _plan(
    kind: Kind, wanted: Mapping[NameAndEmail, tuple[str, str]], candidates: Mapping[str, Sequence[Person]]
) -> _Plan:
    plan = _Plan()
    known = {name: list(people) for name, people in candidates.items()}
    for request, (name, email) in wanted.items():
        people = known.setdefault(name, [])
        person = kind.choose(people, email.lower())
        if person is None:
            person = Person(None, {email.lower()} if email else set())
            people.append(person)
            plan.new.append((person, name, email))
        elif kind.grows and email and email.lower() not in person.emails:
            person.emails.add(email.lower())
            plan.addresses.append((person, email))
        plan.people[request] = person
    return plan


def _make(session: Session, kind: Kind, new: Sequence[tuple[Person, str, str]]) -> set[int]:
    if not new:
        return set()
    values = kind.new_values(session, [name for _, name, _ in new])
    profiles = [NewProfile(row, email) for row, (_, _, email) in zip(values, new, strict=True)]
    ids = insert_profiles(session, kind.model, profiles)
    for (person, _, _), profile in zip(new, ids, strict=True):
        person.id = profile
    return set(ids)


def _id(person: Person) -> int:
    if person.id is None:
        raise RuntimeError("a planned person was not stored")
    return person.id
