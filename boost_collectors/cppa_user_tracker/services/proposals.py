"""Proposals that wait for somebody's decision: brought up to date by every run, listed, counted."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Double, Text, func, select, text
from sqlalchemy.orm import Session

from boost_collectors.core.database.bulk import MergeResult, stage
from boost_collectors.cppa_user_tracker.models import IdentityProposal, TempProfileIdentityRelation, TmpIdentity
from boost_collectors.cppa_user_tracker.services.checks import table_of
from boost_collectors.cppa_user_tracker.services.merging import decided_since, lock_identities
from boost_collectors.cppa_user_tracker.services.workbench import PAGE, batches

PROPOSAL = table_of(IdentityProposal)
STAGED = table_of(TmpIdentity)
RELATION = table_of(TempProfileIdentityRelation)

_KINDS = {"left_id": BigInteger, "right_id": BigInteger, "score": Double, "evidence": Text, "name": Text}
_MEMBERS = {"left_id": BigInteger, "right_id": BigInteger, "profile": BigInteger}


@dataclass(frozen=True, slots=True)
class WantedProposal:
    """A proposal as it should stand: one profile of each side, and all profiles of both."""

    left: int
    right: int
    score: float
    evidence: list[Any]
    name: str
    profiles: list[int]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal that waits. ``sides`` are the profile ids of the two people."""

    id: int
    score: float
    evidence: list[Any]
    sides: tuple[tuple[int, ...], tuple[int, ...]]


def count_waiting_proposals(session: Session) -> int:
    """How many proposals wait for a decision."""
    return session.scalar(select(func.count()).select_from(IdentityProposal)) or 0


def replace_proposals(session: Session, wanted: Iterable[WantedProposal], known: int) -> MergeResult:
    """Make the waiting proposals those that are wanted; what stands already is not written.

    Proposals about profiles of which somebody has decided after decision ``known`` stay as they are. Ends with the
    lock on decisions held.
    """
    with stage(session, "wanted", _KINDS) as given, stage(session, "members", _MEMBERS) as members:
        for page in batches(wanted, PAGE):
            given.copy(((w.left, w.right, w.score, json.dumps(w.evidence), w.name) for w in page), strip_nul=True)
            members.copy((w.left, w.right, profile) for w in page for profile in w.profiles)
        given.analyze()
        members.analyze()
        lock_identities(session)
        touched = decided_since(session, known)
        if touched:
            _leave_out(session, given.table.name, members.table.name, touched)
        return _reconcile(session, given.table.name, members.table.name, list(touched))


def _leave_out(session: Session, wanted: str, members: str, touched: Collection[int]) -> None:
    pair = "m.left_id = w.left_id AND m.right_id = w.right_id"
    session.execute(
        text(f"DELETE FROM {wanted} AS w USING {members} AS m WHERE {pair} AND m.profile = ANY(:touched)"),
        {"touched": list(touched)},
    )
    session.execute(text(f"DELETE FROM {members} AS m WHERE NOT EXISTS (SELECT FROM {wanted} AS w WHERE {pair})"))


def _reconcile(session: Session, wanted: str, members: str, touched: list[int]) -> MergeResult:
    same = "w.left_id = p.left_profile_id AND w.right_id = p.right_profile_id"
    session.execute(
        text(f"""
            DELETE FROM {STAGED} WHERE id IN (
                SELECT p.tmpidentity_id FROM {PROPOSAL} AS p
                WHERE NOT EXISTS (SELECT FROM {wanted} AS w WHERE {same})
                  AND NOT EXISTS (SELECT FROM {RELATION} AS r WHERE r.target_identity_id = p.tmpidentity_id
                                  AND r.base_profile_id = ANY(:touched)))"""),
        {"touched": touched},
    )
    total = session.scalar(text(f"SELECT count(*) FROM {wanted}")) or 0
    new = session.execute(
        text(f"""
            WITH new AS (
                SELECT nextval(pg_get_serial_sequence('{STAGED}', 'id')) AS id, w.* FROM {wanted} AS w
                WHERE NOT EXISTS (SELECT FROM {PROPOSAL} AS p WHERE {same}) ORDER BY w.left_id, w.right_id
            ), staged AS (
                INSERT INTO {STAGED} (id, display_name) SELECT id, name FROM new
            )
            INSERT INTO {PROPOSAL} (tmpidentity_id, left_profile_id, right_profile_id, score, evidence)
            SELECT id, left_id, right_id, score, evidence::jsonb FROM new RETURNING 1""")
    )
    inserted = len(new.all())
    updated = session.execute(
        text(f"""
            UPDATE {PROPOSAL} AS p SET score = w.score, evidence = w.evidence::jsonb, updated_at = now()
            FROM {wanted} AS w
            WHERE {same} AND (p.score, p.evidence) IS DISTINCT FROM (w.score, w.evidence::jsonb) RETURNING 1""")
    )
    changed = len(updated.all())
    _bring_members_up_to_date(session, members)
    return MergeResult(inserted, changed, total - inserted - changed)


