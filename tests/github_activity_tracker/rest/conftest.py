"""A scripted GitHub and the real client that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from boost_collectors.core.context import RunContext
from boost_collectors.core.github import GitHubClient
from boost_collectors.core.settings import Settings
from tests.github_activity_tracker.rest.server import ScriptedGitHub


@pytest.fixture
def github() -> Iterator[ScriptedGitHub]:
    with ScriptedGitHub() as server:
        yield server


@pytest.fixture
def client(
    github: ScriptedGitHub,
    make_settings: Callable[..., Settings],
    make_context: Callable[..., RunContext],
    database_url: str,
) -> Iterator[GitHubClient]:
    settings = make_settings(
        DATABASE_URL=database_url, GITHUB_API_URL=github.url, GITHUB_TOKEN="t0ken", HTTP_MAX_ATTEMPTS="1"
    )
    with GitHubClient.from_context(make_context(settings=settings), use="scraping") as client:
        yield client
