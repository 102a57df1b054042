"""The shapes that parts of the system agree on. Any object with these members fits; a plain dict never does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

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


def require_tracker_result(value: object) -> TrackerResult:
    """The same object. Raises TypeError when it is not a TrackerResult."""
    if isinstance(value, TrackerResult):
        return value
    raise _mismatch("TrackerResult", value)


def require_activity_record(value: object) -> ActivityRecord:
    """The same object. Raises TypeError when it is not an ActivityRecord."""
    if isinstance(value, ActivityRecord):
        return value
    raise _mismatch("ActivityRecord", value)


def require_incremental_state(value: object) -> IncrementalState:
    """The same object. Raises TypeError when it is not an IncrementalState."""
    if isinstance(value, IncrementalState):
        return value
    raise _mismatch("IncrementalState", value)


def _mismatch(protocol: str, value: object) -> TypeError:
    return TypeError(f"expected a {protocol}, got {type(value).__name__}")
