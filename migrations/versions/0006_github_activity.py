"""Reviews, review threads, disappearance and completeness of GitHub items."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0006_github_activity")
