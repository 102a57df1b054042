"""Which profiles may be, and are, one person: proposals that wait, and decisions, which are only ever added."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigInt, BigIntPrimaryKey, Jsonb, JsonbList
from boost_collectors.core.database.columns import CreatedAt, EmptyText, Switch, UpdatedAt, cascade


class DecisionKind(StrEnum):
    """What was decided: that profiles are one person, that they are not, or that a decision does not hold."""

    MERGE = "merge"
    REJECT = "reject"
    UNDO = "undo"


class IdentityProposal(Base):
    """Two people (a profile stands for each) who may be one. The staged identity's relations name all profiles."""

    __tablename__ = "cppa_user_tracker_identityproposal"
    __table_args__ = (
        UniqueConstraint("left_profile_id", "right_profile_id"),
        CheckConstraint("left_profile_id < right_profile_id", name="ordered"),
    )

    tmpidentity_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_tmpidentity.id"), primary_key=True)
    left_profile_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"))
    right_profile_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), index=True)
    score: Mapped[float] = mapped_column(Double())
    evidence: Mapped[JsonbList]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]


class IdentityDecision(Base):
    """Who decided what, when and why. ``identity_id`` is the person a merge led to (it may be gone by now).

    ``former`` holds the rows that the decision removed, for the undo. ``keeps_apart``: while it is not undone, the
    parts of the decision are never proposed or merged, by whichever way.
    """

    __tablename__ = "cppa_user_tracker_identitydecision"
    __table_args__ = (
        UniqueConstraint("undoes_id"),
        CheckConstraint("(kind = 'undo') = (undoes_id IS NOT NULL)", name="undo"),
        Index("ix_cppa_user_tracker_identitydecision_keeps_apart", "id", postgresql_where=text("keeps_apart")),
    )

    id: Mapped[BigIntPrimaryKey]
    kind: Mapped[str] = mapped_column(String(16))
    decided_by: Mapped[str] = mapped_column(String(255))
    reason: Mapped[EmptyText]
    score: Mapped[float | None] = mapped_column(Double())
    evidence: Mapped[JsonbList]
    identity_id: Mapped[BigInt | None] = mapped_column(index=True)
    former: Mapped[Jsonb]
    keeps_apart: Mapped[Switch]
    undoes_id: Mapped[int | None] = mapped_column(
        ForeignKey("cppa_user_tracker_identitydecision.id", deferrable=True, initially="DEFERRED")
    )
    created_at: Mapped[CreatedAt]


class IdentityDecisionPart(Base):
    """A profile of a decision. Profiles of one part were one person before; ``former_identity_id`` says which."""

    __tablename__ = "cppa_user_tracker_identitydecisionpart"

    decision_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_identitydecision.id"), primary_key=True)
    profile_id: Mapped[int] = mapped_column(cascade("cppa_user_tracker_baseprofile.id"), primary_key=True, index=True)
    part: Mapped[int]
    former_identity_id: Mapped[BigInt | None]
