"""Slack's Web API by slack_sdk: the only place where its client is used."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from boost_collectors.core.adapters.slack_protocol import Answer
from boost_collectors.core.adapters.slack_retry import (
    LIMIT_CODES,
    NETWORK_ERRORS,
    Pace,
    SlackRetryHandler,
    retry_after,
)
from boost_collectors.core.context import utc_now
from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorError,
    NetworkError,
    RateLimited,
    SourceError,
    TransientError,
)

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

DEFAULT_URL = "https://slack.com/api/"
MOST_PER_PAGE = 999
"""The vendor documents ``limit`` as under 1,000."""

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
# The library logs whole answers, people's names and addresses among them.
silent = logging.getLogger("boost_collectors.slack_sdk")
silent.setLevel(logging.CRITICAL + 1)


class SlackWebApiAdapter:
    """``SlackWebApiProtocol`` over a ``WebClient``: made from a client or from a bot token, never both.

    ``requests`` counts the calls. ``pace`` is called with the method's name before each. Every function raises
    RateLimited when Slack's limit asks for more patience than the client has, NetworkError when Slack cannot be
    reached or does not answer properly, AuthenticationError for HTTP 401 and 403, SourceError for any other refusal
    by status.
    """

    def __init__(
        self,
        client: WebClient | None = None,
        bot_token: str | None = None,
        *,
        base_url: str = DEFAULT_URL,
        timeout: int = 30,
        retry: SlackRetryHandler | None = None,
        pace: Callable[[str], None] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        if (client is None) == (bot_token is None):
            raise ValueError("the Slack adapter is made from a client or from a bot token, and not from both")
        self._client = client or _make_client((bot_token or "").strip(), base_url, timeout, retry)
        self._pace = pace or (lambda _: None)
        self._clock = clock
        self.requests = 0

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        bot_token: str,
        *,
        stop: threading.Event | None = None,
        clock: Callable[[], datetime] = utc_now,
        attempts: int | None = None,
        cookie: str = "",
    ) -> Self:
        """An adapter as the settings want it. ``stop`` ends waits early, with TransientError.

        ``attempts`` takes the place of HTTP_MAX_ATTEMPTS: who posts must not ask twice by itself. A browser's session
        is a token and a ``cookie`` (``d=…``).
        """
        sleep = _interruptible(stop or threading.Event())
        max_wait = settings.http_max_wait_seconds
        limit = settings.slack_history_calls_per_minute

        def later(seconds: float) -> RateLimited:
            return RateLimited(
                "Slack allows no more calls of this method now", retry_at=clock() + timedelta(seconds=seconds)
            )

        retry = SlackRetryHandler(attempts or settings.http_max_attempts, max_wait, sleep)
        timeout, headers = int(settings.http_timeout_seconds), {"cookie": cookie} if cookie else None
        return cls(
            _make_client(bot_token.strip(), settings.slack_api_url, timeout, retry, headers),
            pace=Pace(
                {"conversations.history": limit, "conversations.replies": limit},
                max_wait=max_wait,
                sleep=sleep,
                later=later,
            ),
            clock=clock,
        )

    def conversations_list(
        self,
        types: str = "public_channel",
        exclude_archived: bool = True,
        limit: int = 200,
        cursor: str | None = None,
    ) -> Answer:
        return self._call(
            "conversations.list",
            self._client.conversations_list,
            types=types,
            exclude_archived=exclude_archived,
            limit=_clamped(limit),
            cursor=cursor,
        )

    def conversations_join(self, channel: str) -> Answer:
        return self._call("conversations.join", self._client.conversations_join, channel=channel)

    def conversations_info(self, channel: str) -> Answer:
        return self._call("conversations.info", self._client.conversations_info, channel=channel)

    def conversations_members(self, channel: str, limit: int = 200, cursor: str | None = None) -> Answer:
        return self._call(
            "conversations.members",
            self._client.conversations_members,
            channel=channel,
            limit=_clamped(limit),
            cursor=cursor,
        )

    def conversations_history(
        self,
        channel: str,
        limit: int = 100,
        oldest: str | None = None,
        latest: str | None = None,
        cursor: str | None = None,
    ) -> Answer:
        return self._call(
            "conversations.history",
            self._client.conversations_history,
            channel=channel,
            limit=_clamped(limit),
            oldest=oldest,
            latest=latest,
            cursor=cursor,
        )

    def conversations_replies(self, channel: str, ts: str, limit: int = 200, cursor: str | None = None) -> Answer:
        return self._call(
            "conversations.replies",
            self._client.conversations_replies,
            channel=channel,
            ts=ts,
            limit=_clamped(limit),
            cursor=cursor,
        )

    def users_info(self, user: str) -> Answer:
        return self._call("users.info", self._client.users_info, user=user)

    def users_list(self, limit: int = 200, cursor: str | None = None) -> Answer:
        return self._call("users.list", self._client.users_list, limit=_clamped(limit), cursor=cursor)

    def team_info(self) -> Answer:
        return self._call("team.info", self._client.team_info)

    def auth_test(self) -> Answer:
        return self._call("auth.test", self._client.auth_test)

    def files_info(self, file: str, timeout: int = 30) -> Answer:
        """``timeout`` in seconds holds for this call only."""
        before, self._client.timeout = self._client.timeout, timeout
        try:
            return self._call("files.info", self._client.files_info, file=file)
        finally:
            self._client.timeout = before

    def files_info_with_transcript(self, file: str) -> Answer:
        """``files.info`` as Slack's own pages ask for it: with what was said in a huddle. Needs a session's token."""
        form = {"file": file, "include_transcription": "true"}
        return self._call("files.info", self._client.api_call, api_method="files.info", data=form)

    def chat_post_message(
        self, channel: str, text: str, thread_ts: str | None = None, blocks: Sequence[Mapping[str, Any]] | None = None
    ) -> Answer:
        return self._call(
            "chat.postMessage",
            self._client.chat_postMessage,
            channel=channel,
            text=text,
            thread_ts=thread_ts,
            blocks=blocks,
            unfurl_links=False,
        )

    def reactions_add(self, channel: str, timestamp: str, name: str) -> Answer:
        return self._call("reactions.add", self._client.reactions_add, channel=channel, timestamp=timestamp, name=name)

    def apps_connections_open(self, app_token: str) -> Answer:
        """``url`` of a connection for Socket Mode, to be used once and soon."""
        return self._call("apps.connections.open", self._client.apps_connections_open, app_token=app_token)

    def _call(self, method: str, function: Callable[..., Any], **parameters: Any) -> Answer:
        self._pace(method)
        self.requests += 1
        try:
            answer = function(**parameters).data
        except SlackApiError as error:
            return self._refused(method, error)
        except CollectorError:
            raise
        except NETWORK_ERRORS as error:
            raise NetworkError(f"Slack {method}: {type(error).__name__}: {error}") from error
        return dict(answer)

    def _refused(self, method: str, error: SlackApiError) -> Answer:
        """The body of a refusal with HTTP status 200; everything else is raised."""
        status, headers, body = _parts(error.response)
        code = str(body.get("error", ""))
        told = f"Slack {method}: {status} {code[:200]}".rstrip()
        if status == 429 or code in LIMIT_CODES:
            retry_at = self._clock() + timedelta(seconds=retry_after(headers))
            raise RateLimited(told, retry_at=retry_at) from None
        if status >= 500 or (status == 200 and (" " in code or not code)):
            raise NetworkError(
                told
            ) from None  # the library puts the text of an answer that is no JSON where codes stand
        if status in (401, 403):
            raise AuthenticationError(told) from None
        if status != 200:
            raise SourceError(told) from None
        return dict(body)


def _parts(response: Any) -> tuple[int, Mapping[str, object], Mapping[str, Any]]:
    body = getattr(response, "data", response)
    return (
        int(getattr(response, "status_code", 200)),
        getattr(response, "headers", {}),
        body if isinstance(body, Mapping) else {},
    )


class _LocalClient(WebClient):
    """For a server on this machine: a proxy named by the environment serves the outside, never this machine."""

    def _perform_urllib_http_request_internal(
        self,
        url: str,  # noqa: ARG002  # the library's signature
        req: Request,
    ) -> dict[str, Any]:
        # The library can be given a proxy, but cannot be told to use none.
        with build_opener(ProxyHandler({})).open(req, timeout=self.timeout) as answer:
            return {"status": answer.code, "headers": answer.headers, "body": answer.read().decode("utf-8")}


def _make_client(
    token: str,
    base_url: str,
    timeout: int,
    retry: SlackRetryHandler | None,
    headers: dict[str, str] | None = None,
) -> WebClient:
    kind = _LocalClient if is_local(base_url) else WebClient
    return kind(
        token=token,
        base_url=base_url,
        timeout=timeout,
        headers=headers,
        logger=silent,
        retry_handlers=[retry] if retry else [],
    )


def is_local(url: str) -> bool:
    """Whether a URL leads to this machine."""
    return urlsplit(url).hostname in _LOCAL_HOSTS


def _interruptible(stop: threading.Event) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        if stop.wait(seconds):
            raise TransientError("asked to stop while waiting for Slack")

    return sleep


def _clamped(limit: int) -> int:
    return min(max(limit, 1), MOST_PER_PAGE)
