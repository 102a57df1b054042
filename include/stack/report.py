"""What the stack tells people: rows per table, the health answer, where to look."""

from __future__ import annotations

import json
from collections.abc import Mapping

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, inspect, select, table

from boost_collectors.boost_library_usage_dashboard.places import index_file
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_pinecone_sync.place import PineconeInstance
from boost_collectors.cppa_pinecone_sync.search import Question, search_documents, synced_documents
from boost_collectors.cppa_pinecone_sync.search_command import described

# Alembic's own tables hold one row that says nothing about what was collected.
BOOKKEEPING = "alembic_version"
EXAMPLE = "how do I parse numbers with many digits?"
"""What the sandbox's people have talked about."""
ANSWERS = 3


def row_counts(database: Database) -> dict[str, int]:
    """The number of rows of every table of the project database."""
    names = sorted(name for name in inspect(database.engine).get_table_names() if not name.endswith(BOOKKEEPING))
    with database.session() as session:
        return {name: session.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def print_rows(console: Console, before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Every table that has rows: how many came in now, how many there are."""
    grid = Table(title="Collected", title_justify="left")
    grid.add_column("table", no_wrap=True)
    grid.add_column("new", justify="right")
    grid.add_column("total", justify="right")
    for name, total in after.items():
        if total:
            grid.add_row(name, f"{total - before.get(name, 0):,}", f"{total:,}")
    grid.add_section()
    grid.add_row("all", f"{sum(after.values()) - sum(before.values()):,}", f"{sum(after.values()):,}")
    console.print(grid)


def print_answers(console: Console, database: Database, settings: Settings) -> None:
    """What the vector store answers to an example of a question, and how to ask another."""
    console.print(f'search "{EXAMPLE}"')
    synced = synced_documents(database, settings, PineconeInstance.PUBLIC)
    answers = search_documents(database, settings, Question(EXAMPLE, limit=ANSWERS), list(synced)) if synced else []
    told = described(answers) or [f"Nothing matches in {sum(synced.values())} documents."]
    console.print("\n\n".join(told), markup=False, highlight=False, soft_wrap=True)
    here = f"VECTOR_STORE={settings.vector_store} WORKSPACE_DIR={settings.workspace_dir}"
    ask = f'Ask more: {here} .venv/bin/python -m boost_collectors search "…"'
    console.print(ask, markup=False, highlight=False, soft_wrap=True)


def print_health(console: Console, answer: httpx.Response) -> bool:
    """The health endpoint's answer; True if it says healthy.

    Where our plugin did not load, Airflow serves its UI's page with status 200: that is not an answer.
    """
    if not answer.headers.get("content-type", "").startswith("application/json"):
        console.print(f"GET /health/ -> {answer.status_code}, but not from our plugin: see `airflow plugins`.")
        return False
    console.print(f"GET /health/ -> {answer.status_code}")
    console.print_json(json.dumps(answer.json()), indent=2)
    return answer.status_code == 200


def print_urls(console: Console, urls: Mapping[str, str], login: str) -> None:
    """Where things are, one a line."""
    for name, url in urls.items():
        console.print(f"{name:<8} {url}" + (f"   ({login})" if name == "Airflow" else ""))


def print_dashboard(console: Console, settings: Settings) -> None:
    """Where the pages of the dashboard are, once they have been made."""
    index = index_file(settings)
    if index.exists():
        console.print(f"{'pages':<8} {index.as_uri()}")
