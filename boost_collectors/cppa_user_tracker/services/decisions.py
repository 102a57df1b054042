"""What people decide: that two are one, that they are not, and that a decision was wrong.

Decisions are only ever added. Each is made in one transaction, under the lock that the automatic merging takes too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, delete, func, insert, literal, select, text, update
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among, rows_of
from boost_collectors.core.errors import CommandError
from boost_collectors.cppa_user_tracker.models import DecisionKind
from boost_collectors.cppa_user_tracker.services.directory import BASE
from boost_collectors.cppa_user_tracker.services.grouping import UNDONE
from boost_collectors.cppa_user_tracker.services.merging import (
    AUTOMATIC,
    DECISION,
    IDENTITY,
    PART,
    Merge,
    lock_identities,
    name_of,
    snapshot,
    two_columns,
    write_merges,
)
from boost_collectors.cppa_user_tracker.services.proposals import PROPOSAL, RELATION, STAGED
from boost_collectors.cppa_user_tracker.services.shown import shown_profiles

# Proposals hang on staged identities: those first, when rows are written back.
_RESTORED = (IDENTITY.name, STAGED.name, PROPOSAL.name, RELATION.name)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision with its parts: who was one person before it. ``undone_by`` is the decision that took it back."""

    id: int
    kind: str
    decided_by: str
    reason: str
    created_at: datetime
    score: float | None
    evidence: list[Any]
    identity_id: int | None
    undoes_id: int | None
    undone_by: int | None
    keeps_apart: bool
    parts: tuple[tuple[int, ...], ...]


def accept_proposal(session: Session, proposal: int, by: str, reason: str) -> int:
    """Make the two people of a proposal one; the id of the decision. Raises CommandError when that cannot be."""
    row = _proposal(session, proposal)
    sides = [row.left_profile_id, row.right_profile_id]
    return _accept(session, sides, by, reason, row.score, row.evidence)


def accept_profiles(session: Session, profiles: Sequence[int], by: str, reason: str) -> int:
    """Make profiles one person, with all that is one with them already. Raises CommandError when that cannot be."""
    lock_identities(session)
    return _accept(session, profiles, by, reason, None, [])


def reject_proposal(session: Session, proposal: int, by: str, reason: str) -> int:
    """Keep the two people of a proposal apart, from now on; the id of the decision."""
    row = _proposal(session, proposal)
    sides = [row.left_profile_id, row.right_profile_id]
    return _reject(session, sides, by, reason, row.score, row.evidence)


def reject_profiles(session: Session, profiles: Sequence[int], by: str, reason: str) -> int:
    """Keep the people of these profiles apart. Raises CommandError when some of them are one person."""
    lock_identities(session)
    return _reject(session, profiles, by, reason, None, [])


def undo_decision(session: Session, decision: int, by: str, reason: str) -> int:
    """Take a decision back and restore what was before; the id of the new decision.

    What was merged automatically stays apart from then on: that is what the undo says. Undoing such an undo lets the
    next run merge again. Raises CommandError for a decision on which a later one rests.
    """
    _check_who(by)
    lock_identities(session)
    found = decision_of(session, decision)
    _refuse_undone(found)
    if found.kind == DecisionKind.MERGE:
        _refuse_later(session, found)
        _take_apart(session, found)
    elif not found.keeps_apart:
        raise CommandError(f"decision {decision} keeps nobody apart, so there is nothing to undo: accept them again")
    former = session.scalar(select(DECISION.c.former).where(DECISION.c.id == decision))
    _restore(session, former or {})
    keeps_apart = found.kind == DecisionKind.MERGE and found.decided_by == AUTOMATIC
    parts = {profile: part for part, profiles in enumerate(found.parts) for profile in profiles}
    return _write(
        session,
        DecisionKind.UNDO,
        by,
        reason,
        parts,
        _persons(session, parts),
        undoes=decision,
        keeps_apart=keeps_apart,
    )


def decision_of(session: Session, decision: int) -> Decision:
    """One decision. Raises CommandError when there is none of that id."""
    found = decisions(session, decision=decision)
    if not found:
        raise CommandError(f"there is no decision {decision}")
    return found[0]


def decisions(
    session: Session,
    *,
    limit: int | None = None,
    profile: int | None = None,
    decision: int | None = None,
    by_people: bool = False,
) -> list[Decision]:
    """Decisions, the newest first; about one profile, just one, or only those that somebody made, when asked."""
    query = select(DECISION).order_by(DECISION.c.id.desc()).limit(limit)
    if profile is not None:
        query = query.where(DECISION.c.id.in_(select(PART.c.decision_id).where(PART.c.profile_id == profile)))
    if decision is not None:
        query = query.where(DECISION.c.id == decision)
    if by_people:
        query = query.where(DECISION.c.decided_by != AUTOMATIC)
    rows = session.execute(query).all()
    ids = [row.id for row in rows]
    undone = dict(
        two_columns(session, select(DECISION.c.undoes_id, DECISION.c.id).where(among(DECISION.c.undoes_id, ids)))
    )
    parts = _parts(session, ids)
    return [
        Decision(
            row.id, row.kind, row.decided_by, row.reason, row.created_at, row.score, row.evidence, row.identity_id,
            row.undoes_id, undone.get(row.id), row.keeps_apart, parts.get(row.id, ()),
        )
        for row in rows
    ]  # fmt: skip


