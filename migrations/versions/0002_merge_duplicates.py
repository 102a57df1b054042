"""Merge the duplicates that the earlier system allowed, so that unique keys can follow."""

from __future__ import annotations

from alembic import op

from migrations.merging import repair
from migrations.sql_files import run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0002_merged_rows")
    repair(op.get_bind())
