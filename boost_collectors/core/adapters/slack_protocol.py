"""What collectors ask of Slack's Web API, without its library."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

Answer = dict[str, Any]
"""The body of an answer: ``ok``, and what the method gives or ``error``."""


@runtime_checkable
class SlackWebApiProtocol(Protocol):
    """The methods of https://api.slack.com/methods that are used, one function each.

    Each returns the body as it came, ``{"ok": false, "error": code}`` included.
    """

    def conversations_list(
        self,
        types: str = "public_channel",
        exclude_archived: bool = True,
        limit: int = 200,
        cursor: str | None = None,
    ) -> Answer: ...

    def conversations_join(self, channel: str) -> Answer: ...

    def conversations_info(self, channel: str) -> Answer: ...

    def conversations_members(self, channel: str, limit: int = 200, cursor: str | None = None) -> Answer: ...

    def conversations_history(
        self,
        channel: str,
        limit: int = 100,
        oldest: str | None = None,
        latest: str | None = None,
        cursor: str | None = None,
    ) -> Answer: ...

    def conversations_replies(self, channel: str, ts: str, limit: int = 200, cursor: str | None = None) -> Answer: ...

    def users_info(self, user: str) -> Answer: ...

    def users_list(self, limit: int = 200, cursor: str | None = None) -> Answer: ...

    def team_info(self) -> Answer: ...

    def auth_test(self) -> Answer: ...

    def files_info(self, file: str, timeout: int = 30) -> Answer: ...
