"""The vector store in the project database."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0017_local_vectors")
