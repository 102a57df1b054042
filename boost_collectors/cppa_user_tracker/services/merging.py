"""Making profiles one person, and writing down that it was done: the only way in which people are merged."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    Double,
    Integer,
    Select,
    String,
    Text,
    cast,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.core.database.bulk import stage
from boost_collectors.cppa_user_tracker.models import (
    DecisionKind,
    Identity,
    IdentityDecision,
    IdentityDecisionPart,
)
from boost_collectors.cppa_user_tracker.services.checks import table_of
from boost_collectors.cppa_user_tracker.services.directory import BASE

AUTOMATIC = "run_cppa_user_tracker"
"""Who decided, when nobody did."""

IDENTITY = table_of(Identity)
DECISION = table_of(IdentityDecision)
PART = table_of(IdentityDecisionPart)
_LOCK = "cppa_user_tracker.identities"
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Merge:
    """Profiles that become one person. ``former`` says who each was (None: nobody yet); ``name`` is for a new person.

    ``keep`` is the person who stays when there are several (None: the one with the lowest id).
    """

    former: Mapping[int, int | None]
    name: str
    score: float | None = None
    evidence: Sequence[Any] = ()
    keep: int | None = None
    decided_by: str = AUTOMATIC
    reason: str = ""
    removed: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @property
    def people(self) -> list[int]:
        """The persons that the profiles belong to so far."""
        return sorted({person for person in self.former.values() if person is not None})

    @property
    def parts(self) -> dict[int, int]:
        """Which part each profile belongs to: those who were one person already share one."""
        numbers: dict[object, int] = {}
        return {
            profile: numbers.setdefault(("person", person) if person else ("profile", profile), len(numbers))
            for profile, person in self.former.items()
        }


def lock_identities(session: Session) -> None:
    """Wait until nobody else decides; held until the end of the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(_LOCK))))


def last_decision(session: Session) -> int:
    """The id of the newest decision; all up to it are visible. The transaction should end soon: it holds the lock."""
    lock_identities(session)
    return session.scalar(select(func.coalesce(func.max(DECISION.c.id), 0))) or 0


def still_valid(session: Session, merges: Sequence[Merge], known: int) -> list[Merge]:
    """Those whose profiles are still whose they were, and about whom nobody decided after decision ``known``.

    The caller holds the lock; the profiles stay as they are until the transaction ends.
    """
    profiles = [profile for merge in merges for profile in merge.former]
    current = dict(
        two_columns(
            session,
            select(BASE.c.id, BASE.c.identity_id)
            .where(among(BASE.c.id, profiles))
            .order_by(BASE.c.id)
            .with_for_update(),
        )
    )
    touched = decided_since(session, known)
    return [
        merge
        for merge in merges
        if all(profile in current and current[profile] == person for profile, person in merge.former.items())
        and touched.isdisjoint(merge.former)
    ]


def decided_since(session: Session, known: int) -> set[int]:
    """The profiles about which somebody has decided after decision ``known``."""
    by_people = (
        select(PART.c.profile_id)
        .join(DECISION, DECISION.c.id == PART.c.decision_id)
        .where(DECISION.c.id > known, DECISION.c.decided_by != AUTOMATIC)
    )
    return set(session.scalars(by_people))


def write_merges(session: Session, merges: Sequence[Merge]) -> list[int]:
    """Merge, each group whole; the ids of the decisions. The caller holds the lock and has checked the groups."""
    if not merges:
        return []
    new = [merge for merge in merges if not merge.people]
    made = iter(_next_ids(session, IDENTITY.name, len(new)))
    targets = [_kept(merge) if merge.people else next(made) for merge in merges]
    decisions = _next_ids(session, DECISION.name, len(merges))
    _insert_people(session, [(target, m.name) for target, m in zip(targets, merges, strict=True) if not m.people])
    absorbed = _removed(session, {p for t, m in zip(targets, merges, strict=True) for p in m.people if p != t})
    rows = [
        (decision, merge.decided_by, merge.reason, merge.score, json.dumps(list(merge.evidence)), target,
         json.dumps(_former(merge, target, absorbed)))
        for decision, merge, target in zip(decisions, merges, targets, strict=True)
    ]  # fmt: skip
    _insert_decisions(session, rows)
    _move(session, list(zip(decisions, merges, targets, strict=True)))
    if absorbed:
        session.execute(delete(IDENTITY).where(among(IDENTITY.c.id, list(absorbed))))
    return decisions


