"""Whose quota each credential spends: asked of GitHub once, kept in the ledger, dead tokens dropped with a warning."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock

from boost_collectors.core.errors import AuthenticationError, RateLimited
from boost_collectors.core.github.credentials import Credential
from boost_collectors.core.github.decision import Reply
from boost_collectors.core.github.ledger import KnownToken, Ledger
from boost_collectors.core.github.quota import listed_limits

logger = logging.getLogger(__name__)

ASKED_AGAIN = timedelta(hours=1)
"""A token that was refused is tried again after this: it may have been renewed."""

Ask = Callable[[Credential, str], Reply]


class Owners:
    """The credentials that can be used, by the owner of the quota. Thread-safe; GitHub is asked at first use.

    ``prefix`` tells the owners of one API from those of another.
    """

    def __init__(
        self, credentials: Sequence[Credential], ledger: Ledger, ask: Ask, clock: Callable[[], datetime], prefix: str
    ) -> None:
        self._credentials = credentials
        self._ledger = ledger
        self._ask = ask
        self._clock = clock
        self._prefix = prefix
        self._lock = Lock()
        self._usable: dict[str, list[Credential]] | None = None

    def names(self) -> frozenset[str]:
        """The owners with a credential that GitHub accepts. Raises AuthenticationError when there is none."""
        with self._lock:
            if self._usable is None:
                self._usable = self._learn()
            names = frozenset(self._usable)
        if not names:
            raise AuthenticationError(f"GitHub accepts none of the {len(self._credentials)} configured token(s)")
        return names

    def known(self) -> frozenset[str]:
        """The same as far as it is known already; nobody is asked."""
        with self._lock:
            return frozenset(self._usable or ())

    def credential(self, owner: str) -> Credential | None:
        """A credential of the owner, or None when the last one was dropped meanwhile."""
        with self._lock:
            return next(iter((self._usable or {}).get(owner, ())), None)

    def drop(self, owner: str, credential: Credential, reason: str) -> None:
        """Use this credential no more; every worker will know."""
        with self._lock:
            left = [other for other in (self._usable or {}).get(owner, ()) if other is not credential]
            if self._usable is not None:
                self._usable[owner] = left
                if not left:
                    del self._usable[owner]
        self._reject(credential, owner, reason)

    def _learn(self) -> dict[str, list[Credential]]:
        prints = [credential.fingerprint for credential in self._credentials]
        known = self._ledger.known(prints)
        if all(self._is_fresh(known.get(each)) for each in prints):
            return self._sorted_out(known)
        with self._ledger.learning():
            return self._sorted_out(self._ledger.known(prints))

    def _is_fresh(self, known: KnownToken | None) -> bool:
        """True if GitHub need not be asked about the token now."""
        if known is None:
            return False
        return known.rejected_at is None or self._clock() - known.rejected_at < ASKED_AGAIN

    def _sorted_out(self, known: Mapping[str, KnownToken]) -> dict[str, list[Credential]]:
        usable: dict[str, list[Credential]] = {}
        for credential in self._credentials:
            owner = self._owner(credential, known.get(credential.fingerprint))
            if owner is not None:
                usable.setdefault(owner, []).append(credential)
        return usable

    def _owner(self, credential: Credential, known: KnownToken | None) -> str | None:
        if known is not None and self._is_fresh(known):
            return known.owner if known.rejected_at is None else None
        try:
            return self._asked(credential, self._clock())
        except AuthenticationError as error:
            self._reject(credential, self._name(credential), str(error))
            return None

    def _asked(self, credential: Credential, now: datetime) -> str:
        name = self._name(credential)
        if credential.owner is None:
            name = f"{self._prefix}/{login}" if (login := self._login(credential)) else name
        limits = self._ask(credential, "/rate_limit")
        if limits.status == 401:
            raise AuthenticationError(limits.told)
        # An API without limits has no such page.
        cost = 1 if credential.owner is None else 0
        self._ledger.learn(credential.fingerprint, name, listed_limits(_parsed(limits), now), cost)
        return name

    def _login(self, credential: Credential) -> str | None:
        """Whose token it is. None for one that may not read its user (an installation's, given as a token), or not
        now: it has a quota of its own, as far as we know."""
        try:
            reply = self._ask(credential, "/user")
        except RateLimited:
            return None
        if reply.status == 401:
            raise AuthenticationError(reply.told)
        return reply.json.get("login") if reply.status == 200 and isinstance(reply.json, dict) else None

    def _name(self, credential: Credential) -> str:
        return f"{self._prefix}/{credential.owner or f'token:{credential.fingerprint[:12]}'}"

    def _reject(self, credential: Credential, owner: str, reason: str) -> None:
        logger.warning("A GitHub token of %s is dropped, GitHub refuses it: %s", owner, reason)
        self._ledger.reject(credential.fingerprint, owner)


def _parsed(reply: Reply) -> object:
    return None if reply.status == 404 else reply.json
