"""Additions to the Slack tables."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0008_slack")
