"""Which token belongs to which workspace, as the settings say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from boost_collectors.core.errors import ConfigurationError

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings


class UnknownTeamError(ConfigurationError, ValueError):
    """A workspace, or its token, that the settings do not name."""


def bot_token(settings: Settings, team_id: str) -> str:
    """The bot token of a workspace, of SLACK_TEAM_ID when the id is blank.

    Raises UnknownTeamError naming the setting.
    """
    return _token("SLACK_BOT_TOKEN", settings.slack_bot_tokens, team_id.strip() or settings.slack_team_id)


def app_token(settings: Settings, team_id: str) -> str:
    """The app-level token of a workspace; as ``bot_token``."""
    return _token("SLACK_APP_TOKEN", settings.slack_app_tokens, team_id.strip() or settings.slack_team_id)


def _token(variable: str, tokens: Mapping[str, str], team_id: str) -> str:
    if not team_id:
        raise UnknownTeamError("no Slack workspace is named: set SLACK_TEAM_ID")
    if team_id not in tokens:
        raise UnknownTeamError(f"there is no {variable}_{team_id}: set it, and name {team_id} in SLACK_TEAM_IDS")
    token = tokens[team_id].strip()
    if not token:
        raise UnknownTeamError(f"the token {variable}_{team_id} is missing: it is blank")
    return token
