"""Columns and tables that the earlier system did not have."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0004_additions")
