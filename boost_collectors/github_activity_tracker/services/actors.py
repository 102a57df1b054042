"""The accounts that GitHub names, as profiles of the identity hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker import services as people
from boost_collectors.cppa_user_tracker.models import GithubAccountType
from boost_collectors.github_activity_tracker.records import Actor
from boost_collectors.github_activity_tracker.services.writing import storable

GHOST = Actor(10137, "ghost", "Deleted user")
"""GitHub's own placeholder for accounts that were deleted."""

_NAME_LIMIT = 255
_URL_LIMIT = 512


class Profiles:
    """The profile ids of accounts; nobody is the ghost."""

    def __init__(self, ids: Mapping[int, int]) -> None:
        self._ids = ids

    def of(self, actor: Actor | None) -> int:
        """The profile of an account that was given when this was made."""
        return self._ids[(actor or GHOST).account_id]


def ensure_profiles(session: Session, actors: Iterable[Actor | None]) -> Profiles:
    """Profiles of all these accounts, made or brought up to date where needed: one statement when all are known."""
    unique = dict.fromkeys(actor or GHOST for actor in actors)
    return Profiles(people.ensure_github_accounts(session, map(_seen, unique)))


def _seen(actor: Actor) -> people.SeenGithubAccount:
    avatar = storable(actor.avatar_url)
    return people.SeenGithubAccount(
        actor.account_id,
        storable(actor.login)[:_NAME_LIMIT],
        storable(actor.name)[:_NAME_LIMIT],
        avatar if len(avatar) <= _URL_LIMIT else "",
        _type_of(actor.kind),
    )


def _type_of(kind: str) -> GithubAccountType | None:
    """None for people: an account is one unless it is said to be something else, and an organisation stays one."""
    try:
        found = GithubAccountType(kind.lower())
    except ValueError:
        return None
    return None if found is GithubAccountType.USER else found
