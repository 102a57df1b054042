"""Declare what the earlier system's code took care of: defaults, cascades, unique keys."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0003_rules")
