"""Additions to the YouTube tables, and the quota of YouTube's Data API."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0014_youtube")
