"""What the sandbox was asked, so that tests can count requests and look at headers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

LIMIT = 20_000
SECRET_HEADERS = frozenset({"api-key", "authorization", "cookie", "x-api-key", "x-goog-api-key"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request and how it ended.

    ``query`` keeps the order and repetition of the parameters; header names are in lower case. ``status`` is 0 and
    ``fault`` says "dropped" when no answer was sent. ``fault`` is empty for an undisturbed answer.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    fault: str = ""

    @property
    def url(self) -> str:
        """Path and query as they were asked for."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def public(self) -> dict[str, Any]:
        """The record for the HTTP interface, credentials left out."""
        headers = {name: "***" if name in SECRET_HEADERS else value for name, value in self.headers.items()}
        return asdict(self) | {"headers": headers}


class Recording:
    """The last requests in the order of their ends. Safe to use from many threads."""

    def __init__(self) -> None:
        self._requests: deque[Recorded] = deque(maxlen=LIMIT)

    def add(self, request: Recorded) -> None:
        self._requests.append(request)

    def clear(self) -> None:
        self._requests.clear()

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[Recorded]:
        return iter(tuple(self._requests))

    def __getitem__(self, index: int) -> Recorded:
        return self._requests[index]