def _bring_members_up_to_date(session: Session, members: str) -> None:
    its = """SELECT p.tmpidentity_id, m.profile FROM {members} AS m JOIN {proposal} AS p
             ON m.left_id = p.left_profile_id AND m.right_id = p.right_profile_id"""
    wanted = its.format(members=members, proposal=PROPOSAL)
    session.execute(
        text(f"""
            INSERT INTO {RELATION} (base_profile_id, target_identity_id)
            SELECT i.profile, i.tmpidentity_id FROM ({wanted}) AS i
            WHERE NOT EXISTS (SELECT FROM {RELATION} AS r
                              WHERE r.base_profile_id = i.profile AND r.target_identity_id = i.tmpidentity_id)
            ORDER BY 2, 1""")
    )
    session.execute(
        text(f"""
            WITH i AS MATERIALIZED ({wanted})
            DELETE FROM {RELATION} AS r WHERE r.target_identity_id IN (SELECT tmpidentity_id FROM i)
            AND NOT EXISTS (SELECT FROM i WHERE i.profile = r.base_profile_id
                            AND i.tmpidentity_id = r.target_identity_id)""")
    )


def waiting_proposals(
    session: Session, *, limit: int | None = None, profile: int | None = None, proposal: int | None = None
) -> list[Proposal]:
    """Proposals, the likeliest first; of one profile, or just one, when that is given."""
    query = select(PROPOSAL).order_by(PROPOSAL.c.score.desc(), PROPOSAL.c.tmpidentity_id).limit(limit)
    if profile is not None:
        about = select(RELATION.c.target_identity_id).where(RELATION.c.base_profile_id == profile)
        query = query.where(PROPOSAL.c.tmpidentity_id.in_(about))
    if proposal is not None:
        query = query.where(PROPOSAL.c.tmpidentity_id == proposal)
    rows = session.execute(query).all()
    sides = _sides(session, [row.tmpidentity_id for row in rows])
    return [
        Proposal(row.tmpidentity_id, row.score, row.evidence, _split(row, sides.get(row.tmpidentity_id, [])))
        for row in rows
    ]


def _split(row: Any, members: Sequence[tuple[int, int | None]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The profiles of both sides: those that are one person with the profile that stands for the side."""
    persons = dict(members)

    def side(of: int) -> tuple[int, ...]:
        person = persons.get(of)
        return (of, *(p for p, whose in members if p != of and person is not None and whose == person))

    return side(row.left_profile_id), side(row.right_profile_id)


def _sides(session: Session, proposals: Sequence[int]) -> dict[int, list[tuple[int, int | None]]]:
    rows = session.execute(
        text(f"""
            SELECT r.target_identity_id, b.id, b.identity_id FROM {RELATION} AS r
            JOIN cppa_user_tracker_baseprofile AS b ON b.id = r.base_profile_id
            WHERE r.target_identity_id = ANY(:proposals) ORDER BY 1, 2"""),
        {"proposals": list(proposals)},
    )
    found: dict[int, list[tuple[int, int | None]]] = {}
    for proposal, profile, person in rows:
        found.setdefault(proposal, []).append((profile, person))
    return found
