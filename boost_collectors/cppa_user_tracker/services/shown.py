"""Profiles as people recognise them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from boost_collectors.cppa_user_tracker.services.workbench import PROFILES


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """A profile: where it is, what it is called, which addresses it has."""

    id: int
    platform: str
    username: str
    display_name: str
    emails: tuple[str, ...]

    def __str__(self) -> str:
        names = dict.fromkeys(name for name in (self.display_name, self.username) if name)
        return f"{self.id} {self.platform}: {' / '.join(names)}{''.join(f' <{email}>' for email in self.emails)}"


def shown_profiles(session: Session, ids: Sequence[int]) -> dict[int, ShownProfile]:
    """The profiles of these ids, by id."""
    query = f"SELECT * FROM ({PROFILES}) AS p (id, platform, username, display_name) WHERE p.id = ANY(:ids)"
    rows = session.execute(text(query), {"ids": list(ids)})
    return {row[0]: ShownProfile(row[0], row[1], row[2], row[3], tuple(row[9] or ())) for row in rows}
