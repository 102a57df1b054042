"""Failures that last, and what people were told of them."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0018_problems")
