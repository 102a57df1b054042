"""Events that were taken from Slack, the jobs they gave, and how the listeners stand."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Jsonb, Timestamp
from boost_collectors.core.database.columns import CreatedAt, EmptyText, UpdatedAt, Zero, varchar


class JobStatus(StrEnum):
    """``waiting`` is to be done, or is being done while it is leased; ``dead`` was given up."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


_WAITING = text("status = 'waiting'")


class SlackEvent(Base):
    """An event that gave jobs, as Slack sent it. One that is sent again is known by its id."""

    __tablename__ = "slack_event_handler_event"
    __table_args__ = (UniqueConstraint("team_id", "event_id"), Index(None, "received_at"))

    id: Mapped[BigIntPrimaryKey]
    team_id: Mapped[str] = mapped_column(String(50))
    event_id: Mapped[str] = mapped_column(String(255))
    payload: Mapped[Jsonb]
    received_at: Mapped[CreatedAt]


class SlackJob(Base):
    """One thing to be done once: one comment, one reply, one reaction, one huddle.

    ``key`` says what it is about, so that the same thing is never queued twice. Of a ``lane`` the jobs are done in
    the order of their ids. ``lease`` names who does it until ``leased_until``; ``claims`` counts how often somebody
    began, ``failures`` how often that failed. ``posted_at`` is when a comment was written.
    """

    __tablename__ = "slack_event_handler_job"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint(f"status IN ({', '.join(repr(status.value) for status in JobStatus)})", name="status"),
        Index("ix_slack_event_handler_job_waiting", "available_at", "id", postgresql_where=_WAITING),
        Index("ix_slack_event_handler_job_lanes", "lane", "id", postgresql_where=_WAITING),
        Index(
            "ix_slack_event_handler_job_posted", "team_id", "posted_at", postgresql_where=text("posted_at IS NOT NULL")
        ),
        Index(None, "finished_at"),
    )

    id: Mapped[BigIntPrimaryKey]
    key: Mapped[str]
    kind: Mapped[str] = mapped_column(String(50))
    team_id: Mapped[str] = mapped_column(String(50))
    lane: Mapped[str]
    payload: Mapped[Jsonb]
    status: Mapped[str] = mapped_column(String(20), server_default=JobStatus.WAITING.value)
    available_at: Mapped[CreatedAt]
    lease: Mapped[str | None]
    leased_until: Mapped[Timestamp | None]
    claims: Mapped[Zero]
    failures: Mapped[Zero]
    error: Mapped[EmptyText]
    result: Mapped[Jsonb] = mapped_column(server_default=text("'{}'::jsonb"))
    posted_at: Mapped[Timestamp | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Timestamp | None]


class SlackListener(Base):
    """How the connection of a workspace stands: ``connected``, ``waiting`` to connect again, or ``stopped``."""

    __tablename__ = "slack_event_handler_listener"
    __table_args__ = (UniqueConstraint("team_id"),)

    id: Mapped[BigIntPrimaryKey]
    team_id: Mapped[str] = mapped_column(String(50))
    state: Mapped[str] = varchar(20)
    message: Mapped[EmptyText]
    connected_at: Mapped[Timestamp | None]
    last_event_at: Mapped[Timestamp | None]
    updated_at: Mapped[UpdatedAt]
