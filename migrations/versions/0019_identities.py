"""Who is who: proposals with score and evidence, and decisions that are only ever added."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0019_identities")
