"""Revisions that are plain SQL: ``sql/<revision>.sql``, run as one piece."""

from __future__ import annotations

from pathlib import Path

from alembic import op

FOLDER = Path(__file__).parent / "sql"


def run_sql(name: str) -> None:
    """Run ``sql/<name>.sql`` in the revision's transaction."""
    # Without parameters psycopg sends the whole file at once; statement by statement costs a second.
    connection = op.get_bind().execution_options(no_parameters=True)
    connection.exec_driver_sql((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
