"""Frozen classes for the protocols, with a JSON form that comes back as an equal object.

They are compared by that form, so a result that travelled through JSON, a pickle or another process equals the
one that was sent, whatever containers its fields were given in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, Self, TypeVar, cast

from boost_collectors.core.activity_types import (
    ActivityType,
    ActorExternalId,
    SourceSystem,
    actor_external_id,
    ensure_activity_occurred_at,
    format_occurred_at_z,
    read_occurred_at,
)
from boost_collectors.core.protocols import TrackerResult

V = TypeVar("V")
R = TypeVar("R", bound=TrackerResult)

MAX_KEYS_SHOWN = 5
MAX_ERRORS_SHOWN = 2
MAX_ERROR_LENGTH = 80
MAX_SUMMARY_LENGTH = 60

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


class FrozenMap(Mapping[str, V], Generic[V]):
    """A read-only copy of a mapping. Unlike a mapping proxy it can be pickled, deep-copied and hashed."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, V]) -> None:
        self._values: Mapping[str, V] = MappingProxyType({str(key): value for key, value in values.items()})

    def __getitem__(self, key: str) -> V:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        # Values may be lists; equal maps have equal keys, which is all a hash must promise.
        return hash(frozenset(self._values))

    def __reduce__(self) -> tuple[type[FrozenMap[V]], tuple[dict[str, V]]]:
        return type(self), (dict(self._values),)

    def __repr__(self) -> str:
        return repr(dict(self._values))


class Dto:
    """What the frozen classes share: the JSON form, equality by it, and a short text form."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # @dataclass on a subclass would otherwise replace these by its own.
        super().__init_subclass__(**kwargs)
        for name in ("__eq__", "__hash__", "__repr__"):
            if name not in cls.__dict__:
                setattr(cls, name, getattr(cls, name))

    def asdict(self) -> dict[str, Any]:
        """The fields as JSON primitives, keys sorted at every level."""
        return cast("dict[str, Any]", to_primitive({name: getattr(self, name) for name in _field_names(self)}))

    def to_json(self) -> str:
        """Compact ASCII JSON; the same object always gives the same text."""
        return json.dumps(self.asdict(), separators=(",", ":"), sort_keys=True, ensure_ascii=True, allow_nan=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The object whose ``asdict`` this is. Unknown keys are ignored.

        Raises KeyError for a missing required key and ValueError for a value that cannot be what it must be.
        """
        values = {name: data[name] for name in _field_names(cls) if name in data}
        for name in cls._required():
            if name not in values:
                raise KeyError(name)
        return cls(**values)

    @classmethod
    def _required(cls) -> tuple[str, ...]:
        return ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((type(self), self.to_json()))

    def __repr__(self) -> str:
        shown = ", ".join(_shown(name, getattr(self, name)) for name in _field_names(self))
        return f"{type(self).__name__}({shown})"


@dataclass(frozen=True, eq=False, repr=False)
class GenericTrackerResult(Dto):
    """What a run did. ``counts`` is a read-only copy; a duration that is not finite is dropped."""

    success: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    duration_seconds: float | None = None

    def __post_init__(self) -> None:
        _set(self, "success", parse_truth(self.success))
        _set(self, "counts", FrozenMap({key: parse_count(key, value) for key, value in self.counts.items()}))
        _set(self, "errors", _texts(self.errors))
        _set(self, "duration_seconds", _finite(self.duration_seconds))

    @classmethod
    def ok(cls, /, **counts: int) -> Self:
        """A success with these counts."""
        return cls(success=True, counts=counts)

    @classmethod
    def failed(cls, /, *errors: str, **counts: int) -> Self:
        """A failure for these reasons, with what was done before."""
        return cls(success=False, counts=counts, errors=errors)

    def with_duration(self, seconds: float) -> Self:
        """The same result with its duration; unchanged when it has one already."""
        return self if self.duration_seconds is not None else replace(self, duration_seconds=seconds)

    @classmethod
    def _required(cls) -> tuple[str, ...]:
        return ("success", "counts")


@dataclass(frozen=True, eq=False, repr=False)
class GenericIncrementalState(Dto):
    """Where a run ended. ``extras`` is a read-only copy."""

    checkpoint_token: str | None = None
    human_readable_marker: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _set(self, "extras", FrozenMap(self.extras or {}))


