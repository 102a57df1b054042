"""Making the sandbox misbehave: which requests, how, and how often."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from flask import has_request_context, request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

ENVIRON_KEY = "sandbox.page_fault"


class FaultKind(StrEnum):
    """What happens to a request.

    ``latency``: answer after ``seconds``. ``status``: answer ``status`` instead, with ``retry_after`` if given, and
    with what was asked, credentials and all, if ``echoes`` is set.
    ``truncated``: promise the whole body, send half of it, close. ``malformed``: a broken body of the right content
    type with status 200. ``dropped``: reset the connection without an answer. ``repeated_page``: the page before
    the one asked for. ``shifted_page``: as if ``items`` new items had come in at the top since the last page
    (negative: had gone), so that items repeat (are missed) by a reader that trusts page numbers.
    """

    LATENCY = "latency"
    STATUS = "status"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    DROPPED = "dropped"
    REPEATED_PAGE = "repeated_page"
    SHIFTED_PAGE = "shifted_page"


class Fault(BaseModel):
    """One rule. ``path`` is a shell pattern over path and query (``*/papers/2024/*``).

    ``times``: how many matching requests it spoils, None for all. ``after``: how many it lets pass before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    kind: FaultKind
    times: int | None = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0)
    seconds: float = Field(default=0.0, ge=0)
    status: int = Field(default=500, ge=300, le=599)
    retry_after: float | None = None
    retry_after_as_date: bool = False
    echoes: bool = False
    items: int = 1

    def retry_after_header(self, now: datetime) -> str | None:
        """The Retry-After value: seconds, or the HTTP date that many seconds from ``now``."""
        if self.retry_after is None:
            return None
        if self.retry_after_as_date:
            return format_datetime(now.astimezone(UTC) + timedelta(seconds=self.retry_after), usegmt=True)
        return f"{self.retry_after:g}"


class _Armed:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0

    def takes(self, url: str) -> bool:
        """Count a request that matches, and say if the rule spoils it."""
        if not fnmatchcase(url, self.fault.path) and not fnmatchcase(url.partition("?")[0], self.fault.path):
            return False
        self.seen += 1
        past = self.seen - self.fault.after
        return past > 0 and (self.fault.times is None or past <= self.fault.times)


class Faults:
    """The rules in force, in the order they were added. Safe to use from many threads."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def add(self, path: str, kind: str, **details: Any) -> Fault:
        """Add a rule: see :class:`Fault` for the details. Raises pydantic's ValidationError for what it cannot be."""
        fault = Fault(path=path, kind=FaultKind(kind), **details)
        self.extend([fault])
        return fault

    def extend(self, faults: list[Fault]) -> None:
        with self._lock:
            self._armed += [_Armed(fault) for fault in faults]

    def load(self, path: Path) -> None:
        """Add the rules of a JSON file: a list of objects with the fields of :class:`Fault`."""
        self.extend(TypeAdapter(list[Fault]).validate_python(json.loads(path.read_text(encoding="utf-8"))))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def list(self) -> list[dict[str, Any]]:
        """Every rule with ``seen``, the matching requests so far."""
        with self._lock:
            return [armed.fault.model_dump(mode="json") | {"seen": armed.seen} for armed in self._armed]

    def take(self, url: str) -> Fault | None:
        """The fault for a request, after sleeping through the latencies that apply to it."""
        with self._lock:
            taken = [armed.fault for armed in self._armed if armed.takes(url)]
        for fault in taken:
            if fault.kind is FaultKind.LATENCY:
                time.sleep(fault.seconds)
        return next((fault for fault in taken if fault.kind is not FaultKind.LATENCY), None)


def page_start(start: int, size: int) -> int:
    """The first item of the page to be served when item ``start`` was asked for: the hook for the page faults."""
    fault = request.environ.get(ENVIRON_KEY) if has_request_context() else None
    if not isinstance(fault, Fault) or start == 0:
        return start
    return max(0, start - (size if fault.kind is FaultKind.REPEATED_PAGE else fault.items))
