"""How each schedule group last ended."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, PrefixIndex, Timestamp
from boost_collectors.core.database.columns import UpdatedAt


class CollectorGroupRunStatus(Base):
    """The last success, failure and run of a group of the schedule; ``last_exit_code`` is 0 on success."""

    __tablename__ = "boost_collector_runner_collectorgrouprunstatus"
    __table_args__ = (PrefixIndex("group_id"),)

    group_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    last_success_at: Mapped[Timestamp | None]
    last_failure_at: Mapped[Timestamp | None]
    last_run_at: Mapped[Timestamp | None]
    last_exit_code: Mapped[int | None]
    updated_at: Mapped[UpdatedAt]
