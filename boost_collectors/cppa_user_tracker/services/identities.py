"""Persons, staged persons, and the links proposed between them and profiles."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker.models import BaseProfile, Identity, TempProfileIdentityRelation, TmpIdentity
from boost_collectors.cppa_user_tracker.services.checks import fitting


def create_identity(session: Session, display_name: str = "", description: str = "") -> Identity:
    """A new person. Raises ValueError for a name that is too long."""
    row = Identity(**fitting(Identity, {"display_name": display_name, "description": description}))
    session.add(row)
    session.flush()
    return row


def get_or_create_identity(
    session: Session,
    display_name: str = "",
    description: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> tuple[Identity, bool]:
    """The oldest person of exactly that name, or a new one, as (identity, created).

    A description that is given and differs is stored; without one (None or empty) the stored one stays. ``defaults``
    may give the description of a new person. Raises ValueError for a name that is too long.
    """
    fitting(Identity, {"display_name": display_name})
    identity = _oldest(session, display_name)
    if identity is None:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("cppa_user_tracker.identity"))))
        identity = _oldest(session, display_name)
    if identity is None:
        return create_identity(session, display_name, description or (defaults or {}).get("description", "")), True
    if description and identity.description != description:
        identity.description = description
        session.flush()
    return identity, False


def create_tmp_identity(session: Session, display_name: str = "", description: str = "") -> TmpIdentity:
    """A new staged person. Raises ValueError for a name that is too long."""
    row = TmpIdentity(**fitting(TmpIdentity, {"display_name": display_name, "description": description}))
    session.add(row)
    session.flush()
    return row


def add_temp_profile_identity_relation(
    session: Session, base_profile: BaseProfile, target_identity: TmpIdentity
) -> tuple[TempProfileIdentityRelation, bool]:
    """Propose that a profile is a staged person, as (relation, created); once per pair."""
    pair = {"base_profile_id": base_profile.id, "target_identity_id": target_identity.id}
    statement = insert(TempProfileIdentityRelation).values(pair).on_conflict_do_nothing()
    created = session.scalar(statement.returning(TempProfileIdentityRelation.id)) is not None
    return session.scalars(select(TempProfileIdentityRelation).filter_by(**pair)).one(), created


def remove_temp_profile_identity_relation(
    session: Session, base_profile: BaseProfile, target_identity: TmpIdentity
) -> None:
    """Withdraw a proposal; does nothing when there is none."""
    session.execute(
        delete(TempProfileIdentityRelation).where(
            TempProfileIdentityRelation.base_profile_id == base_profile.id,
            TempProfileIdentityRelation.target_identity_id == target_identity.id,
        )
    )


def _oldest(session: Session, display_name: str) -> Identity | None:
    statement = select(Identity).where(Identity.display_name == display_name).order_by(Identity.id).limit(1)
    return session.scalars(statement).first()