@dataclass(frozen=True, eq=False, repr=False)
class GenericActivityRecord(Dto):
    """One thing somebody did. ``occurred_at`` becomes aware UTC; naive means UTC."""

    source_system: SourceSystem
    external_id: str
    occurred_at: datetime | None
    activity_type: ActivityType
    actor_external_id: ActorExternalId
    source_url: str | None
    summary: str

    def __post_init__(self) -> None:
        _set(self, "source_system", SourceSystem(self.source_system))
        _set(self, "external_id", str(self.external_id))
        _set(self, "occurred_at", ensure_activity_occurred_at(self.occurred_at))
        _set(self, "activity_type", ActivityType.parse(self.activity_type))
        _set(self, "actor_external_id", actor_external_id(self.actor_external_id))
        _set(self, "summary", str(self.summary))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """As in the base class; a time that cannot be read is None, a missing actor is empty."""
        known = {"actor_external_id": None, "source_url": None, **data}
        return super().from_dict(known | {"occurred_at": read_occurred_at(data.get("occurred_at"))})

    @classmethod
    def _required(cls) -> tuple[str, ...]:
        return ("source_system", "external_id", "activity_type", "summary")


def fill_duration(result: R, seconds: float) -> R:
    """The result with its duration, when it lacks one and can be copied with it; otherwise the very same object."""
    if result.duration_seconds is not None or not _has_duration_field(result):
        return result
    return cast("R", replace(cast("Any", result), duration_seconds=seconds))


def parse_truth(value: object) -> bool:
    """A success flag. Text must say yes or no: every non-empty text, "false" too, is true to Python."""
    if not isinstance(value, str):
        return bool(value)
    try:
        return _TRUTHS[value.strip().lower()]
    except KeyError:
        raise ValueError(f"success: {value!r} is neither true nor false") from None


def parse_count(name: str, value: object) -> int:
    """A count as a whole number. Raises ValueError naming the count when something would be cut off."""
    try:
        number = int(cast("int", value))
        exact = isinstance(value, str) or number == value
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact:
        raise ValueError(f"count {name}: {value!r} is not a whole number")
    return number


def to_primitive(value: Any) -> Any:
    """The value as JSON has it; what JSON has no form for becomes text, and a number that is not finite null."""
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, Enum):
        return to_primitive(value.value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return format_occurred_at_z(value)
    return _container_to_primitive(value)


def _container_to_primitive(value: Any) -> Any:
    if isinstance(value, Mapping):
        texts = {str(key): to_primitive(item) for key, item in value.items()}
        return dict(sorted(texts.items()))
    if isinstance(value, list | tuple):
        return [to_primitive(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((to_primitive(item) for item in value), key=json.dumps)
    return str(value) if not isinstance(value, int) else int(value)


def _has_duration_field(value: object) -> bool:
    return is_dataclass(value) and any(item.name == "duration_seconds" and item.init for item in fields(value))


def _field_names(dto: Dto | type[Dto]) -> list[str]:
    return [item.name for item in fields(cast("Any", dto)) if item.init]


def _set(dto: Dto, name: str, value: object) -> None:
    object.__setattr__(dto, name, value)


def _texts(values: Iterable[Any] | str | None) -> tuple[str, ...]:
    if isinstance(values, str):
        return (values,)
    return tuple(str(value) for value in values or ())


def _finite(seconds: float | None) -> float | None:
    if seconds is None:
        return None
    return float(seconds) if math.isfinite(float(seconds)) else None


def _shown(name: str, value: object) -> str:
    if isinstance(value, Mapping) and len(value) > MAX_KEYS_SHOWN:
        first = ", ".join(f"{key!r}: {value[key]!r}" for key in sorted(value)[:2])
        return f"{name}={{{first}, <{len(value)} keys>}}"
    if name == "errors" and isinstance(value, tuple) and _too_long(value):
        return f"{name}=<{len(value)} items>"
    if name == "summary" and isinstance(value, str) and len(value) > MAX_SUMMARY_LENGTH:
        value = value[: MAX_SUMMARY_LENGTH - 3] + "..."
    return f"{name}={value!r}"


def _too_long(errors: tuple[Any, ...]) -> bool:
    return len(errors) > MAX_ERRORS_SHOWN or any(len(str(error)) > MAX_ERROR_LENGTH for error in errors)
