"""Reddit users and speakers in videos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, func, or_, select
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import among
from boost_collectors.cppa_user_tracker.models import Identity, RedditUser, YoutubeSpeaker
from boost_collectors.cppa_user_tracker.services.accounts import Platform, ensure_accounts
from boost_collectors.cppa_user_tracker.services.checks import clean, fitting, table_of
from boost_collectors.cppa_user_tracker.services.directory import NewProfile, insert_profiles, look_then_write

_SPEAKERS = Platform(YoutubeSpeaker, "external_id", {"display_name": ""})
_REDDIT = table_of(RedditUser)
_NOBODY = frozenset({"", "[deleted]", "AutoModerator"})

FetchRedditProfile = Callable[[str], Mapping[str, Any] | None]
"""Asks Reddit for a user's ``/about`` data; None when Reddit has none."""


@dataclass(frozen=True, slots=True)
class SeenRedditUser:
    """A user as a post shows it. Letter case tells no users apart; the id (``t2_…``) wins over the name."""

    username: str
    reddit_user_id: str | None = None
    display_name: str | None = None


@dataclass(slots=True)
class _RedditPlan:
    """``same`` names the entry of ``missing`` that an unknown user is, which may be another spelling."""

    known: dict[str, int] = field(default_factory=dict)
    missing: dict[str, SeenRedditUser] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)