def _accept(
    session: Session, profiles: Sequence[int], by: str, reason: str, score: float | None, evidence: Sequence[Any]
) -> int:
    _check_who(by)
    former = _people_of(session, profiles)
    if len(set(Merge(former, "").parts.values())) < 2:
        raise CommandError("these profiles are one person already, or only one profile was named")
    _refuse_apart(session, former)
    shown = [each.display_name or each.username for each in shown_profiles(session, list(former)).values()]
    removed = _without_settled(session, list(former))
    merge = Merge(former, name_of(shown), score, evidence, None, by, reason, removed)
    return write_merges(session, [merge])[0]


def _reject(
    session: Session, profiles: Sequence[int], by: str, reason: str, score: float | None, evidence: Sequence[Any]
) -> int:
    _check_who(by)
    former = _people_of(session, profiles)
    parts = Merge(former, "").parts
    named = [parts[profile] for profile in dict.fromkeys(profiles)]
    if len(named) < 2 or len(set(named)) < len(named):
        raise CommandError("some of these profiles are one person: undo the decision that made them one first")
    removed = _without_crossing(session, parts)
    return _write(
        session, DecisionKind.REJECT, by, reason, parts, former, score=score, evidence=evidence, former=removed,
        keeps_apart=True,
    )  # fmt: skip


def _proposal(session: Session, proposal: int) -> Any:
    lock_identities(session)
    row = session.execute(select(PROPOSAL).where(PROPOSAL.c.tmpidentity_id == proposal)).one_or_none()
    if row is None:
        raise CommandError(f"there is no proposal {proposal} waiting; list_identity_proposals shows those there are")
    return row


def _people_of(session: Session, profiles: Sequence[int]) -> dict[int, int | None]:
    """The profiles, and all that are one person with them, with the person of each."""
    persons = _persons(session, profiles)
    unknown = [str(profile) for profile in profiles if profile not in persons]
    if unknown:
        raise CommandError(f"there is no profile {', '.join(unknown)}")
    known = {person for person in persons.values() if person is not None}
    everybody = (
        select(BASE.c.id, BASE.c.identity_id)
        .where(among(BASE.c.id, list(profiles)) | among(BASE.c.identity_id, list(known)))
        .order_by(BASE.c.id)
        .with_for_update()
    )
    return dict(two_columns(session, everybody))


def _refuse_apart(session: Session, former: Mapping[int, int | None]) -> None:
    """Raises CommandError when a decision keeps two of these profiles apart."""
    row = session.execute(
        text(f"""
            SELECT d.id, d.kind, d.decided_by, one.profile_id, other.profile_id
            FROM cppa_user_tracker_identitydecision AS d
            JOIN cppa_user_tracker_identitydecisionpart AS one ON one.decision_id = d.id
            JOIN cppa_user_tracker_identitydecisionpart AS other ON other.decision_id = d.id AND other.part > one.part
            WHERE d.keeps_apart AND NOT {UNDONE} AND one.profile_id = ANY(:ids) AND other.profile_id = ANY(:ids)
            ORDER BY d.id, 4, 5 LIMIT 1"""),
        {"ids": list(former)},
    ).one_or_none()
    if row is not None:
        raise CommandError(
            f"decision {row[0]} ({row[1]} by {row[2]}) keeps profiles {row[3]} and {row[4]} apart: undo it first"
        )


def _refuse_undone(found: Decision) -> None:
    if found.undone_by is not None:
        raise CommandError(f"decision {found.id} is undone already, by decision {found.undone_by}")


def _refuse_later(session: Session, found: Decision) -> None:
    """Raises CommandError when the profiles are no more what the decision made of them."""
    profiles = [profile for part in found.parts for profile in part]
    later = session.scalar(
        text(f"""
            SELECT min(d.id) FROM cppa_user_tracker_identitydecision AS d
            JOIN cppa_user_tracker_identitydecisionpart AS part ON part.decision_id = d.id
            WHERE d.id > :decision AND d.kind = 'merge' AND NOT {UNDONE} AND part.profile_id = ANY(:ids)"""),
        {"decision": found.id, "ids": profiles},
    )
    if later is not None:
        raise CommandError(f"decision {later} rests on decision {found.id}: undo it first")
    moved = select(BASE.c.id).where(among(BASE.c.id, profiles), BASE.c.identity_id.is_distinct_from(found.identity_id))
    changed = session.scalars(moved.order_by(BASE.c.id)).all()
    if changed:
        raise CommandError(f"profiles {changed} were given to another person by hand since decision {found.id}")


