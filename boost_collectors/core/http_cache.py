"""ETag and Last-Modified by URL, so that an unchanged resource costs a 304.

They are saved in the transaction of the rows made from the answer: otherwise a crash between the two would make the
source say "unchanged" about something that was never stored.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.core.models import HttpValidator

# An index entry holds at most a third of a page; a longer URL is read without validators.
_LONGEST_URL = 2000


class Validators(NamedTuple):
    """What to send back as If-None-Match and If-Modified-Since, exactly as it was received."""

    etag: str | None
    last_modified: str | None


def load(session: Session, url: str) -> Validators | None:
    """The validators of the answer that was stored last, or None."""
    row = session.execute(
        select(HttpValidator.etag, HttpValidator.last_modified).where(HttpValidator.url == url)
    ).one_or_none()
    return None if row is None else Validators(*row)


def save(session: Session, url: str, etag: str | None, last_modified: str | None) -> None:
    """Keep the validators of an answer; an answer without any forgets the earlier ones. Does not commit."""
    if not (etag or last_modified) or len(url.encode()) > _LONGEST_URL:
        session.execute(delete(HttpValidator).where(HttpValidator.url == url))
        return
    statement = insert(HttpValidator).values(url=url, etag=etag, last_modified=last_modified)
    given = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[HttpValidator.url],
            set_={"etag": given.etag, "last_modified": given.last_modified, "updated_at": func.now()},
        )
    )
