"""The one way to GitHub's API: every request chooses the token with most quota left, and none waits for quota."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from boost_collectors.core.context import utc_now
from boost_collectors.core.errors import AuthenticationError, NetworkError, RateLimited, TransientError
from boost_collectors.core.github.answers import RestAnswer, rest_answer
from boost_collectors.core.github.credentials import Credential
from boost_collectors.core.github.decision import Decision, Fail, Ok, Reply, Retry, SwitchToken, WaitUntil, decide
from boost_collectors.core.github.ledger import Ledger
from boost_collectors.core.github.links import guarded_path
from boost_collectors.core.github.owners import Owners
from boost_collectors.core.github.quota import Bucket, Quota, bucket_of, reported_bucket, reported_limit
from boost_collectors.core.github.tokens import credentials_for
from boost_collectors.core.github.transport import Transport, Unsent
from boost_collectors.core.github.wallet import Grant, Wallet

if TYPE_CHECKING:
    from boost_collectors.core.context import RunContext
    from boost_collectors.core.database import Database
    from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)


class GitHubClient:
    """Reads and writes GitHub for one run; thread-safe. Use it as a context manager: leaving gives quota back.

    Every request raises RateLimited when all tokens are spent, NetworkError, AuthenticationError, NotFoundError,
    SourceError with GitHub's own words, or TransientError when the run was asked to stop.
    ``requests`` and ``points`` count by bucket what this client sent and spent; ``not_modified`` counts free answers.
    """

    def __init__(
        self,
        transport: Transport,
        ledger: Ledger,
        credentials: Sequence[Credential],
        *,
        max_attempts: int,
        max_wait: float,
        clock: Callable[[], datetime] = utc_now,
        stop: threading.Event | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._transport = transport
        self._ledger = ledger
        self._clock = clock
        self._stop = stop or threading.Event()
        self._sleep = sleep or self._stop.wait
        self._max_attempts, self._max_wait = max_attempts, max_wait
        self._wallet = Wallet(ledger, clock)
        self._owners = Owners(credentials, ledger, self._ask, clock, urlsplit(transport.api_url).netloc)
        self._costs: dict[str, int] = {}
        self._counting = threading.Lock()
        self.requests: Counter[Bucket] = Counter()
        self.points: Counter[Bucket] = Counter()
        self.not_modified = 0

    @classmethod
    def from_context(cls, context: RunContext, use: str = "scraping") -> Self:
        """A client with the context's settings, database, clock and stop event; see ``from_settings``."""
        return cls.from_settings(context.settings, context.database, use, clock=context.clock, stop=context.stop)

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        database: Database,
        use: str = "scraping",
        *,
        clock: Callable[[], datetime] = utc_now,
        stop: threading.Event | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> Self:
        """A client with the tokens for ``use``: scraping, push, create_pr or write.

        Raises ValueError for another use, ConfigurationError when no token is configured.
        """
        transport = Transport(
            settings.github_api_url, user_agent=settings.http_user_agent, timeout=settings.http_timeout_seconds
        )
        # The reserve is there for writing.
        reserve = settings.github_quota_reserve if use == "scraping" else 0
        return cls(
            transport,
            Ledger(database, reserve=reserve, clock=clock),
            credentials_for(settings, use, transport),
            max_attempts=settings.http_max_attempts,
            max_wait=settings.http_max_wait_seconds,
            clock=clock,
            stop=stop,
            sleep=sleep,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the quota that is held, and close the connections."""
        try:
            self._wallet.close()
        finally:
            self._transport.close()

    def rest(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        etag: str | None = None,
        accept: str | None = None,
    ) -> RestAnswer:
        """GET a path such as ``/repos/o/r``, or a pagination URL of the API (ValueError for one that leads away).

        With ``etag`` an unchanged resource costs nothing: the answer is ``not_modified``.
        """
        headers = {"If-None-Match": etag} if etag else {}
        if accept:
            headers["Accept"] = accept
        path = path if path.startswith("/") else guarded_path(path, self._transport.api_url)
        return rest_answer(self._call("GET", path, bucket_of(path), params=params, headers=headers), etag)

    def pages(self, path: str, *, params: Mapping[str, Any] | None = None) -> Iterator[RestAnswer]:
        """The pages of a list, 100 items each unless ``params`` says otherwise, following ``rel=next``."""
        answer = self.rest(path, params={"per_page": 100, **(params or {})})
        yield answer
        while following := answer.links.get("next"):
            answer = self.rest(following)
            yield answer

    def send(self, method: str, path: str, payload: Any = None) -> RestAnswer:
        """POST, PUT, PATCH or DELETE; a missing payload is sent as ``{}``.

        Never repeated once the server may have acted: then NetworkError says that it is not known.
        """
        body = {} if payload is None else payload
        return rest_answer(self._call(method, path, bucket_of(path), payload=body), None)

    def graphql(
        self, query: str, variables: Mapping[str, Any] | None = None, *, attempts: int | None = None
    ) -> dict[str, Any]:
        """The ``data`` of a query's answer; raises GraphQLError, with partial data, when there are errors.

        Ask for ``rateLimit { cost remaining resetAt }``: without it a query counts as one point. ``attempts`` bounds
        the repeats after a 502: a smaller page is often the better answer to one.
        """
        payload: dict[str, Any] = {"query": query}
        if variables:
            payload["variables"] = dict(variables)
        reply = self._call("POST", self._transport.graphql_url, Bucket.GRAPHQL, payload=payload, attempts=attempts)
        data: dict[str, Any] = reply.json.get("data") or {}
        return data

    def quota(self, bucket: Bucket | str) -> Quota:
        """How the bucket stands, from the ledger; GitHub is asked only about tokens that are not known yet."""
        bucket = Bucket(bucket)
        return self._ledger.quota(bucket, self._owners.names(), self._wallet.held(bucket))

    def counts(self) -> dict[str, int]:
        """What this client did, for a collector's Counts, and what it left of the quota of GraphQL."""
        counts = {
            "github_requests": self.requests.total(),
            "github_graphql_points": self.points[Bucket.GRAPHQL],
            "github_rest_points": self.points.total() - self.points[Bucket.GRAPHQL],
            "github_not_modified": self.not_modified,
        }
        if owners := self._owners.known():
            quota = self._ledger.quota(Bucket.GRAPHQL, owners, self._wallet.held(Bucket.GRAPHQL))
            counts["github_points_left"] = quota.remaining
        return counts

    def _call(self, method: str, path: str, bucket: Bucket, *, attempts: int | None = None, **request: Any) -> Reply:
        """Send until there is an answer to be kept; ``path`` and ``request`` are the transport's."""
        failures = 0
        while True:
            self._check_stop(method, path)
            try:
                grant, reply = self._attempt(method, path, bucket, **request)
                decision = decide(reply, bucket, self._clock())
            except NetworkError as error:
                grant, reply, decision = None, None, _after(error, method, bucket, request)
            if isinstance(decision, Fail):
                raise decision.error
            if isinstance(decision, Retry):
                failures += 1
                # Without a reply the request never got there, or may be repeated.
                repeatable = reply is None or _repeatable(method, bucket, request)
                self._back_off(decision, failures, attempts or self._max_attempts, repeatable)
            elif grant is not None and reply is not None:
                if isinstance(decision, Ok):
                    return reply
                self._turn_away(grant, decision)

    def _attempt(self, method: str, path: str, bucket: Bucket, **request: Any) -> tuple[Grant, Reply]:
        grant, credential = self._grant(bucket, self._estimate(bucket, request))
        try:
            reply = self._send(credential, method, path, bucket, **request)
        except Unsent:
            self._wallet.spent(grant, 0, None)
            raise
        self._account(grant, reply, request)
        if reply.status == 401:
            self._owners.drop(grant.owner, credential, reply.told)
            self._wallet.give_up(None, grant.owner)
        return grant, reply

    def _grant(self, bucket: Bucket, cost: int) -> tuple[Grant, Credential]:
        while True:
            grant = self._wallet.take(bucket, self._owners.names(), cost)
            credential = self._owners.credential(grant.owner)
            if credential is not None:
                return grant, credential
            self._wallet.spent(grant, 0, None)

    def _send(self, credential: Credential, method: str, path: str, bucket: Bucket, **request: Any) -> Reply:
        with self._counting:
            self.requests[bucket] += 1
        return self._transport.send(credential.auth, method, path, **request)

    def _ask(self, credential: Credential, path: str) -> Reply:
        """A request about a token itself, outside the ledger, repeated like any other; raises RateLimited too."""
        failures = 0
        while True:
            self._check_stop("GET", path)
            decision: Decision
            try:
                reply = self._send(credential, "GET", path, Bucket.CORE)
                decision = decide(reply, Bucket.CORE, self._clock())
                if isinstance(decision, WaitUntil):
                    raise RateLimited(decision.reason, retry_at=decision.until)
                if not isinstance(decision, Retry):
                    return reply
            except NetworkError as error:
                decision = Retry(None, error)
            failures += 1
            self._back_off(decision, failures, self._max_attempts, True)

    def _account(self, grant: Grant, reply: Reply, request: Mapping[str, Any]) -> None:
        """Take over what the answer says about its cost and about what is left."""
        cost = _cost(reply, grant)
        if grant.bucket is Bucket.GRAPHQL and cost:
            self._costs[str(request["payload"]["query"])] = cost
        seen = reported_limit(reply.headers) if reported_bucket(reply.headers, grant.bucket) is grant.bucket else None
        self._wallet.spent(grant, cost, seen)
        with self._counting:
            self.points[grant.bucket] += cost
            self.not_modified += reply.status == 304

    def _estimate(self, bucket: Bucket, request: Mapping[str, Any]) -> int:
        """Points to reserve: what the same query cost the last time."""
        return self._costs.get(str(request["payload"]["query"]), 1) if bucket is Bucket.GRAPHQL else 1

    def _turn_away(self, grant: Grant, decision: WaitUntil | SwitchToken) -> None:
        """Let the owner or the token rest, so that the next attempt takes another."""
        if isinstance(decision, SwitchToken):
            if not self._usable():
                raise decision.error
            return
        logger.info("GitHub: %s rests until %s: %s", grant.owner, decision.until, decision.reason)
        self._wallet.give_up(decision.bucket, grant.owner)
        self._ledger.block(grant.owner, decision.bucket, decision.until, named=decision.named)

    def _usable(self) -> bool:
        try:
            return bool(self._owners.names())
        except AuthenticationError:
            return False

    def _back_off(self, decision: Retry, failures: int, attempts: int, repeatable: bool) -> None:
        if failures >= attempts or not repeatable:
            raise decision.error
        wait = decision.after or min(2.0 ** min(failures - 1, 30), self._max_wait)
        if wait > self._max_wait:
            raise RateLimited(str(decision.error), retry_at=self._clock() + timedelta(seconds=wait)) from decision.error
        logger.warning("%s; asking again in %.1f s (attempt %d failed)", decision.error, wait, failures)
        self._sleep(wait)

    def _check_stop(self, method: str, path: str) -> None:
        if self._stop.is_set():
            raise TransientError(f"{method} {path}: not asked, the run was asked to stop")


def _repeatable(method: str, bucket: Bucket, request: Mapping[str, Any]) -> bool:
    """True for what may be asked twice: reading, by REST or GraphQL."""
    if bucket is Bucket.GRAPHQL:
        return not str(request["payload"]["query"]).lstrip().startswith("mutation")
    return method == "GET"


def _after(error: NetworkError, method: str, bucket: Bucket, request: Mapping[str, Any]) -> Decision:
    """A write is not repeated once the server may have acted on it."""
    if isinstance(error, Unsent) or _repeatable(method, bucket, request):
        return Retry(None, error)
    return Fail(NetworkError(f"{error}; it is not known whether GitHub did it"))


def _cost(reply: Reply, grant: Grant) -> int:
    """Points that the answer really cost."""
    if reply.status == 304:
        return 0
    if grant.bucket is not Bucket.GRAPHQL:
        return 1
    try:
        return int(reply.json["data"]["rateLimit"]["cost"])
    except (ValueError, TypeError, KeyError):
        return grant.cost
