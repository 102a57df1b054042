"""What Slack's Web API says of one workspace: pages of members, channels and messages, as they come.

``conversations.history`` gives the newest messages first. It is read by ``latest`` and ``oldest`` rather than by
cursor, so that a run can go on where another one was killed, and a message removed meanwhile shifts nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from boost_collectors.core.adapters import SlackWebApiProtocol
from boost_collectors.core.adapters.slack_protocol import Answer
from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorError,
    NetworkError,
    NotFoundError,
    PermanentError,
    RateLimited,
    SourceError,
    TransientError,
)
from boost_collectors.cppa_slack_tracker.payloads import TeamPayload, checked

logger = logging.getLogger(__name__)

DIRECTORY_PAGE = 999
CHANNELS_PAGE = 500

_REJECTED = frozenset(
    {
        *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"),
        *("org_login_required", "missing_scope", "no_permission", "access_denied", "ekm_access_denied"),
        *("team_access_not_granted", "two_factor_setup_required"),
    }
)
_GONE = frozenset({"channel_not_found", "user_not_found", "users_not_found", "thread_not_found", "file_not_found"})
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Messages newest first. ``has_more``: there are older ones in the span that was asked for. ``is_limited``: the
    workspace's plan hides older ones."""

    messages: list[Any]
    has_more: bool
    is_limited: bool


class SlackSource:
    """One workspace, through the token that belongs to it.

    Every function raises what the adapter raises, and for a refusal by code AuthenticationError, NotFoundError,
    NetworkError, PermanentError (the bot is not in the channel) or SourceError, which name method and code.
    """

    def __init__(self, api: SlackWebApiProtocol, team_id: str, page_size: int) -> None:
        self._api, self._team, self._page_size = api, team_id, page_size

    def team_name(self) -> str:
        """The workspace's name, empty when Slack does not say.

        Raises AuthenticationError for the token of another workspace.
        """
        try:
            told = _accepted("team.info", self._api.team_info()).get("team")
            if isinstance(told, dict) and (told.get("id") or told.get("name")):
                return self._name_of({"id": told.get("id") or self._team, "name": told.get("name") or ""})
        except (RateLimited, TransientError):
            raise
        except CollectorError as error:
            logger.warning("team.info of %s tells nothing, asking auth.test: %s", self._team, error)
        told = _accepted("auth.test", self._api.auth_test())
        return self._name_of({"id": told.get("team_id") or "", "name": told.get("team") or ""})

    def _name_of(self, told: dict[str, Any]) -> str:
        team = checked("team", TeamPayload, told)
        if team.id != self._team:
            raise AuthenticationError(
                f"SLACK_BOT_TOKEN_{self._team} belongs to the workspace {team.id}, not to {self._team}"
            )
        return team.name.strip()

    def users(self) -> Iterator[list[Any]]:
        """Pages of the workspace's members, bots and deactivated ones too."""
        yield from _pages("users.list", "members", lambda cursor: self._api.users_list(DIRECTORY_PAGE, cursor))

    def user(self, user_id: str) -> Any:
        """One member. Raises NotFoundError for an id that is none."""
        return _accepted("users.info", self._api.users_info(user_id)).get("user")

    def channels(self) -> Iterator[list[Any]]:
        """Pages of the public channels, archived ones too."""

        def page(cursor: str | None) -> Answer:
            return self._api.conversations_list("public_channel", False, CHANNELS_PAGE, cursor)

        yield from _pages("conversations.list", "channels", page)

    def channel(self, channel_id: str) -> Any:
        """One channel. Raises NotFoundError for an id that is none."""
        return _accepted("conversations.info", self._api.conversations_info(channel_id)).get("channel")

    def join(self, channel_id: str) -> None:
        """Make the bot a member of a public channel."""
        _accepted("conversations.join", self._api.conversations_join(channel_id))

    def members(self, channel_id: str) -> Iterator[list[Any]]:
        """Pages of the ids of a channel's members."""

        def page(cursor: str | None) -> Answer:
            return self._api.conversations_members(channel_id, DIRECTORY_PAGE, cursor)

        yield from _pages("conversations.members", "members", page)

    def history(self, channel_id: str, oldest: str, latest: str) -> HistoryPage:
        """The newest messages between two ``ts``, both exclusive."""
        answer = self._api.conversations_history(channel_id, self._page_size, oldest, latest)
        _accepted("conversations.history", answer)
        messages = _list_of("conversations.history", answer, "messages")
        return HistoryPage(messages, bool(answer.get("has_more")), bool(answer.get("is_limited")))

    def replies(self, channel_id: str, ts: str) -> Iterator[list[Any]]:
        """Pages of a thread, oldest first; each may begin with the message that began it."""

        def page(cursor: str | None) -> Answer:
            return self._api.conversations_replies(channel_id, ts, self._page_size, cursor)

        yield from _pages("conversations.replies", "messages", page)


def _pages(method: str, key: str, ask: Callable[[str | None], Answer]) -> Iterator[list[Any]]:
    seen: set[str] = set()
    cursor: str | None = None
    while True:
        answer = _accepted(method, ask(cursor))
        yield _list_of(method, answer, key)
        metadata = answer.get("response_metadata")
        cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
        if not cursor:
            return
        if cursor in seen:
            raise NetworkError(f"Slack {method} gives the same cursor again")
        seen.add(cursor)


def _list_of(method: str, answer: Answer, key: str) -> list[Any]:
    found = answer.get(key)
    if not isinstance(found, list):
        raise NetworkError(f"Slack {method}: the answer has no list {key!r}")
    return found


def _accepted(method: str, answer: Answer) -> Answer:
    if answer.get("ok") is True:
        return answer
    code = str(answer.get("error") or "no error code")
    told = f"{method} failed: {code}"
    if code in _REJECTED:
        raise AuthenticationError(f"{told}{_scope_hint(answer)}")
    if code in _GONE:
        raise NotFoundError(told)
    if code in _PASSING:
        raise NetworkError(told)
    if code == "not_in_channel":
        raise PermanentError(f"{told}: invite the bot, or let it join (CHANNEL_ALLOWLIST, CHANNEL_BLOCKLIST)")
    raise SourceError(told)


def _scope_hint(answer: Answer) -> str:
    return f" (needed: {answer['needed']})" if answer.get("needed") else ""