def name_of(shown: Collection[str]) -> str:
    """What a person is called whose profiles show these names: a full name if there is one, the most frequent."""
    names = [name.strip() for name in shown if name.strip()]
    counts = {name: (len(name.split()) > 1 and "@" not in name, names.count(name), len(name)) for name in names}
    best = max(sorted(counts), key=lambda name: counts[name], default="")
    return best[:_LONGEST_NAME]


def two_columns(session: Session, query: Select[Any, Any]) -> list[tuple[Any, Any]]:
    """The rows of a query as pairs."""
    return [(row[0], row[1]) for row in session.execute(query)]


def snapshot(session: Session, table: str, key: str, ids: Collection[int]) -> list[Any]:
    """Rows as JSON, to be written back by ``restore``."""
    query = text(f"SELECT to_jsonb(t) FROM {table} AS t WHERE t.{key} = ANY(:ids) ORDER BY t.{key}")
    return list(session.scalars(query, {"ids": list(ids)}))


def _kept(merge: Merge) -> int:
    return merge.people[0] if merge.keep is None else merge.keep


def _former(merge: Merge, target: int, absorbed: Mapping[int, Any]) -> dict[str, Any]:
    """What the decision removes, by table, for the undo; empty lists are left out."""
    people = [absorbed[person] for person in merge.people if person != target]
    return ({IDENTITY.name: people} if people else {}) | {
        name: list(rows) for name, rows in merge.removed.items() if rows
    }


def _removed(session: Session, people: Collection[int]) -> dict[int, Any]:
    return {row["id"]: row for row in snapshot(session, IDENTITY.name, "id", people)} if people else {}


def _insert_people(session: Session, people: Sequence[tuple[int, str]]) -> None:
    if not people:
        return
    with stage(session, "new_people", {"id": BigInteger, "display_name": String}) as given:
        given.copy(people, strip_nul=True)
        columns = ["id", "display_name"]
        session.execute(insert(IDENTITY).from_select(columns, select(given.table.c.id, given.table.c.display_name)))


def _insert_decisions(session: Session, rows: Sequence[tuple[Any, ...]]) -> None:
    kinds = {"id": BigInteger, "decided_by": Text, "reason": Text, "score": Double, "evidence": Text,
             "identity_id": BigInteger, "former": Text}  # fmt: skip
    with stage(session, "decisions", kinds) as given:
        given.copy(rows)
        columns = given.table.c
        values = [cast(columns[n], JSONB) if n in ("evidence", "former") else columns[n] for n in kinds]
        merged = select(*values, func.text(DecisionKind.MERGE.value))
        session.execute(insert(DECISION).from_select([*kinds, "kind"], merged))


def _move(session: Session, done: Sequence[tuple[int, Merge, int]]) -> None:
    """Write down who everybody was, and give the profiles to their person."""
    kinds = {"decision": BigInteger, "profile": BigInteger, "part": Integer, "former": BigInteger, "person": BigInteger}
    with stage(session, "moved", kinds) as given:
        given.copy(
            (decision, profile, part, merge.former[profile], person)
            for decision, merge, person in done
            for profile, part in merge.parts.items()
        )
        given.analyze()
        row = given.table.c
        columns = ["decision_id", "profile_id", "part", "former_identity_id"]
        session.execute(insert(PART).from_select(columns, select(row.decision, row.profile, row.part, row.former)))
        differs = BASE.c.identity_id.is_distinct_from(row.person)
        session.execute(update(BASE).values(identity_id=row.person).where(BASE.c.id == row.profile, differs))


def _next_ids(session: Session, table: str, number: int) -> list[int]:
    sequence = func.pg_get_serial_sequence(table, "id")
    numbers = func.generate_series(1, number).table_valued("number")
    return list(session.scalars(select(func.nextval(sequence)).select_from(numbers))) if number else []
