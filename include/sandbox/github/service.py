"""The sandbox's GitHub as one object: what a test holds as ``sandbox.github``."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from include.sandbox.git_store import RepositoryStore
from include.sandbox.github.changes import Changes
from include.sandbox.github.clock import Clock, stamp
from include.sandbox.github.generated import GeneratedOrganization
from include.sandbox.github.graphql.binding import BoundField, QueryRefused, bind_query
from include.sandbox.github.graphql.context import Context
from include.sandbox.github.graphql.execution import Execution, Price, price
from include.sandbox.github.graphql.resolvers import RESOLVERS
from include.sandbox.github.history import Histories
from include.sandbox.github.limits import ANONYMOUS, Limits, Window
from include.sandbox.github.model import Account
from include.sandbox.github.recorded import load_recorded
from include.sandbox.github.samples import load_samples
from include.sandbox.github.world import World
from include.sandbox.shelf import Shelf


@dataclass
class Hook:
    """Something to be done once, after ``requests`` more answers whose path contains ``path``."""

    path: str
    requests: int
    do: Callable[[Changes], Any]


class GitHub:
    """The world, its clock and its limits, and what changes them.

    ``clock``, ``limits`` and ``tokens`` (login by token) may be used at any time; ``world`` is read from the shelf
    when it is first needed. ``changes`` edits the world as its users would; ``after`` does so in the middle of a
    client's reading.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.clock = Clock()
        self.limits = Limits(self.clock)
        self.tokens: dict[str, str] = {}
        self._shelf = shelf
        git = replace(shelf, samples=shelf.samples.parent / "git", cache=shelf.cache.parent / "git")
        self._store = RepositoryStore(git)
        self._lock = threading.RLock()
        self._hooks: list[Hook] = []
        self.histories = Histories(self._store)

    @cached_property
    def world(self) -> World:
        with self._lock:
            if "world" in self.__dict__:
                return self.__dict__["world"]  # type: ignore[no-any-return]
            world = World()
            self.tokens = load_samples(world, self._shelf.samples, self._store) | self.tokens
            if self._shelf.real:
                load_recorded(world, self.histories, self._shelf.real)
            for organization in self._shelf.generated:
                if isinstance(organization, GeneratedOrganization):
                    world.generate(organization)
            return world

    @cached_property
    def changes(self) -> Changes:
        """Edits, deletions, transfers and the like."""
        return Changes(self.world, self.clock)

    def git_place(self, owner: str, name: str) -> tuple[str, str]:
        """Under which owner and name the git sandbox keeps a history; that of a deleted repository is nowhere."""
        world: World | None = self.__dict__.get("world")
        found = world.repository(owner, name, follow=True) if world else None
        if found:
            place = found.git.split("/", 1)
            return place[0], place[1]
        return ("", "") if world and world.is_deleted(owner, name) else (owner, name)

    def after(self, requests: int, do: Callable[[Changes], Any], *, path: str = "") -> None:
        """Change the world when that many more requests to paths that contain ``path`` were answered."""
        self._hooks.append(Hook(path, requests, do))

    def answered(self, path: str) -> None:
        """Count an answer for the hooks that wait for it."""
        with self._lock:
            for hook in [hook for hook in self._hooks if hook.path in path]:
                hook.requests -= 1
                if hook.requests <= 0:
                    self._hooks.remove(hook)
                    hook.do(self.changes)

    def user_of(self, token: str | None) -> Account | None:
        """Whose token it is; None when it is nobody's. Without ``strict`` every token has a user of its own."""
        if not token:
            return None
        world = self.world
        login = self.tokens.get(token)
        if login is None and not self.limits.options.strict:
            login = f"user-{hashlib.sha256(token.encode()).hexdigest()[:8]}"
        return world.login(login) if login else None

    def plan(self, text: str, variables: dict[str, Any], operation: str | None) -> tuple[list[BoundField], Price]:
        """What a query asks and costs. Raises QueryRefused."""
        fields = bind_query(text, variables, operation, RESOLVERS)
        return fields, price(fields)

    def run(self, fields: Sequence[BoundField], cost: Price, viewer: Account, window: Window) -> dict[str, Any]:
        """Answer a planned query."""
        rate = {
            "cost": cost.cost,
            "limit": window.limit,
            "nodeCount": cost.nodes,
            "remaining": window.remaining,
            "resetAt": stamp(window.reset),
            "used": window.used,
        }
        context = Context(self.world, self.histories, viewer, rate, _oids(fields))
        execution = Execution(context)
        data = execution.run(list(fields))
        return {"data": data} | ({"errors": execution.errors} if execution.errors else {})

    def resources(self, user: str) -> dict[str, Window]:
        """The present windows of a user."""
        return {bucket: self.limits.window(user, bucket) for bucket in ("core", "graphql", "search", "code_search")}


def _oids(fields: Sequence[BoundField]) -> list[str]:
    found: list[str] = []
    for bound in fields:
        if bound.name == "object":
            found += [name for name in bound.arguments.values() if name]
        elif bound.fields is not None and not bound.fields.is_abstract:
            found += _oids(bound.fields.of(bound.fields.type.name))
    return found


__all__ = ["ANONYMOUS", "GitHub", "QueryRefused"]
