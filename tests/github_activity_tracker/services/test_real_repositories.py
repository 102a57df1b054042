"""Repositories as GitHub's REST API really described them: what is stored is what they say."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from boost_collectors.cppa_user_tracker.services import get_or_create_github_account
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.models import GithubRepository

DATA = Path(__file__).parents[4] / "shared" / "data" / "github-api"
TOLD = {
    "github-to-sqlite/repo.json": "dogsheep/github-to-sqlite",
    "perceval/github_repo.json": "kubernetes/kubernetes",
    "octokit-fixtures/get-repository.raw.json": "octokit-fixture-org/hello-world",
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded answers are not here")


def answer(name: str) -> dict[str, Any]:
    recorded = json.loads((DATA / name).read_text(encoding="utf-8"))
    found: dict[str, Any] = recorded[0]["response"] if isinstance(recorded, list) else recorded
    return found


@pytest.mark.parametrize("name", TOLD)
def test_a_recorded_repository_is_stored_as_it_was_told(database: Database, name: str) -> None:
    told = answer(name)
    assert told["full_name"] == TOLD[name]
    owner = told["owner"]
    with database.session() as session:
        account, _ = get_or_create_github_account(session, owner["id"], owner["login"])
        repo, created = services.get_or_create_repository(session, account, told["name"])
        assert created
        services.update_repository_metadata_from_api(session, repo, told)
    with database.session() as session:
        stored = session.get_one(GithubRepository, repo.id)
        assert (stored.stars, stored.forks) == (told["stargazers_count"], told["forks_count"])
        assert stored.description == (told["description"] or "")
        for field in ("created_at", "updated_at", "pushed_at"):
            assert getattr(stored, f"repo_{field}") == datetime.fromisoformat(told[field])
