"""Sending one request to GitHub through PyGithub, which carries the credentials, the URLs and the JSON.

PyGithub's own connections are replaced: they are not safe for threads, use a proxy for this machine too, forget the
query of a redirected URL, and wait in place. Here nothing is repeated, nothing waits, and nothing is raised for a
status: the caller decides.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from github import Auth
from github.Requester import HTTPRequestsConnectionClass, Requester, RequestsResponse
from requests.adapters import HTTPAdapter

from boost_collectors.core.errors import NetworkError, SourceError
from boost_collectors.core.github.decision import Reply
from boost_collectors.core.http_retry import describe, shown_url

ACCEPT = "application/vnd.github+json"
API_VERSION = "2022-11-28"
PER_PAGE = 100
MAX_REDIRECTS = 5
_POOL = 20
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_REDIRECTS = (301, 302, 307, 308)
_KEEPS_METHOD = (307, 308)

# PyGithub logs whole answers at DEBUG, and those of GitHub Apps hold tokens.
logging.getLogger("github.Requester").setLevel(logging.INFO)


class Unsent(NetworkError):
    """The server was not reached: nothing can have happened there."""


class Transport:
    """Requests to one GitHub API. Thread-safe; connections are kept and shared by all credentials."""

    def __init__(self, api_url: str, *, user_agent: str, timeout: float) -> None:
        self.api_url = api_url.rstrip("/")
        self._user_agent = user_agent
        self._timeout = timeout
        self._session = requests.Session()
        # Otherwise a .netrc of the machine would put its own credentials in.
        self._session.auth = Requester.noopAuth
        # A proxy named by the environment serves the outside, never this machine.
        self._session.trust_env = urlsplit(api_url).hostname not in _THIS_MACHINE
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL, pool_connections=_POOL))
        self.graphql_url = self._requester(None).graphql_url

    def close(self) -> None:
        """Close the connections that are kept."""
        self._session.close()

    def send(
        self,
        auth: Auth.Auth | None,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        payload: Any = None,
    ) -> Reply:
        """The answer to one request, whatever its status; ``path`` is below the API's root or its GraphQL URL.

        Redirects are followed, with credentials only within the same place. Raises Unsent when the server could not
        be reached, NetworkError when it was but did not answer properly.
        """
        exchange = _Exchange(self._session, self.api_url, self._timeout)
        given = {name: value for name, value in (params or {}).items() if value is not None}
        sent = {"Accept": ACCEPT, **(headers or {})}
        try:
            self._requester(auth).requestJson(method, path, given, sent, payload, exchange)
        except _NotFinished:
            pass
        except requests.RequestException as error:
            raise _network_error(method, exchange.asked or path, error) from None
        return exchange.reply()

    def _requester(self, auth: Auth.Auth | None) -> Requester:
        # Cheap, and without state that threads would share.
        return Requester(
            auth,
            self.api_url,
            timeout=int(self._timeout),
            user_agent=self._user_agent,
            per_page=PER_PAGE,
            verify=True,
            retry=None,
            pool_size=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version=API_VERSION,
        )


class _NotFinished(Exception):
    """The server is still at work on the answer (202): PyGithub would sleep and ask again."""


class _Exchange(HTTPRequestsConnectionClass):
    """A connection, as PyGithub sees it, that serves one request over the shared session."""

    def __init__(self, session: requests.Session, api_url: str, timeout: float) -> None:
        self.session = session
        self._origin = urlsplit(api_url)
        self._seconds = timeout
        self._answer: requests.Response | None = None
        self.asked = ""

    def getresponse(self) -> RequestsResponse:
        url = f"{self._origin.scheme}://{self._origin.netloc}{self.url}"
        answer = self._ask(url)
        for _ in range(MAX_REDIRECTS):
            following = self._following(answer)
            if following is None:
                break
            answer = self._ask(following)
        else:
            raise requests.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects")
        self._answer = answer
        if answer.status_code == requests.codes.accepted:
            raise _NotFinished
        return _Read(answer)

    def close(self) -> None:
        """The session is the transport's."""

    def reply(self) -> Reply:
        if self._answer is None:
            raise SourceError(f"{self.asked}: no answer was read")
        headers = {name.lower(): value for name, value in self._answer.headers.items()}
        return Reply(self._answer.status_code, headers, self._answer.content, self.verb, self.asked)

    def _ask(self, url: str) -> requests.Response:
        self.asked = url
        if not _same_place(urlsplit(url), self._origin):
            self.headers = {name: value for name, value in self.headers.items() if name != "Authorization"}
        return self.session.request(
            self.verb, url, data=self.input, headers=self.headers, timeout=self._seconds, allow_redirects=False
        )

    def _following(self, answer: requests.Response) -> str | None:
        """Where the answer sends us, or None for one to be kept."""
        location = answer.headers.get("location")
        repeatable = self.verb == "GET" or answer.status_code in _KEEPS_METHOD
        if answer.status_code not in _REDIRECTS or not location or not repeatable:
            return None
        target = urljoin(self.asked, location)
        parts = urlsplit(target)
        safe = parts.scheme == "https" or (parts.scheme == "http" and self._origin.scheme == "http")
        return target if safe and parts.hostname and not parts.username else None


class _Read(RequestsResponse):
    """An answer as PyGithub reads it: only so far that it does not act on it by itself."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(answer)
        # What PyGithub would make of the status, the quota and a redirect is decided elsewhere.
        self.headers = requests.structures.CaseInsensitiveDict()
        self.status = 200

    def read(self) -> str:
        return ""


def _same_place(one: SplitResult, other: SplitResult) -> bool:
    return (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)


def _network_error(method: str, url: str, error: requests.RequestException) -> NetworkError | SourceError:
    told = f"{method} {shown_url(url)}: {describe(error)}"
    if isinstance(error, requests.TooManyRedirects | requests.exceptions.InvalidURL):
        return SourceError(told)
    return Unsent(told) if _never_connected(error) else NetworkError(told)


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
