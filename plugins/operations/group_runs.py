"""The last runs of each schedule group, summed up over their commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

BY_HAND = "by hand"
"""The name under which runs stand that no group asked for."""
SHOWN = 5
# Days back in which a group's last runs are looked for: the log grows by thousands of rows a day.
LOOKED_BACK = 60

_QUERY = text("""
WITH runs AS (
    SELECT coalesce(group_id, :by_hand) AS group_name, run_id,
           min(started_at) AS started_at,
           CASE WHEN bool_or(status = 'running') THEN NULL ELSE max(finished_at) END AS finished_at,
           count(*) AS parts,
           count(*) FILTER (WHERE status IN ('failed', 'interrupted')) AS failed,
           count(*) FILTER (WHERE status = 'rate_limited') AS waits,
           coalesce(sum((SELECT sum(value::bigint) FROM jsonb_each_text(counts) WHERE key LIKE '%\\_inserted')), 0)
               AS inserted,
           coalesce(sum((SELECT sum(value::bigint) FROM jsonb_each_text(counts) WHERE key LIKE '%\\_updated')), 0)
               AS updated,
           sum(coalesce((counts ->> 'requests')::bigint, 0) + coalesce((counts ->> 'github_requests')::bigint, 0))
               AS requests
    FROM core_run
    WHERE started_at > now() - make_interval(days => :looked_back)
    GROUP BY 1, 2
)
SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY group_name ORDER BY started_at DESC) AS place FROM runs
) AS ranked
WHERE place <= :shown ORDER BY group_name, place
""")


@dataclass(frozen=True, slots=True)
class GroupRun:
    """One run of a group. ``parts`` are rows of the run log: commands, or batches of one."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    parts: int
    failed: int
    waits: int
    inserted: int
    updated: int
    requests: int

    @property
    def took(self) -> timedelta | None:
        """How long it took; None while it is going on."""
        return None if self.finished_at is None else self.finished_at - self.started_at

    @property
    def state(self) -> str:
        """``failed`` if any part failed, ``running`` while any is going on, else ``success``."""
        if self.failed:
            return "failed"
        return "running" if self.finished_at is None else "success"


def latest(session: Session) -> Mapping[str, Sequence[GroupRun]]:
    """The newest runs of each group, newest first, by group id."""
    found: dict[str, list[GroupRun]] = defaultdict(list)
    values = {"by_hand": BY_HAND, "looked_back": LOOKED_BACK, "shown": SHOWN}
    for row in session.execute(_QUERY, values):
        found[row.group_name].append(
            GroupRun(
                run_id=row.run_id,
                started_at=row.started_at,
                finished_at=row.finished_at,
                parts=row.parts,
                failed=row.failed,
                waits=row.waits,
                inserted=int(row.inserted),
                updated=int(row.updated),
                requests=int(row.requests),
            )
        )
    return found
