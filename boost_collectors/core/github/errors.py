"""The errors of GitHub's GraphQL API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from boost_collectors.core.errors import SourceError


class GraphQLError(SourceError):
    """A query was answered with errors. ``data`` is the part that was answered all the same, or None."""

    def __init__(self, errors: Sequence[Mapping[str, Any]], data: dict[str, Any] | None) -> None:
        super().__init__("GraphQL errors: " + "; ".join(_told(error) for error in errors))
        self.errors = tuple(errors)
        self.data = data

    @property
    def types(self) -> frozenset[str]:
        """GitHub's names for what went wrong: ``NOT_FOUND``, ``FORBIDDEN``, …"""
        return frozenset(str(error["type"]) for error in self.errors if error.get("type"))


def _told(error: Mapping[str, Any]) -> str:
    path = "/".join(map(str, error.get("path") or ()))
    message = " ".join(str(error.get("message") or error.get("type") or "no message").split())
    return f"{message} (at {path})" if path else message
