"""How profile rows come into being: in bulk, and never twice for one account.

A lookup takes no lock. Whoever finds that a profile is missing (or must change) takes the platform's lock, looks again
and writes; the lock is held until the transaction ends, so keep that short where many processes meet new people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    String,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from boost_collectors.core.database.arrays import rows_of
from boost_collectors.cppa_user_tracker.models import BaseProfile, Email, ProfileType
from boost_collectors.cppa_user_tracker.services.checks import fitting, table_of

BASE = table_of(BaseProfile)
EMAIL = table_of(Email)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Found:
    """A profile's key, and whether the call made it."""

    id: int
    created: bool = False


@dataclass(frozen=True, slots=True)
class NewProfile:
    """A profile to be made: the columns of its platform's table, an address or none, a person or none."""

    values: Mapping[str, Any]
    email: str = ""
    identity_id: int | None = None


def platform_of(model: type[BaseProfile]) -> ProfileType:
    """The platform whose table the model is."""
    return ProfileType(str(model.__mapper__.polymorphic_identity))


def lock(session: Session, model: type[BaseProfile]) -> None:
    """Wait until no other transaction makes profiles of this platform; held until the end of the transaction."""
    name = f"cppa_user_tracker.{platform_of(model)}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


def look_then_write(
    session: Session, model: type[BaseProfile], look: Callable[[], Answer], settled: Callable[[Answer], bool]
) -> Answer:
    """What ``look`` finds; when that is not all there should be, what it finds again under the platform's lock."""
    session.flush()
    answer = look()
    if settled(answer):
        return answer
    lock(session, model)
    return look()


def insert_profiles(session: Session, model: type[BaseProfile], profiles: Sequence[NewProfile]) -> list[int]:
    """Make profiles with all their rows in two statements; their keys in the order given.

    All must name the same columns. The caller holds the platform's lock.
    """
    if not profiles:
        return []
    ids = _new_ids(session, len(profiles))
    table = table_of(model)
    names = list(profiles[0].values)
    arrays: dict[str, tuple[TypeEngine[Any], list[Any]]] = {
        "id": (BigInteger(), ids),
        "identity_id": (BigInteger(), [profile.identity_id for profile in profiles]),
        "email": (String(), [profile.email for profile in profiles]),
    }
    arrays |= {name: (table.c[name].type, [profile.values[name] for profile in profiles]) for name in names}
    given = rows_of(arrays)
    base = insert(BASE).from_select(
        ["id", "type", "identity_id"], select(given.c.id, literal(platform_of(model).value), given.c.identity_id)
    )
    emails = insert(EMAIL).from_select(
        ["base_profile_id", "email", "is_primary"],
        select(given.c.id, given.c.email, literal(True, Boolean())).where(given.c.email != ""),
    )
    # One statement for three tables: foreign keys are deferred, so no order matters.
    session.execute(
        insert(table)
        .from_select(["baseprofile_ptr_id", *names], select(given.c.id, *(given.c[name] for name in names)))
        .add_cte(base.cte("base"), emails.cte("emails"))
    )
    return ids


def update_profiles(session: Session, model: type[BaseProfile], changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Set columns of profiles in one statement; every change names the same columns."""
    if not changes:
        return
    table = table_of(model)
    names = list(next(iter(changes.values())))
    arrays: dict[str, tuple[TypeEngine[Any], list[Any]]] = {"id": (BigInteger(), list(changes))}
    arrays |= {name: (table.c[name].type, [change[name] for change in changes.values()]) for name in names}
    given = rows_of(arrays)
    session.execute(
        update(table)
        .values({**{name: given.c[name] for name in names}, "updated_at": func.now()})
        .where(table.c.baseprofile_ptr_id == given.c.id)
    )


def add_addresses(session: Session, addresses: Sequence[tuple[int, str]]) -> None:
    """Give profiles addresses that they do not have, in one statement; primary where there is no address in use.

    The caller holds the platform's lock.
    """
    for _, email in addresses:
        fitting(Email, {"email": email})
    if not addresses:
        return
    numbered: dict[str, tuple[TypeEngine[Any], list[Any]]] = {
        "id": (BigInteger(), [profile for profile, _ in addresses]),
        "email": (String(), [email for _, email in addresses]),
        "place": (BigInteger(), list(range(len(addresses)))),
    }
    given = rows_of(numbered)
    in_use = EMAIL.c.is_active | EMAIL.c.is_primary
    has_one = select(EMAIL.c.id).where(EMAIL.c.base_profile_id == given.c.id, in_use).exists()
    first = func.row_number().over(partition_by=given.c.id, order_by=given.c.place) == 1
    session.execute(
        insert(EMAIL).from_select(
            ["base_profile_id", "email", "is_primary"], select(given.c.id, given.c.email, ~has_one & first)
        )
    )


def _new_ids(session: Session, number: int) -> list[int]:
    sequence = func.pg_get_serial_sequence(BASE.name, "id")
    numbers = func.generate_series(1, number).table_valued("number")
    return list(session.scalars(select(func.nextval(sequence)).select_from(numbers)))
