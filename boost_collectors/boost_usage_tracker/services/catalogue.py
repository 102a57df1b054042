"""Which header of which library an include means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Table, Text, delete, exists, select
from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker.models import BoostFile
from boost_collectors.boost_usage_tracker.models import BoostMissingHeaderTmp, BoostUsage
from boost_collectors.core.database.bulk import merge, stage
from boost_collectors.github_activity_tracker.models import GithubFile

_INCLUDE = "include/"


class HeaderCatalogue:
    """The headers of all Boost libraries, by every path that an include may name them by."""

    def __init__(self, files: Iterable[tuple[int, str]]) -> None:
        """``files`` are (file id, path in its repository) of the headers."""
        self._by_path: dict[str, tuple[bool, bool, int]] = {}
        for file_id, path in files:
            # Exactly the path, then below include/, then anywhere; of equals the oldest.
            self._offer(path, (False, False, file_id))
            start = path.find("/")
            while start >= 0:
                tail = path[start + 1 :]
                self._offer(tail, (True, not path[: start + 1].endswith(_INCLUDE), file_id))
                start = path.find("/", start + 1)

    def _offer(self, path: str, place: tuple[bool, bool, int]) -> None:
        known = self._by_path.get(path)
        if known is None or place < known:
            self._by_path[path] = place

    @classmethod
    def load(cls, session: Session) -> HeaderCatalogue:
        """The catalogue as it is stored now."""
        query = select(GithubFile.id, GithubFile.filename).join(BoostFile, BoostFile.github_file_id == GithubFile.id)
        return cls((file_id, path) for file_id, path in session.execute(query))

    def file_id(self, header: str) -> int | None:
        """The file that an include names, by its whole path or the end of it; None if there is none."""
        place = self._by_path.get(header)
        return place[2] if place else None

    def resolve(self, headers: Iterable[str]) -> dict[str, int]:
        """The files of those headers that are known."""
        found = {header: self.file_id(header) for header in headers}
        return {header: file_id for header, file_id in found.items() if file_id is not None}


_RESOLVED = {"header_name": Text, "boost_header_id": BigInteger}
_KEY = ("repo_id", "boost_header_id", "file_path_id")


def resolve_missing_headers(session: Session, catalogue: HeaderCatalogue) -> int:
    """Give usages whose header was not known the header, now that the catalogue has it. Returns how many it gave.

    The rows about headers that were missing go; a placeholder that stands for none any more goes too.
    """
    known = catalogue.resolve(session.scalars(select(BoostMissingHeaderTmp.header_name).distinct()))
    if not known:
        return 0
    with stage(session, "resolved", _RESOLVED, ("header_name",)) as staged:
        staged.copy(known.items())
        staged.analyze()
        resolved = staged.table
        # What a file includes now brings its usage back; what it did once changes none.
        merge(session, BoostUsage, _usages(resolved, BoostUsage.excepted_at.is_(None)), key=_KEY)
        merge(session, BoostUsage, _usages(resolved, BoostUsage.excepted_at.is_not(None)), key=_KEY, update=())
        names = select(resolved.c.header_name)
        gone = delete(BoostMissingHeaderTmp).where(BoostMissingHeaderTmp.header_name.in_(names))
        done = session.execute(gone.execution_options(synchronize_session=False))
    drop_empty_placeholders(session)
    return int(getattr(done, "rowcount", 0))


def _usages(resolved: Table, which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            BoostUsage.repo_id,
            resolved.c.boost_header_id,
            BoostUsage.file_path_id,
            BoostUsage.last_commit_date,
            BoostUsage.excepted_at,
        )
        .select_from(resolved)
        .join(BoostMissingHeaderTmp, BoostMissingHeaderTmp.header_name == resolved.c.header_name)
        .join(BoostUsage, BoostUsage.id == BoostMissingHeaderTmp.usage_id)
        .where(which)
    )


def drop_empty_placeholders(session: Session) -> None:
    """Remove the placeholder usages of files that include no unknown header any more and are not known to have."""
    known = exists().where(BoostMissingHeaderTmp.usage_id == BoostUsage.id)
    session.execute(
        delete(BoostUsage)
        .where(BoostUsage.boost_header_id.is_(None), ~known)
        .execution_options(synchronize_session=False)
    )
