"""What scans of other repositories need: where they stand, what waits, what build files declare."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0016_boost_usage")
