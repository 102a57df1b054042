"""What still has to be published of GitHub items."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0007_github_exports")
