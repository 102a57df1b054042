"""The ledger of GitHub's quota: which token spends whose points, how many are left, who holds some."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from boost_collectors.core.database.base import Base, BigIntPrimaryKey, Timestamp
from boost_collectors.core.database.columns import Zero


class GitHubToken(Base):
    """A token by its fingerprint, never the token itself, and the owner of the quota that it spends."""

    __tablename__ = "core_github_token"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str]
    checked_at: Mapped[Timestamp]
    rejected_at: Mapped[Timestamp | None]


class GitHubQuota(Base):
    """One bucket of one owner. ``free`` are the points of this window that are neither spent nor leased."""

    __tablename__ = "core_github_quota"

    owner: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(String(20), primary_key=True)
    points: Mapped[int]
    """The limit: points a window."""
    free: Mapped[int]
    window: Mapped[Zero]
    """Counts the windows, so that what was leased in an earlier one is worth nothing in the next."""
    reset_at: Mapped[Timestamp]
    blocked_until: Mapped[Timestamp | None]
    strikes: Mapped[Zero]
    """Secondary limits in a row that named no time: each doubles the wait."""

    def left(self, now: datetime) -> int:
        """Points that can be spent: all of them once the window is over."""
        return self.free if self.reset_at > now else self.points


class GitHubLease(Base):
    """Points that one worker may spend without asking again, until ``expires_at`` at the latest."""

    __tablename__ = "core_github_lease"
    __table_args__ = (Index(None, "owner", "bucket"),)

    id: Mapped[BigIntPrimaryKey]
    owner: Mapped[str]
    bucket: Mapped[str] = mapped_column(String(20))
    points: Mapped[int]
    window: Mapped[int]
    expires_at: Mapped[Timestamp]
