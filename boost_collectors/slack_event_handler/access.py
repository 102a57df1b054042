"""A workspace as the event handler reaches it: each with its own tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from boost_collectors.core.adapters import SlackWebApiAdapter
from boost_collectors.core.adapters.slack_protocol import Answer
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import AuthenticationError, ConfigurationError, NetworkError, SourceError

AUTH_ERRORS = frozenset(
    {
        *("invalid_auth", "not_authed", "token_expired", "token_revoked", "invalid_cookie", "account_inactive"),
        *("not_allowed_token_type", "no_permission", "org_login_required"),
    }
)
"""What Slack says about credentials that no repeat will make better."""

_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})


@dataclass(frozen=True)
class Workspace:
    """One workspace and its two tokens."""

    context: RunContext
    team_id: str
    bot_token: str
    app_token: str = ""

    @cached_property
    def api(self) -> SlackWebApiAdapter:
        """The Web API with the bot's token. Asks once: what is repeated, and when, is the queue's business."""
        return SlackWebApiAdapter.from_settings(
            self.context.settings, self.bot_token, stop=self.context.stop, clock=self.context.clock, attempts=1
        )

    def channel_id(self, name: str) -> str | None:
        """The id of the channel of this name, public or private; None when the bot sees none."""
        cursor = None
        while True:
            answer = checked(self.api.conversations_list("public_channel,private_channel", True, 200, cursor))
            for channel in answer.get("channels", ()):
                if channel.get("name") == name:
                    return str(channel["id"])
            cursor = next_cursor(answer)
            if not cursor:
                return None

    def said_since(self, channel: str, ts: str, thread_ts: str | None) -> Iterator[Any]:
        """The messages of a thread, or those of a direct conversation that came after ``ts``."""
        cursor = None
        while True:
            if thread_ts:
                answer = checked(self.api.conversations_replies(channel, thread_ts, 200, cursor))
            else:
                answer = checked(self.api.conversations_history(channel, 200, oldest=ts, cursor=cursor))
            yield from answer.get("messages", ())
            cursor = next_cursor(answer)
            if not cursor:
                return


def next_cursor(answer: Answer) -> str | None:
    """Where a list goes on, or None at its end."""
    return (answer.get("response_metadata") or {}).get("next_cursor") or None


def checked(answer: Answer, *, also: frozenset[str] = frozenset()) -> Answer:
    """The answer, if Slack did what was asked, or refused with a code of ``also``.

    Raises AuthenticationError for credentials that are not good, NetworkError for trouble of Slack's own,
    SourceError for any other refusal.
    """
    code = str(answer.get("error") or "")
    if answer.get("ok") or code in also:
        return answer
    if code in AUTH_ERRORS:
        raise AuthenticationError(f"Slack refused the credentials: {code}")
    if code in _PASSING:
        raise NetworkError(f"Slack stumbled: {code}")
    raise SourceError(f"Slack refused: {code or 'no reason given'}")


def workspaces(context: RunContext) -> dict[str, Workspace]:
    """The workspaces with both tokens; others are warned about.

    Raises ConfigurationError when there is none.
    """
    settings = context.settings
    usable = {}
    for team_id in settings.slack_team_ids:
        missing = missing_tokens(context, team_id)
        for variable in missing:
            context.log.warning("%s is not set: the workspace %s is not listened to", variable, team_id)
        if not missing:
            bot, app = settings.slack_bot_tokens[team_id], settings.slack_app_tokens[team_id]
            usable[team_id] = Workspace(context, team_id, bot.strip(), app.strip())
    if not usable:
        raise ConfigurationError(
            "no Slack workspace can be listened to: set SLACK_TEAM_ID (or SLACK_TEAM_IDS), and SLACK_BOT_TOKEN_<team> "
            "and SLACK_APP_TOKEN_<team> for it"
        )
    return usable


def missing_tokens(context: RunContext, team_id: str) -> list[str]:
    """The variables of a workspace's two tokens that are not set."""
    settings = context.settings
    kinds = (("SLACK_BOT_TOKEN", settings.slack_bot_tokens), ("SLACK_APP_TOKEN", settings.slack_app_tokens))
    return [f"{name}_{team_id}" for name, tokens in kinds if not tokens.get(team_id, "").strip()]
