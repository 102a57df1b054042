"""Any number of rows for the dashboard and for the selection of documents, and how long reading them takes."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks._dashboard_rows import Scale, fill
from benchmarks.processes import ROOT, new_database
from boost_collectors.boost_mailing_list_tracker.preprocessor import preprocess_mailing_list_for_pinecone
from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.database.embedded import EmbeddedPostgres
from boost_collectors.core.http import HttpClient
from boost_collectors.core.progress import make_progress
from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace import Workspace

USAGES = 5_000_000
Prepared = Callable[[int], Callable[[], float]]
_MESSAGES = """
INSERT INTO boost_mailing_list_tracker_mailinglistmessage
    (sender_id, msg_id, parent_id, thread_id, subject, content, list_name, sent_at)
SELECT 1 + i % 900, md5(i::text), '', md5((i / 7)::text), 'Number ' || i, repeat('some words about a template. ', 20),
    'boost', timestamptz '2010-01-01' + i * interval '40 minutes'
FROM generate_series(1, :messages) i
"""


def dashboard(postgres: EmbeddedPostgres, folder: Path) -> Prepared:
    """Fills a database with usages, the rest in proportion; a report takes the seconds that its process tells."""
    numbers = count()

    def prepared(usages: int) -> Callable[[], float]:
        url, share, whole = new_database(postgres, f"usages_{usages}"), usages / USAGES, Scale()
        parts = {name: max(4, round(getattr(whole, name) * share)) for name in ("libraries", "repositories", "commits")}
        engine = create_engine(url)
        with engine.begin() as connection:
            fill(connection, Scale(usages=usages, **parts))
        engine.dispose()
        _settle(url)

        def seconds() -> float:
            place = str(folder / f"pages{next(numbers)}")
            command = [sys.executable, "-m", "benchmarks.dashboard", "report", url, place]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            return float(json.loads(done.stdout.splitlines()[-1])["seconds"])

        return seconds

    return prepared


def selecting(postgres: EmbeddedPostgres) -> Prepared:
    """Fills a database with messages of a mailing list; all of them are asked for as documents and dropped."""

    def prepared(messages: int) -> Callable[[], float]:
        url = new_database(postgres, f"messages_{messages}")
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(_MESSAGES), {"messages": messages})
        engine.dispose()
        _settle(url)
        settings = Settings.load({"DATABASE_URL": url}, env_file=None)

        def seconds() -> float:
            with Database(url) as database, HttpClient.from_settings(settings) as http:
                context = RunContext(
                    command="benchmark",
                    settings=settings,
                    database=database,
                    http=http,
                    workspace=Workspace.from_settings(settings),
                    progress=make_progress(),
                    log=logging.getLogger(__name__),
                    run_id="benchmark",
                )
                started = time.perf_counter()
                documents, _ = preprocess_mailing_list_for_pinecone([], None, context=context)
                assert sum(1 for _ in documents) == messages
                return time.perf_counter() - started

        return seconds

    return prepared


def _settle(url: str) -> None:
    """Do what autovacuum would have done by the next day."""
    engine = create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
