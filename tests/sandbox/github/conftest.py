"""A sandbox with a generated organisation, and clients of its GitHub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from include.sandbox import Sandbox
from include.sandbox.github import GitHub
from include.sandbox.github.generated import GeneratedOrganization

Query = Callable[..., dict[str, Any]]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        generated=[GeneratedOrganization(repositories=3, issues=260, pull_requests=140, commits=60)]
    ) as server:
        yield server


@pytest.fixture
def github(sandbox: Sandbox) -> GitHub:
    """With its clock stopped in the middle of 2026."""
    sandbox.github.clock.set("2026-06-01T12:00:00Z")
    return sandbox.github


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """REST as a user; paths are relative to the API's root."""
    headers = {"Authorization": "Bearer token-of-collector"}
    with httpx.Client(base_url=f"{sandbox.url}/github-api", headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def ask(client: httpx.Client) -> Query:
    """``ask(query, **variables)``: the whole body of GraphQL's answer."""

    def run(query: str, **variables: Any) -> dict[str, Any]:
        answer = client.post("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    return run
