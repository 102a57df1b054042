"""A publish repository at the sandbox, and a context that publishes to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from boost_collectors.core.context import RunContext
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox
from tests.github_activity_tracker.export.samples import Publishing

TOKEN = "token-of-the-test-that-may-write"


@pytest.fixture
def publishing(
    tmp_path: Path, make_settings: Callable[..., Settings], make_context: Callable[..., RunContext], database_url: str
) -> Iterator[Publishing]:
    recipes = tmp_path / "samples" / "git" / "pub"
    recipes.mkdir(parents=True)
    (recipes / "pages.yaml").write_text(f"push_token: {TOKEN}\ncommits: []\n", encoding="utf-8")
    with Sandbox(samples=tmp_path / "samples", cache=tmp_path / "cache") as sandbox:
        settings = make_settings(
            DATABASE_URL=database_url,
            GITHUB_GIT_URL=f"{sandbox.url}/git",
            GITHUB_TOKEN_WRITE=TOKEN,
            BOOST_LIBRARY_TRACKER_REPO_OWNER="pub",
            BOOST_LIBRARY_TRACKER_REPO_NAME="pages",
        )
        yield Publishing(sandbox, make_context(settings=settings), tmp_path)
