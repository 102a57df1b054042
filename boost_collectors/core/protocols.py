"""The shapes that parts of the system agree on. Any object with these members fits; a plain dict never does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar, runtime_checkable

from boost_collectors.core.activity_types import ActivityType, ActorExternalId, SourceSystem


@runtime_checkable
class TrackerResult(Protocol):
    """What a run did: whether it succeeded, counts by name, error texts, and how long it took."""

    @property
    def success(self) -> bool: ...
    @property
    def counts(self) -> Mapping[str, int]: ...
    @property
    def errors(self) -> Sequence[str]: ...
    @property
    def duration_seconds(self) -> float | None: ...


@runtime_checkable
class ActivityRecord(Protocol):
    """One thing somebody did. ``occurred_at`` is aware UTC, or None when the source does not say."""

    @property
    def source_system(self) -> SourceSystem: ...
    @property
    def external_id(self) -> str: ...
    @property
    def occurred_at(self) -> datetime | None: ...
    @property
    def activity_type(self) -> ActivityType: ...
    @property
    def actor_external_id(self) -> ActorExternalId: ...
    @property
    def source_url(self) -> str | None: ...
    @property
    def summary(self) -> str: ...


@runtime_checkable
class IncrementalState(Protocol):
    """Where a run ended: a token for the machine, a marker for people, and what else the collector needs."""

    @property
    def checkpoint_token(self) -> str | None: ...
    @property
    def human_readable_marker(self) -> str | None: ...
    @property
    def extras(self) -> Mapping[str, Any]: ...


P = TypeVar("P")


def _require(protocol: type[P], value: object) -> P:
    if not isinstance(value, protocol):
        raise TypeError(f"expected a {protocol.__name__}, got {type(value).__name__}")
    return value


def require_tracker_result(value: object) -> TrackerResult:
    """The same object. Raises TypeError when it is not a TrackerResult."""
    return _require(TrackerResult, value)  # type: ignore[type-abstract]  # a protocol is a type to isinstance


def require_activity_record(value: object) -> ActivityRecord:
    """The same object. Raises TypeError when it is not an ActivityRecord."""
    return _require(ActivityRecord, value)  # type: ignore[type-abstract]


def require_incremental_state(value: object) -> IncrementalState:
    """The same object. Raises TypeError when it is not an IncrementalState."""
    return _require(IncrementalState, value)  # type: ignore[type-abstract]
