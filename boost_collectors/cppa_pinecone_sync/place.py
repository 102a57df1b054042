"""Where documents go: whose account, which namespace, and what kind of document they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

PINECONE, LOCAL = "pinecone", "local"
"""The values of VECTOR_STORE."""
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
    """An application type in a namespace of an account; ``store`` is what VECTOR_STORE may name."""

    app_type: str
    namespace: str
    instance: PineconeInstance = PineconeInstance.PUBLIC
    store: str = PINECONE

    @classmethod
    def of(
        cls, app_type: str, namespace: str, instance: PineconeInstance | str | None, *, store: str = PINECONE
    ) -> Self:
        """Raises ValueError for a name that is empty or too long, TypeError for an instance that is none."""
        return cls(
            _name("app_type", app_type, LONGEST_APP_TYPE),
            _name("namespace", namespace, LONGEST_NAMESPACE),
            PineconeInstance.coerce(instance),
            store,
        )

    @property
    def account(self) -> str:
        """What tables call the instance: what one store has got says nothing of another."""
        return account_of(self.store, self.instance)

    @property
    def key(self) -> dict[str, str]:
        """The columns that tell rows of this place from others."""
        return {"app_type": self.app_type, "namespace": self.namespace, "instance": self.account}

    def __str__(self) -> str:
        return f"{self.account}/{self.namespace}/{self.app_type}"


def account_of(store: str, instance: PineconeInstance) -> str:
    """The name of an instance of a store: that of Pinecone's has no prefix, as in the earlier system."""
    return instance.value if store == PINECONE else f"{store}-{instance.value}"


def _name(what: str, value: str, longest: int) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name:
        raise ValueError(f"{what} must not be empty")
    if len(name) > longest:
        raise ValueError(f"{what} {name!r} is longer than {longest} characters")
    return name
