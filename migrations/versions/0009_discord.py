"""Additions to the Discord tables."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0009_discord")
