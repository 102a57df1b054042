"""Where documents go: whose account, which namespace, and what kind of document they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

LONGEST_APP_TYPE = 64
LONGEST_NAMESPACE = 255


class PineconeInstance(StrEnum):
    """The Pinecone account."""

    PUBLIC = "public"
    PRIVATE = "private"

    @classmethod
    def coerce(cls, value: PineconeInstance | str | None) -> PineconeInstance:
        """None is public; text matches whatever its case. Raises ValueError and TypeError for what is neither."""
        if value is None:
            return cls.PUBLIC
        if not isinstance(value, str):
            raise TypeError(f"instance must be PineconeInstance, str, or None, not {type(value).__name__}")
        try:
            return cls(value.strip().lower())
        except ValueError:
            raise ValueError(f"instance must be 'public' or 'private', not {value!r}") from None


@dataclass(frozen=True, slots=True)
class Place:
    """An application type in a namespace of an account."""

    app_type: str
    namespace: str
    instance: PineconeInstance = PineconeInstance.PUBLIC

    @classmethod
    def of(cls, app_type: str, namespace: str, instance: PineconeInstance | str | None) -> Self:
        """Raises ValueError for a name that is empty or too long, TypeError for an instance that is none."""
        return cls(
            _name("app_type", app_type, LONGEST_APP_TYPE),
            _name("namespace", namespace, LONGEST_NAMESPACE),
            PineconeInstance.coerce(instance),
        )

    @property
    def key(self) -> dict[str, str]:
        """The columns that tell rows of this place from others."""
        return {"app_type": self.app_type, "namespace": self.namespace, "instance": self.instance.value}

    def __str__(self) -> str:
        return f"{self.instance.value}/{self.namespace}/{self.app_type}"


def _name(what: str, value: str, longest: int) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name:
        raise ValueError(f"{what} must not be empty")
    if len(name) > longest:
        raise ValueError(f"{what} {name!r} is longer than {longest} characters")
    return name
