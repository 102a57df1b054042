"""Senders to the mailing lists and authors of committee papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, exists, select
from sqlalchemy.orm import Session, joinedload

from boost_collectors.core.database.arrays import rows_of
from boost_collectors.cppa_user_tracker.models import MailingListProfile, WG21PaperAuthorProfile
from boost_collectors.cppa_user_tracker.services.people import Kind, NameAndEmail, Person, ensure_people


def _bearer(people: Sequence[Person], email: str) -> Person | None:
    return next((person for person in people if email in person.emails), None)


def _without_address(people: Sequence[Person]) -> Person | None:
    return next((person for person in people if not person.emails), None)


def _choose_sender(people: Sequence[Person], email: str) -> Person | None:
    return _bearer(people, email) if email else _without_address(people)


def _choose_author(people: Sequence[Person], email: str) -> Person | None:
    if email:
        return _bearer(people, email)
    # A bare name means the only author of that name, whose address we may have learned elsewhere.
    return _without_address(people) or (people[0] if len(people) == 1 else None)


def _named(_session: Session, names: Sequence[str]) -> list[Mapping[str, Any]]:
    return [{"display_name": name} for name in names]


_SENDERS = Kind(MailingListProfile, _choose_sender, _named)
_AUTHORS = Kind(WG21PaperAuthorProfile, _choose_author, _named, alias="author_alias")


def ensure_mailing_list_profiles(session: Session, senders: Iterable[NameAndEmail]) -> dict[NameAndEmail, int]:
    """The profile ids of (display name, address) pairs, by the pairs as given; missing ones are made.

    The pair is the key, the address without regard to case. Without an address the sender is the profile of that name
    that has none. Raises ValueError for an empty name and for text that is too long; nothing is written then.
    """
    return {pair: found.id for pair, found in ensure_people(session, _SENDERS, senders).items()}


def get_or_create_mailing_list_profile(
    session: Session, display_name: str, email: str | None
) -> tuple[MailingListProfile, bool]:
    """One sender as (profile, created); see ``ensure_mailing_list_profiles``."""
    found = ensure_people(session, _SENDERS, [(display_name, email)])[display_name, email]
    return session.get_one(MailingListProfile, found.id), found.created


def get_mailing_list_profile_by_id(session: Session, profile_id: int) -> MailingListProfile | None:
    """A sender with its identity loaded; None for unknown ids, ids below 1 and profiles of other platforms.

    Raises TypeError when the id is not an integer.
    """
    return get_mailing_list_profiles_by_ids(session, [profile_id]).get(profile_id)


def get_mailing_list_profiles_by_ids(session: Session, profile_ids: Iterable[int]) -> dict[int, MailingListProfile]:
    """Senders by id, with their identities, in one query; ids that are unknown or below 1 are left out."""
    wanted = {_whole(profile_id) for profile_id in profile_ids}
    wanted = {profile_id for profile_id in wanted if profile_id > 0}
    if not wanted:
        return {}
    statement = (
        select(MailingListProfile)
        .where(MailingListProfile.baseprofile_ptr_id.in_(wanted))
        .options(joinedload(MailingListProfile.identity))
    )
    return {profile.id: profile for profile in session.scalars(statement)}


def missing_mailing_list_profiles(session: Session, profile_ids: Iterable[int]) -> list[int]:
    """Of these ids, those that are no sender's any more, in order; one statement."""
    given = rows_of({"id": (BigInteger(), [_whole(profile_id) for profile_id in profile_ids])})
    there = exists().where(MailingListProfile.baseprofile_ptr_id == given.c.id)
    return list(session.scalars(select(given.c.id).where(~there).order_by(given.c.id)))


def ensure_wg21_author_profiles(session: Session, authors: Iterable[NameAndEmail]) -> dict[NameAndEmail, int]:
    """The profile ids of (display name, address or None) pairs, by the pairs as given; missing ones are made.

    With an address the author is the one of that name who has it. Without, the first of that name who has none, else
    the only one there is. A name that nobody bears is looked for among the aliases. Raises ValueError for an empty
    name and for text that is too long; nothing is written then.
    """
    return {pair: found.id for pair, found in ensure_people(session, _AUTHORS, authors).items()}


def get_or_create_wg21_paper_author_profile(
    session: Session, display_name: str, email: str | None = None
) -> tuple[WG21PaperAuthorProfile, bool]:
    """One author as (profile, created); see ``ensure_wg21_author_profiles``."""
    found = ensure_people(session, _AUTHORS, [(display_name, email)])[display_name, email]
    return session.get_one(WG21PaperAuthorProfile, found.id), found.created


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a profile id must be an int, not {type(value).__name__}")
    return value
