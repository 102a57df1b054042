"""A browser's session with Slack, for what no bot may read: what was said in a huddle.

The file of SLACK_INTERNAL_TOKENS_JSON holds one session per workspace, and is put there by whoever keeps the secrets:
``{"teams": {"<team>": {"xoxc": "…", "xoxd": "…"}}}``. Nothing here takes it out of a browser. It is read anew each
time, so that a renewed one counts at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.redaction import learn_secret
from boost_collectors.core.workspace import read_json


@dataclass(frozen=True, slots=True)
class Session:
    """The two halves of a session: the token of its requests and the one in its cookie ``d``."""

    token: str = field(repr=False)
    cookie: str = field(repr=False)


def load_session(context: RunContext, team_id: str) -> Session:
    """The session of a workspace.

    Raises ConfigurationError that names the setting when sessions are not allowed, or when the file has none for it.
    """
    settings, path = context.settings, context.settings.slack_internal_tokens_json
    if not settings.allow_internal_slack_tokens:
        raise ConfigurationError(
            "the notes of huddles can only be read with a browser's session, which ALLOW_INTERNAL_SLACK_TOKENS=true "
            "has to allow"
        )
    try:
        told = read_json(path)
    except FileNotFoundError:
        raise ConfigurationError(f"Session storage not found: SLACK_INTERNAL_TOKENS_JSON names {path}") from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"Failed to load session credentials: {type(error).__name__} in {path}") from None
    pair = _pair(told, team_id)
    token, cookie = str(pair.get("xoxc") or "").strip(), str(pair.get("xoxd") or "").strip()
    if not token or not cookie:
        raise ConfigurationError(f"{path} has no session (xoxc and xoxd) for the workspace {team_id}")
    for secret in (token, cookie):
        learn_secret(secret)
    return Session(token, cookie)


def _pair(told: Any, team_id: str) -> Mapping[str, Any]:
    teams = told.get("teams") if isinstance(told, Mapping) else None
    pair = teams.get(team_id) if isinstance(teams, Mapping) else None
    return pair if isinstance(pair, Mapping) else {}
