"""What is left of the sources' quotas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from boost_collectors.core.github.ledger import all_quotas
from boost_collectors.core.github.models import GitHubToken
from boost_collectors.core.settings import Settings
from boost_collectors.cppa_youtube_script_tracker.services.quota import latest_quotas


@dataclass(frozen=True, slots=True)
class Quota:
    """A bucket: ``left`` of ``limit`` until ``reset_at`` (None: at the end of the source's day), and what is wrong."""

    name: str
    left: int
    limit: int
    reset_at: datetime | None
    note: str = ""

    @property
    def share(self) -> float:
        """How much of it is left, from 0 to 1."""
        return min(1.0, max(0.0, self.left / self.limit)) if self.limit else 0.0


def read(session: Session, settings: Settings) -> Sequence[Quota]:
    """Every bucket that was ever used, GitHub's first."""
    return [*_github(session), *_youtube(session, settings)]


def _github(session: Session) -> Iterator[Quota]:
    now = datetime.now(UTC)
    rejected: dict[str, int] = {
        row.owner: row.tokens
        for row in session.execute(
            select(GitHubToken.owner, func.count().label("tokens"))
            .where(GitHubToken.rejected_at.is_not(None))
            .group_by(GitHubToken.owner)
        )
    }
    for bucket in all_quotas(session):
        notes = []
        if bucket.blocked_until and bucket.blocked_until > now:
            notes.append(f"blocked until {bucket.blocked_until.astimezone(UTC):%Y-%m-%d %H:%M}")
        if count := rejected.get(bucket.owner):
            notes.append(f"{count} token{'s' if count > 1 else ''} rejected")
        running = bucket.reset_at > now
        yield Quota(
            name=f"GitHub {bucket.bucket.replace('_', ' ')} · {bucket.owner}",
            left=bucket.left(now),
            limit=bucket.points,
            reset_at=bucket.reset_at if running else None,
            note="; ".join(notes),
        )


def _youtube(session: Session, settings: Settings) -> Iterator[Quota]:
    limit = settings.youtube_daily_quota
    for row in latest_quotas(session):
        yield Quota(f"YouTube · {row.project[:8]}", row.left(limit), limit, None, f"on {row.day}")
