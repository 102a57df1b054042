"""Members of Slack workspaces and Discord servers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from boost_collectors.core.errors import SourceError
from boost_collectors.cppa_user_tracker.models import DiscordProfile, Identity, SlackUser
from boost_collectors.cppa_user_tracker.services.accounts import Platform, ensure_accounts
from boost_collectors.cppa_user_tracker.services.emails import ensure_emails

_SLACK = Platform(SlackUser, "slack_user_id", {"username": "", "display_name": "", "avatar_url": ""})
_DISCORD = Platform(
    DiscordProfile, "discord_user_id", {"username": "", "display_name": "", "avatar_url": "", "is_bot": False}
)
_SHOWN_PROBLEMS = 5


class SlackUserProfile(BaseModel):
    """The ``profile`` object of a Slack user, as far as we read it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    email: str | None = None
    image_72: str | None = None
    display_name: str | None = None


class SlackUserPayload(BaseModel):
    """A user as Slack's ``users.list`` and ``users.info`` tell it, as far as we read it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(min_length=1)
    name: str = ""
    real_name: str = ""
    profile: SlackUserProfile = SlackUserProfile()
    updated: int | None = None
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class SeenDiscordProfile:
    """A user as Discord shows it. Empty text, and None for ``is_bot``, mean that the source did not say."""

    discord_user_id: int
    username: str | None = ""
    display_name: str | None = ""
    avatar_url: str | None = ""
    is_bot: bool | None = None


def ensure_slack_users(session: Session, users: Iterable[SlackUserPayload | Mapping[str, Any]]) -> dict[str, int]:
    """The profile ids of Slack users, by Slack's id; made, or changed where Slack says something new.

    Their addresses are added. Raises SourceError ("Invalid Slack user …") for a payload that is not one, ValueError
    for a blank id or text that is too long; nothing is written then.
    """
    return {key: found for key, (found, _) in _ensure_slack(session, users).items()}


def get_or_create_slack_user(session: Session, user: SlackUserPayload | Mapping[str, Any]) -> tuple[SlackUser, bool]:
    """One Slack user as (profile, created); see ``ensure_slack_users``."""
    ((profile, created),) = _ensure_slack(session, [user]).values()
    return session.get_one(SlackUser, profile, populate_existing=True), created


def ensure_discord_profiles(session: Session, users: Iterable[SeenDiscordProfile]) -> dict[int, int]:
    """The profile ids of Discord users, by Discord's id; made, or changed where something new was given.

    Raises ValueError for text that is too long; nothing is written then.
    """
    found = ensure_accounts(session, _DISCORD, [asdict(user) for user in users])
    return {key: profile.id for key, profile in found.items()}


def get_or_create_discord_profile(
    session: Session,
    discord_user_id: int,
    username: str | None = "",
    display_name: str | None = "",
    avatar_url: str | None = "",
    is_bot: bool | None = None,
    identity: Identity | None = None,
) -> tuple[DiscordProfile, bool]:
    """One Discord user as (profile, created). The identity is set on creation only."""
    seen = SeenDiscordProfile(discord_user_id, username, display_name, avatar_url, is_bot)
    person = None if identity is None else identity.id
    found = ensure_accounts(session, _DISCORD, [asdict(seen)], identity_id=person)[discord_user_id]
    return session.get_one(DiscordProfile, found.id, populate_existing=True), found.created


def _ensure_slack(
    session: Session, users: Iterable[SlackUserPayload | Mapping[str, Any]]
) -> dict[str, tuple[int, bool]]:
    payloads = [_validated(user) for user in users]
    found = ensure_accounts(session, _SLACK, [_slack_values(user) for user in payloads])
    addresses = [(found[user.id.strip()].id, user.profile.email) for user in payloads if user.profile.email]
    ensure_emails(session, SlackUser, addresses)
    return {key: (profile.id, profile.created) for key, profile in found.items()}


def _validated(user: SlackUserPayload | Mapping[str, Any]) -> SlackUserPayload:
    if isinstance(user, SlackUserPayload):
        payload = user
    else:
        try:
            payload = SlackUserPayload.model_validate(user)
        except ValidationError as error:
            raise SourceError(_problems(error)) from None
    if not payload.id.strip():
        raise ValueError("Slack user ID must not be blank")
    return payload


def _problems(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False)
    shown = [f"{'.'.join(map(str, problem['loc'])) or 'user'}: {problem['msg']}" for problem in problems]
    total = f" ({len(shown)} problems)" if len(shown) > _SHOWN_PROBLEMS else ""
    return f"Invalid Slack user: {'; '.join(shown[:_SHOWN_PROBLEMS])}{total}"


def _slack_values(user: SlackUserPayload) -> dict[str, Any]:
    return {
        "slack_user_id": user.id.strip(),
        "username": user.name,
        "display_name": user.real_name or user.name,
        "avatar_url": user.profile.image_72,
    }
