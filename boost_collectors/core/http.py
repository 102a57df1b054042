"""The one HTTP client: every request of every source goes through it.

It asks again when the network or the source stumbles, waits when the source asks it to, never takes a cut answer for
a whole one, and sends a credential only to the place it belongs to. ``core.http_retry`` holds the rules.
"""

from __future__ import annotations

import itertools
import json
import logging
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from boost_collectors.core.context import utc_now
from boost_collectors.core.errors import CollectorError, SourceError, TransientError
from boost_collectors.core.http_retry import (
    Fail,
    MalformedBody,
    Retry,
    RetryPolicy,
    describe,
    shown_url,
    without_userinfo,
)
from boost_collectors.core.version import __version__

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)

MAX_REDIRECTS = 10
DEFAULT_USER_AGENT = f"boost-data-collector/{__version__}"
# What a redirect to another place may carry along; anything else a caller set could be a credential.
_HARMLESS_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "user-agent", "range"),
        *("if-none-match", "if-modified-since", "host", "connection"),
        *("content-length", "content-type", "transfer-encoding"),
    }
)

T = TypeVar("T")
Params = Mapping[str, str | int | float | bool | None]
Check = Callable[[httpx.Response], T]
Explain = Callable[[httpx.Response], CollectorError | None]


class HeaderAuth(httpx.Auth):
    """A credential sent as one header: ``HeaderAuth("Authorization", f"Bearer {token}")``."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers[self._name] = self._value
        yield request


class _Again(Exception):
    """Tells tenacity to ask again after some seconds."""

    def __init__(self, decision: Retry) -> None:
        super().__init__(decision.reason)
        self.after = decision.after


class HttpClient:
    """Requests with retries. One client serves all threads of a run; ``requests`` counts what was really sent.

    ``stop`` ends waits early: a run that is asked to end raises TransientError instead of asking again.
    """

    def __init__(
        self,
        *,
        user_agent: str = DEFAULT_USER_AGENT,
        timeout: float = 30.0,
        policy: RetryPolicy | None = None,
        stop: threading.Event | None = None,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._policy = policy or RetryPolicy()
        self._stop = stop or threading.Event()
        self._clock = clock
        self._sleep = self._stop.wait if sleep is None else sleep
        self._credentials: dict[tuple[str, str, int | None], httpx.Auth] = {}
        self._explained: dict[tuple[str, str, int | None], Explain] = {}
        self._sent = 0
        self._counting = threading.Lock()
        tls = httpx.create_ssl_context()
        # A proxy named by the environment serves the outside, never this machine.
        direct = httpx.HTTPTransport(verify=tls)
        self._client = httpx.Client(
            headers={"User-Agent": user_agent},
            timeout=timeout,
            verify=tls,
            mounts=dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]"), direct),
            event_hooks={"request": [self._count]},
        )

    @classmethod
    def from_settings(cls, settings: Settings, *, stop: threading.Event | None = None) -> Self:
        return cls(
            user_agent=settings.http_user_agent,
            timeout=settings.http_timeout_seconds,
            policy=RetryPolicy(settings.http_max_attempts, settings.http_max_wait_seconds),
            stop=stop,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    @property
    def requests(self) -> int:
        """How many requests were sent, with repeats and redirects."""
        return self._sent

    def credentials(self, host: str, auth: httpx.Auth) -> None:
        """Send ``auth`` with every request to this place and to no other, redirects included.

        ``host`` is a URL (bound to its scheme, host and port; the path does not matter) or a bare ``host[:port]``,
        which means https.
        """
        self._credentials[_origin(_place(host))] = auth

    def explain(self, host: str, explain: Explain) -> None:
        """Let ``explain`` say what an answer of this place (as for ``credentials``) that is no success means.

        For sources that give the reason in the body: it returns the error to raise, or None where the status says
        enough.
        """
        self._explained[_origin(_place(host))] = explain

    def get(
        self, url: str, *, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The whole answer with a 2xx status, after redirects.

        Raises NetworkError (unreachable, cut, 5xx), RateLimited, AuthenticationError (401, 403), NotFoundError (404,
        410), SourceError (any other refusal) or TransientError (the run was asked to stop).
        """
        response, _ = self._call(self._build("GET", url, params=params, headers=headers), _whole)
        return response

    def get_json(self, url: str, params: Params | None = None) -> Any:
        """The parsed JSON of an answer; raises as ``get``.

        A body that is no JSON counts as cut and is asked for again; SourceError if it stays so.
        """
        request = self._build("GET", url, params=params, headers={"Accept": "application/json"})
        _, parsed = self._call(request, _parse_json)
        return parsed

    def get_if_changed(
        self, url: str, etag: str | None = None, last_modified: str | None = None
    ) -> httpx.Response | None:
        """The answer, or None if the source says that nothing changed since that validator; raises as ``get``."""
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in validators.items() if value}
        response = self.get(url, headers=headers)
        return None if response.status_code == httpx.codes.NOT_MODIFIED else response

    def post_json(self, url: str, payload: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """The answer to a JSON body; raises as ``get``. Only for what may be sent twice: it is repeated like a GET."""
        response, _ = self._call(self._build("POST", url, json=payload, headers=headers), _whole)
        return response

    def stream(
        self,
        url: str,
        consume: Check[T],
        *,
        headers: Callable[[], Mapping[str, str]] = dict,
        timeout: float | None = None,
    ) -> T:
        """What ``consume`` makes of an answer whose body it reads itself, so that it need not fit in memory.

        Raises as ``get``. For every attempt ``headers`` and ``consume`` are called anew: a download that was cut can
        go on where it ended. ``timeout``: seconds without a byte after which an attempt fails, if not the client's.
        """
        request = self._build("GET", url, headers=None, timeout=self._client.timeout if timeout is None else timeout)
        return self._call(request, consume, streamed=True, headers=headers)[1]

    def post_form(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer to the fields of a form; raises as ``get``. Only for what may be sent twice, as ``post_json``."""
        response, _ = self._call(self._build("POST", url, data=dict(fields), headers=headers), _whole)
        return response

    def _build(
        self, method: str, url: str, *, params: Params | None = None, headers: Mapping[str, str] | None, **body: Any
    ) -> httpx.Request:
        try:
            target = httpx.URL(url)
            # Merged here, because httpx would let params replace the query that a URL brings along.
            given = {name: value for name, value in (params or {}).items() if value is not None}
            bare = without_userinfo(target.copy_merge_params(given) if given else target)
            request = self._client.build_request(method, bare, headers=dict(headers or {}), **body)
        except (httpx.InvalidURL, UnicodeError):
            raise SourceError(f"{method} {shown_url(url)}: this is no URL that can be requested") from None
        if target.userinfo:
            next(httpx.BasicAuth(target.username, target.password).sync_auth_flow(request))
        return request

    def _call(
        self,
        request: httpx.Request,
        check: Check[T],
        *,
        streamed: bool = False,
        headers: Callable[[], Mapping[str, str]] = dict,
    ) -> tuple[httpx.Response, T]:
        """The answer and what ``check`` made of it; ``check`` raises MalformedBody for a body to be asked for again."""
        numbers = itertools.count(1)
        retrying = Retrying(
            retry=retry_if_exception_type(_Again), wait=_seconds_asked, sleep=self._pause, before_sleep=self._log_retry
        )

        def attempt() -> tuple[httpx.Response, T]:
            request.headers.update(headers())
            return self._attempt(request, check, next(numbers), streamed)

        return retrying(attempt)

    def _attempt(
        self, request: httpx.Request, check: Check[T], number: int, streamed: bool
    ) -> tuple[httpx.Response, T]:
        if self._stop.is_set():
            raise TransientError(f"{request.method} {shown_url(request.url)}: not asked, the run was asked to stop")
        try:
            with closing(self._exchange(request, streamed)) as response:
                self._judge(request, response, number)
                return response, check(response)
        except (httpx.HTTPError, MalformedBody) as error:
            self._judge(request, error, number)
            raise

    def _judge(self, request: httpx.Request, outcome: httpx.Response | Exception, number: int) -> None:
        """Raise what the source's own reason or the policy makes of the outcome, unless the answer can be used."""
        explain = self._explained.get(_origin(request.url))
        if explain is not None and isinstance(outcome, httpx.Response) and outcome.is_error:
            reason = explain(outcome)
            if reason is not None:
                raise reason
        decision = self._policy.decide(request, outcome, number, self._clock())
        cause = outcome if isinstance(outcome, Exception) else None
        if isinstance(decision, Fail):
            raise decision.error from cause
        if isinstance(decision, Retry):
            raise _Again(decision) from cause

    def _exchange(self, request: httpx.Request, streamed: bool) -> httpx.Response:
        for _ in range(MAX_REDIRECTS + 1):
            auth = self._credentials.get(_origin(request.url))
            response = self._client.send(request, auth=auth, stream=streamed)
            if response.next_request is None:
                return response
            response.close()
            request = _redirected(request, response.next_request)
        raise httpx.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects", request=request)

    def _pause(self, seconds: float) -> None:
        self._sleep(seconds)

    def _log_retry(self, state: RetryCallState) -> None:
        error = _again(state)
        logger.warning("%s; asking again in %.1f s (attempt %d failed)", error, error.after, state.attempt_number)

    def _count(self, _: httpx.Request) -> None:
        with self._counting:
            self._sent += 1


def _again(state: RetryCallState) -> _Again:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _Again)
    return error


def _seconds_asked(state: RetryCallState) -> float:
    return _again(state).after


def _place(host: str) -> httpx.URL:
    return httpx.URL(host if "://" in host else f"https://{host}")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    # httpx gives None for the port that the scheme implies.
    return url.scheme, url.host, url.port


def _redirected(request: httpx.Request, following: httpx.Request) -> httpx.Request:
    following.url = without_userinfo(following.url)
    if _origin(following.url) != _origin(request.url):
        for name in set(following.headers) - _HARMLESS_HEADERS:
            del following.headers[name]
    return following


def _whole(_: httpx.Response) -> None:
    """The client itself refuses a body that ends before its announced length."""


def _parse_json(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("content-type", "no content type")
        size = len(response.content)
        raise MalformedBody(f"not JSON but {size} bytes of {kind} ({describe(error)})") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