def _take_apart(session: Session, found: Decision) -> None:
    """Give every profile back to whom it belonged to; a person the merge had made, and nobody else is, goes."""
    before = select(PART.c.profile_id, PART.c.former_identity_id).where(PART.c.decision_id == found.id).subquery()
    session.execute(
        update(BASE).values(identity_id=before.c.former_identity_id).where(BASE.c.id == before.c.profile_id)
    )
    was_there = select(PART.c.decision_id).where(
        PART.c.decision_id == found.id, PART.c.former_identity_id == found.identity_id
    )
    in_use = select(BASE.c.id).where(BASE.c.identity_id == found.identity_id)
    session.execute(delete(IDENTITY).where(IDENTITY.c.id == found.identity_id, ~was_there.exists(), ~in_use.exists()))


def _restore(session: Session, former: Mapping[str, list[Any]]) -> None:
    """Write back what a decision had removed, as it was."""
    for table in _RESTORED:
        if former.get(table):
            session.execute(
                text(f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, :rows)"
                     " ON CONFLICT DO NOTHING"),
                {"rows": json.dumps(former[table])},
            )  # fmt: skip


def _without_settled(session: Session, profiles: Sequence[int]) -> dict[str, list[Any]]:
    """Remove the proposals both of whose sides are among these profiles, who become one person."""
    both = among(PROPOSAL.c.left_profile_id, profiles) & among(PROPOSAL.c.right_profile_id, profiles)
    return _remove(session, session.scalars(select(PROPOSAL.c.tmpidentity_id).where(both)).all())


def _without_crossing(session: Session, parts: Mapping[int, int]) -> dict[str, list[Any]]:
    """Remove the proposals between two of these parts, which are kept apart now."""
    profiles = list(parts)
    both = among(PROPOSAL.c.left_profile_id, profiles) & among(PROPOSAL.c.right_profile_id, profiles)
    rows = session.execute(select(PROPOSAL).where(both))
    crossing = [r.tmpidentity_id for r in rows if parts[r.left_profile_id] != parts[r.right_profile_id]]
    return _remove(session, crossing)


def _remove(session: Session, proposals: Sequence[int]) -> dict[str, list[Any]]:
    removed = {
        STAGED.name: snapshot(session, STAGED.name, "id", proposals),
        PROPOSAL.name: snapshot(session, PROPOSAL.name, "tmpidentity_id", proposals),
        RELATION.name: snapshot(session, RELATION.name, "target_identity_id", proposals),
    }
    session.execute(delete(STAGED).where(among(STAGED.c.id, list(proposals))))
    return {name: rows for name, rows in removed.items() if rows}


def _write(
    session: Session,
    kind: DecisionKind,
    by: str,
    reason: str,
    parts: Mapping[int, int],
    persons: Mapping[int, int | None],
    *,
    score: float | None = None,
    evidence: Sequence[Any] = (),
    former: Mapping[str, Any] | None = None,
    undoes: int | None = None,
    keeps_apart: bool = False,
) -> int:
    """Add a decision that is no merge, with its parts; its id."""
    values = {"kind": kind.value, "decided_by": by, "reason": reason, "score": score, "evidence": list(evidence),
              "former": dict(former or {}), "undoes_id": undoes, "keeps_apart": keeps_apart}  # fmt: skip
    decision: int = session.scalars(insert(DECISION).values(values).returning(DECISION.c.id)).one()
    ids = list(parts)
    given = rows_of(
        {
            "profile": (BigInteger(), ids),
            "part": (Integer(), [parts[profile] for profile in ids]),
            "person": (BigInteger(), [persons.get(profile) for profile in ids]),
        }
    )
    columns = ["decision_id", "profile_id", "part", "former_identity_id"]
    rows = select(literal(decision, BigInteger()), given.c.profile, given.c.part, given.c.person)
    session.execute(insert(PART).from_select(columns, rows))
    return decision


def _persons(session: Session, profiles: Collection[int]) -> dict[int, int | None]:
    query = select(BASE.c.id, BASE.c.identity_id).where(among(BASE.c.id, list(profiles)))
    return dict(two_columns(session, query))


def _parts(session: Session, ids: Sequence[int]) -> dict[int, tuple[tuple[int, ...], ...]]:
    query = (
        select(PART.c.decision_id, PART.c.part, func.array_agg(PART.c.profile_id))
        .where(among(PART.c.decision_id, list(ids)))
        .group_by(PART.c.decision_id, PART.c.part)
        .order_by(PART.c.decision_id, PART.c.part)
    )
    found: dict[int, tuple[tuple[int, ...], ...]] = {}
    for decision, _, profiles in session.execute(query):
        found[decision] = (*found.get(decision, ()), tuple(sorted(profiles)))
    return found


def _check_who(by: str) -> None:
    if not by.strip() or by.strip() == AUTOMATIC:
        raise CommandError("--by: say who decides")
