"""The page of a text in a release, and when pages and texts vanished."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0013_boost_docs")
