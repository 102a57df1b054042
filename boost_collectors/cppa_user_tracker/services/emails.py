"""Mail addresses of profiles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker.models import BaseProfile, Email
from boost_collectors.cppa_user_tracker.services.checks import clean, fitting
from boost_collectors.cppa_user_tracker.services.directory import EMAIL, add_addresses, look_then_write

_CHANGEABLE = ("email", "is_primary", "is_active")


def add_email(
    session: Session, base_profile: BaseProfile, email: str, is_primary: bool = False, is_active: bool = True
) -> Email:
    """Give a profile an address; returns the row, the stored one when the profile has the address already.

    A new primary address takes the place of the old one. Raises ValueError for a blank address or one that is too long.
    """
    address = _checked(email)
    stored = find_email(session, base_profile, address)
    if stored is not None:
        return update_email(session, stored, is_primary=is_primary or stored.is_primary, is_active=is_active)
    if is_primary:
        _demote_primary(session, base_profile.id)
    row = Email(base_profile_id=base_profile.id, email=address, is_primary=is_primary, is_active=is_active)
    session.add(row)
    session.flush()
    return row


def update_email(session: Session, row: Email, **changes: Any) -> Email:
    """Change the address, ``is_primary`` or ``is_active`` of a row; other keys are ignored. Returns the row."""
    wanted = {name: changes[name] for name in _CHANGEABLE if name in changes}
    if "email" in wanted:
        wanted["email"] = _checked(wanted["email"])
    if wanted.get("is_primary") and not row.is_primary:
        _demote_primary(session, row.base_profile_id)
    for name, value in wanted.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    session.flush()
    return row


def remove_email(session: Session, row: Email) -> None:
    """Delete an address."""
    session.delete(row)
    session.flush()


def find_email(session: Session, base_profile: BaseProfile, email: str) -> Email | None:
    """The profile's row of an address, whatever the case, or None."""
    statement = select(Email).where(
        Email.base_profile_id == base_profile.id, func.lower(Email.email) == clean(email).lower()
    )
    return session.scalars(statement).first()


def ensure_email(session: Session, base_profile: BaseProfile, email: str) -> None:
    """Give a profile an address if it does not have it; primary where there is no address in use."""
    ensure_emails(session, type(base_profile), [(base_profile.id, email)])


def ensure_emails(session: Session, model: type[BaseProfile], addresses: Sequence[tuple[int, str]]) -> None:
    """Give profiles of one platform, by id, the addresses that they do not have yet."""
    wanted = {(profile, address.lower()): address for profile, email in addresses if (address := clean(email))}
    for address in wanted.values():
        fitting(Email, {"email": address})
    if wanted:
        missing = look_then_write(session, model, lambda: _missing(session, wanted), lambda missing: not missing)
        add_addresses(session, [(profile, wanted[profile, address]) for profile, address in missing])


def _missing(session: Session, wanted: Collection[tuple[int, str]]) -> list[tuple[int, str]]:
    stored = select(EMAIL.c.base_profile_id, func.lower(EMAIL.c.email)).where(
        EMAIL.c.base_profile_id.in_({profile for profile, _ in wanted})
    )
    known = {(row[0], row[1]) for row in session.execute(stored)}
    return [pair for pair in wanted if pair not in known]


def _checked(email: str) -> str:
    address = clean(email)
    if not address:
        raise ValueError("email must not be empty")
    fitting(Email, {"email": address})
    return address


def _demote_primary(session: Session, profile_id: int) -> None:
    session.execute(update(Email).where(Email.base_profile_id == profile_id, Email.is_primary).values(is_primary=False))
