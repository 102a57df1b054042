"""Running a plan, and what it costs by GitHub's published rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from include.sandbox.github.graphql.binding import BoundField, FieldsByType, QueryRefused

MAX_NODES = 500_000
MAX_PAGE = 100


class FieldError(Exception):
    """One field cannot be answered; the rest can. ``kind`` is GitHub's error type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class _Null(Exception):
    """A value that must be there is not: the nearest field above that may be null becomes null."""


@dataclass(frozen=True, slots=True)
class Price:
    """``cost`` in points and ``nodes``, the most that could be returned."""

    cost: int
    nodes: int


@dataclass
class Execution:
    """One run over the plan. ``context`` is handed to every resolver."""

    context: Any
    errors: list[dict[str, Any]] = field(default_factory=list)
    _path: list[str | int] = field(default_factory=list)

    def run(self, fields: list[BoundField]) -> dict[str, Any] | None:
        """The ``data`` of the answer; ``errors`` are collected on the side."""
        try:
            return self._object(None, fields)
        except _Null:
            return None

    def _object(self, source: Any, fields: list[BoundField]) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for bound in fields:
            below = bound.fields
            if below is None:
                try:
                    value = bound.resolve(source, bound.arguments, self.context)
                except FieldError as error:
                    self._failed(bound, error)
                    value = None
                if value is None and bound.required:
                    self._missing(bound)
                answer[bound.key] = value
            else:
                answer[bound.key] = self._below(source, bound, below)
        return answer

    def _below(self, source: Any, bound: BoundField, below: FieldsByType) -> Any:
        self._path.append(bound.key)
        try:
            value = bound.resolve(source, bound.arguments, self.context)
            if value is None:
                return self._missing(bound) if bound.required else None
            return self._list(value, bound, below) if bound.is_list else self._one(value, below)
        except FieldError as error:
            self._report(bound, error)
        except _Null:
            pass
        finally:
            self._path.pop()
        if bound.required:
            raise _Null
        return None

    def _list(self, values: Any, bound: BoundField, below: FieldsByType) -> list[Any]:
        answers: list[Any] = []
        for index, value in enumerate(values):
            self._path.append(index)
            try:
                if isinstance(value, FieldError):
                    raise value
                answers.append(None if value is None else self._one(value, below))
            except FieldError as error:
                self._report(bound, error)
                answers.append(None)
            except _Null:
                answers.append(None)
            finally:
                self._path.pop()
            if answers[-1] is None and bound.item_required:
                raise _Null
        return answers

    def _one(self, value: Any, below: FieldsByType) -> dict[str, Any]:
        typename = self.context.typename(value) if below.is_abstract else below.type.name
        return self._object(value, below.of(typename))

    def _failed(self, bound: BoundField, error: FieldError) -> None:
        self._path.append(bound.key)
        self._report(bound, error)
        self._path.pop()
        if bound.required:
            raise _Null

    def _missing(self, bound: BoundField) -> None:
        message = f"Cannot return null for non-nullable field {bound.name}"
        self.errors.append({"message": message, "path": [*self._path], "locations": [bound.location]})
        raise _Null

    def _report(self, bound: BoundField, error: FieldError) -> None:
        self.errors.append(
            {"type": error.kind, "path": [*self._path], "locations": [bound.location], "message": str(error)}
        )


def price(fields: list[BoundField]) -> Price:
    """The points and nodes of a plan: each connection's requests, as if every page were full.

    Raises QueryRefused where more than 500,000 nodes are asked for.
    """
    requests, nodes = _sum(fields, 1)
    if nodes > MAX_NODES:
        message = f"This query requests up to {nodes:,} possible nodes which exceeds the maximum limit of 500,000."
        raise QueryRefused([{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}])
    return Price(max(1, round(requests / 100)), nodes)


def _sum(fields: list[BoundField], parents: int) -> tuple[int, int]:
    requests = nodes = 0
    for bound in fields:
        if bound.fields is None:
            continue
        below = parents
        if bound.type.name.endswith("Connection"):
            below = parents * min(_size(bound), MAX_PAGE)
            requests, nodes = requests + parents, nodes + below
        elif bound.is_list and "ids" in bound.arguments:
            below = parents * len(bound.arguments["ids"])
            nodes += below
        found = [_sum(bound.fields.of(name), below) for name in bound.fields.possible()]
        requests += max((each[0] for each in found), default=0)
        nodes += max((each[1] for each in found), default=0)
    return requests, nodes


def _size(bound: BoundField) -> int:
    size = bound.arguments.get("first") or bound.arguments.get("last") or 0
    return int(size)
