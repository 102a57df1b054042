"""What collectors have stored, synced to the local store and found again: made-up samples, and real mail and issues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from boost_collectors import registry
from boost_collectors.core.counts import Counts
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.github import GitHubClient
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.search import Question, search_documents, synced_documents
from boost_collectors.cppa_pinecone_sync.sync_api import PineconeInstance
from boost_collectors.github_activity_tracker import services
from boost_collectors.github_activity_tracker.activity import collect_activity
from boost_collectors.github_activity_tracker.api.repositories import overview
from boost_collectors.github_activity_tracker.repository_run import RepositoryRun
from include.sandbox import Sandbox

DATA = Path(__file__).parents[3] / "shared" / "data"
MAILING_LISTS = "r-devel@r-project.org,r-package-devel@r-project.org"
SYNCS = (
    ("mailing", "mailing", "boost_mailing_list_tracker.preprocessor.preprocess_mailing_list_for_pinecone"),
    ("issues", "github", "github_activity_tracker.preprocessor.preprocess_issues"),
    ("prs", "github", "github_activity_tracker.preprocessor.preprocess_prs"),
)
SUBJECTS = r"""
    SELECT DISTINCT regexp_replace(subject, '^(Re|\[[^]]*\]|\s|:)+', '', 'i')
    FROM boost_mailing_list_tracker_mailinglistmessage
"""
TITLES = """
    SELECT title FROM github_activity_tracker_issue UNION SELECT title FROM github_activity_tracker_pullrequest
"""
FEWEST_WORDS = 5
ASKED = 20
SHOWN = 60


@dataclass(frozen=True)
class Collected:
    database: Database
    settings: Settings

    def sync(self) -> list[dict[str, int]]:
        """Counts of a sync of each kind."""
        return [dict(self._execute("run_cppa_pinecone_sync", *_flags(*place)).counts) for place in SYNCS]

    def _execute(self, command: str, *arguments: str) -> Any:
        return execute(registry.find(command), Request(arguments), settings=self.settings)

    def rows(self, query: str) -> list[str]:
        with self.database.engine.connect() as connection:
            return sorted(row[0] for row in connection.execute(text(query)))

    def finds(self, title: str, namespace: str) -> bool:
        """Whether the words of a title find it among the first answers."""
        words = " ".join(re.findall(r"\w+", title))
        answers = search_documents(self.database, self.settings, Question(words, limit=5), [namespace])
        return any(title[:SHOWN] in answer.title for answer in answers)


def _flags(app_type: str, namespace: str, preprocessor: str) -> tuple[str, ...]:
    return (f"--app-type={app_type}", f"--namespace={namespace}", f"--preprocessor={preprocessor}")


@pytest.fixture(params=["sample", "real"])
def collected(
    request: pytest.FixtureRequest, database: Database, database_url: str, make_settings: Any, make_context: Any
) -> Iterator[Collected]:
    """Mail, issues and pull requests that were collected."""
    real = request.param == "real"
    if real and not (DATA / "boost-issues").is_dir():
        pytest.skip(f"there is no folder of real data at {DATA}")
    lists = {"BOOST_MAILING_LISTS": MAILING_LISTS} if real else {}
    with Sandbox(DATA) if real else Sandbox() as sandbox:
        settings = make_settings(**sandbox.environment(), **lists, DATABASE_URL=database_url, VECTOR_STORE="local")
        execute(registry.find("run_boost_mailing_list_tracker"), Request(), settings=settings)
        _collect_items(make_context(settings=settings), "boostorg/system")
        yield Collected(database, settings)


def _collect_items(context: Any, key: str) -> None:
    with GitHubClient.from_context(context) as client:
        state = overview(client, [key]).states[key]
        with context.database.session() as session:
            repository, _ = services.store_repository(session, state, context.clock())
        collect_activity(RepositoryRun(context, client, state, repository, Counts()))


def test_what_was_collected_is_synced_once_and_found(collected: Collected) -> None:
    assert all(counts["total"] > counts["failed_count"] == 0 for counts in collected.sync())
    again = collected.sync()
    assert [(counts["upserted"], counts["updated"], counts["deleted_chunks"]) for counts in again] == [(0, 0, 0)] * 3
    synced = synced_documents(collected.database, collected.settings, PineconeInstance.PUBLIC)
    messages = collected.rows("SELECT msg_id FROM boost_mailing_list_tracker_mailinglistmessage")
    assert synced == {"github": len(collected.rows(TITLES.replace("UNION", "UNION ALL"))), "mailing": len(messages)}

    for namespace, query in (("mailing", SUBJECTS), ("github", TITLES)):
        titles = [title for title in collected.rows(query) if len(title.split()) >= FEWEST_WORDS]
        lost = [title for title in titles[:ASKED] if not collected.finds(title, namespace)]
        assert titles
        assert lost == [], namespace
