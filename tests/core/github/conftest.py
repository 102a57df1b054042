"""Clients of a small GitHub on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from boost_collectors.core.database import Database
from boost_collectors.core.github.client import GitHubClient
from boost_collectors.core.settings import Settings
from tests.core.github.small_github import SmallGitHub


@pytest.fixture
def server() -> Iterator[SmallGitHub]:
    with SmallGitHub.running() as server:
        yield server


@pytest.fixture
def waits() -> list[float]:
    """The waits that the clients of ``make_client`` asked for, in seconds."""
    return []


@pytest.fixture
def make_client(
    server: SmallGitHub,
    database: Database,
    make_settings: Callable[..., Settings],
    waits: list[float],
) -> Iterator[Callable[..., GitHubClient]]:
    """``make_client("token", …)``: a client of the small GitHub with these tokens; settings may be given by name."""
    clients = []

    def make(*tokens: str, use: str = "scraping", stop: threading.Event | None = None, **given: str) -> GitHubClient:
        variables = {"GITHUB_QUOTA_RESERVE": "0", "GITHUB_API_URL": server.url, **given}
        settings = make_settings(GITHUB_TOKENS_SCRAPING=",".join(tokens), GITHUB_TOKEN_WRITE=tokens[0], **variables)
        client = GitHubClient.from_settings(settings, database, use, clock=server.clock, stop=stop, sleep=waits.append)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
