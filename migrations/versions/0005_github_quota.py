"""The ledger of GitHub's quota."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0005_github_quota")
