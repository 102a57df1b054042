"""Tables of the Slack event handler."""

from __future__ import annotations

from migrations.sql_files import run_sql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0012_slack_events")
