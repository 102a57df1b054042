"""The schema of the earlier system, as it stands in the databases that are adopted."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0001_earlier_schema")