def ensure_youtube_speakers(session: Session, speakers: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The profile ids of speakers given as (external id, display name), by external id.

    A name that is given and differs replaces the old one. Raises ValueError for a blank external id or text that is
    too long; nothing is written then.
    """
    found = ensure_accounts(session, _SPEAKERS, [_speaker(*speaker) for speaker in speakers])
    return {key: profile.id for key, profile in found.items()}


def get_or_create_youtube_speaker(
    session: Session, external_id: str, display_name: str = "", identity: Identity | None = None
) -> tuple[YoutubeSpeaker, bool]:
    """One speaker as (profile, created). The identity is set on creation only."""
    values = _speaker(external_id, display_name)
    person = None if identity is None else identity.id
    found = ensure_accounts(session, _SPEAKERS, [values], identity_id=person)[values["external_id"]]
    return session.get_one(YoutubeSpeaker, found.id, populate_existing=True), found.created


def ensure_reddit_users(session: Session, users: Iterable[SeenRedditUser]) -> dict[str, int]:
    """The profile ids of users, by the name as given; nobodies (``[deleted]``, ``AutoModerator``) are left out.

    A user who is known, by id or by name in any case, stays as stored. Raises ValueError for text that is too long.
    """
    wanted = {user.username: _checked(user) for user in users if not is_reddit_nobody(user.username)}
    if not wanted:
        return {}
    plan = look_then_write(session, RedditUser, lambda: _plan(session, wanted), lambda plan: not plan.missing)
    profiles = [
        NewProfile(
            {
                "reddit_user_id": user.reddit_user_id,
                "username": user.username,
                "display_name": user.display_name or user.username,
            }
        )
        for user in plan.missing.values()
    ]
    made = dict(zip(plan.missing, insert_profiles(session, RedditUser, profiles), strict=True))
    return plan.known | {name: made[key] for name, key in plan.same.items()}


def is_reddit_nobody(username: str) -> bool:
    """True for names that stand for no user: blank, ``[deleted]``, ``AutoModerator``."""
    return clean(username) in _NOBODY


def known_reddit_users(session: Session, users: Iterable[SeenRedditUser]) -> dict[str, int]:
    """The profile ids of those users who are stored, by the name as given. Raises ValueError for text too long."""
    wanted = {user.username: _checked(user) for user in users if not is_reddit_nobody(user.username)}
    return _plan(session, wanted).known if wanted else {}


def get_or_create_reddit_user(
    session: Session,
    username: str | None,
    reddit_user_id: str | None = None,
    display_name: str | None = None,
    fetch: FetchRedditProfile | None = None,
) -> RedditUser | None:
    """The user, or None for nobody (None, blank, ``[deleted]``, ``AutoModerator``).

    A known user is returned as stored, without a request. For a new one ``fetch(username)`` is asked for the id and
    the title of the profile page. Raises ValueError for text that is too long.
    """
    if username is None or is_reddit_nobody(username):
        return None
    seen = _checked(SeenRedditUser(username, reddit_user_id, display_name))
    session.flush()
    known = _plan(session, {seen.username: seen}).known
    if not known and fetch is not None:
        seen = with_reddit_profile(seen, fetch(seen.username))
    found = known or ensure_reddit_users(session, [seen])
    return session.get_one(RedditUser, found[seen.username])


def resolve_reddit_user_from_author_data(
    session: Session, data: object, fetch: FetchRedditProfile | None = None
) -> RedditUser | None:
    """The author of a post or comment, by its ``author`` and ``author_fullname``: see ``get_or_create_reddit_user``."""
    return get_or_create_reddit_user(session, _of(data, "author"), _of(data, "author_fullname"), fetch=fetch)


def with_reddit_profile(seen: SeenRedditUser, profile: Mapping[str, Any] | None) -> SeenRedditUser:
    """The user with the id and the page's title that ``/about`` tells; unchanged when it tells nothing."""
    if profile is None:
        return seen
    told = f"t2_{profile['id']}" if profile.get("id") else profile.get("fullname")
    page = profile.get("subreddit")
    title = page.get("title") if isinstance(page, Mapping) else None
    return SeenRedditUser(seen.username, told or seen.reddit_user_id, seen.display_name or title or None)


def _speaker(external_id: str, display_name: str) -> dict[str, Any]:
    key = clean(external_id)
    if not key:
        raise ValueError("external_id must not be empty")
    return {"external_id": key, "display_name": clean(display_name)}


def _checked(user: SeenRedditUser) -> SeenRedditUser:
    seen = SeenRedditUser(clean(user.username), clean(user.reddit_user_id) or None, clean(user.display_name) or None)
    fitting(
        RedditUser,
        {"username": seen.username, "reddit_user_id": seen.reddit_user_id, "display_name": seen.display_name},
    )
    return seen


def _plan(session: Session, wanted: Mapping[str, SeenRedditUser]) -> _RedditPlan:
    by_id, by_name = _stored(session, wanted.values())
    plan, planned = _RedditPlan(), dict[str, str]()
    for name, user in wanted.items():
        lowered, told = user.username.lower(), user.reddit_user_id or ""
        profile = by_id.get(told) or by_name.get(lowered)
        if profile is not None:
            plan.known[name] = profile
            continue
        key = planned.get(f"id {told}") or planned.get(f"name {lowered}") or name
        plan.missing.setdefault(key, user)
        plan.same[name] = planned[f"name {lowered}"] = key
        if told:
            planned[f"id {told}"] = key
    return plan


def _stored(session: Session, users: Iterable[SeenRedditUser]) -> tuple[dict[str, int], dict[str, int]]:
    """The profiles that bear one of the ids, by id, and one of the names, by name in lower case; oldest first."""
    users = list(users)
    name = func.lower(_REDDIT.c.username, type_=String())
    ids = {user.reddit_user_id for user in users if user.reddit_user_id}
    rows = session.execute(
        select(_REDDIT.c.baseprofile_ptr_id, _REDDIT.c.reddit_user_id, name)
        .where(or_(among(name, {user.username.lower() for user in users}), among(_REDDIT.c.reddit_user_id, ids)))
        .order_by(_REDDIT.c.baseprofile_ptr_id.desc())
    ).all()
    return {row[1]: row[0] for row in rows if row[1]}, {row[2]: row[0] for row in rows}


def _of(data: object, name: str) -> str | None:
    value = data.get(name) if isinstance(data, Mapping) else getattr(data, name, None)
    return value if isinstance(value, str) else None
