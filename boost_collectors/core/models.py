"""The spine's own tables: where collectors stand, what ran, what to try again, what a source says about freshness."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Jsonb, JsonbList, Timestamp


class RunStatus(StrEnum):
    """How a run stands. ``interrupted``: its process died without a word."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    RATE_LIMITED = "rate_limited"
    INTERRUPTED = "interrupted"


class PendingStatus(StrEnum):
    """``pending`` is tried again; ``quarantined`` waits for a person."""

    PENDING = "pending"
    QUARANTINED = "quarantined"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class Checkpoint(Base):
    """Where a command stands in one unit of its source; ``cursor`` is the collector's own."""

    __tablename__ = "core_checkpoint"

    command: Mapped[str] = mapped_column(String(100), primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[Jsonb]
    updated_at: Mapped[Timestamp] = mapped_column(server_default=func.now())


class Run(Base):
    """One run of one command: asked for what, how it ended, what it counted."""

    __tablename__ = "core_run"
    __table_args__ = (
        CheckConstraint(_one_of("status", RunStatus), name="status"),
        Index(None, "command", text("started_at DESC")),
        Index(None, "group_id", text("started_at DESC")),
        Index("ix_core_run_running", "command", postgresql_where=text("status = 'running'")),
    )

    id: Mapped[BigIntPrimaryKey]
    command: Mapped[str] = mapped_column(String(100))
    group_id: Mapped[str | None] = mapped_column(String(64))
    run_id: Mapped[str]
    window_mode: Mapped[str] = mapped_column(String(20))
    window_since: Mapped[Timestamp | None]
    window_until: Mapped[Timestamp | None]
    units: Mapped[JsonbList]
    version: Mapped[str]
    status: Mapped[str] = mapped_column(String(20))
    counts: Mapped[Jsonb]
    errors: Mapped[JsonbList]
    failure_category: Mapped[str | None] = mapped_column(String(50))
    message: Mapped[str]
    retry_at: Mapped[Timestamp | None]
    started_at: Mapped[Timestamp]
    finished_at: Mapped[Timestamp | None]


class PendingItem(Base):
    """An item of a source that could not be read or stored, to be tried again by a later run."""

    __tablename__ = "core_pendingitem"
    __table_args__ = (
        UniqueConstraint("command", "unit", "key"),
        CheckConstraint(_one_of("status", PendingStatus), name="status"),
        Index(None, "command", "unit", "status", "last_failed_at"),
    )

    id: Mapped[BigIntPrimaryKey]
    command: Mapped[str] = mapped_column(String(100))
    unit: Mapped[str]
    key: Mapped[str]
    reason: Mapped[str]
    payload: Mapped[Jsonb]
    attempts: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    first_failed_at: Mapped[Timestamp] = mapped_column(server_default=func.now())
    last_failed_at: Mapped[Timestamp] = mapped_column(server_default=func.now())


class HttpValidator(Base):
    """What a source said about the version of a resource, to be sent back with the next request for it."""

    __tablename__ = "core_httpvalidator"

    url: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    updated_at: Mapped[Timestamp] = mapped_column(server_default=func.now())


class Problem(Base):
    """A failure that lasts: of what, since when, how often, and what people were told of it."""

    __tablename__ = "core_problem"

    subject: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(32), primary_key=True)
    first_at: Mapped[Timestamp]
    last_at: Mapped[Timestamp]
    failures: Mapped[int]
    untold: Mapped[int]
    told_at: Mapped[Timestamp | None]
