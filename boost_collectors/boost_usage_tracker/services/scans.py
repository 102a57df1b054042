"""Storing what a scan of a repository found: all of it in the caller's transaction, however many files there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, Table, Text, delete, exists, func, literal, null, select, update
from sqlalchemy.orm import Session

from boost_collectors.boost_usage_tracker.models import BoostDeclaration, BoostMissingHeaderTmp, BoostUsage
from boost_collectors.boost_usage_tracker.records import Scan
from boost_collectors.boost_usage_tracker.services.catalogue import HeaderCatalogue
from boost_collectors.boost_usage_tracker.services.external import ensure_external_repo, set_external
from boost_collectors.boost_usage_tracker.services.usages import (
    Pair,
    except_usages,
    store_missing_headers,
    store_placeholders,
    store_usages,
)
from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import MergeResult, merge, stage
from boost_collectors.github_activity_tracker.models import GithubFile
from boost_collectors.github_activity_tracker.services import ensure_files, stored_path

_LOOKED = {"filename": Text}
_SEEN = {"file_path_id": BigInteger, "boost_header_id": BigInteger}
_NAMED = {"file_path_id": BigInteger, "header_name": Text}
_DECLARED = {"file_path_id": BigInteger, "component": Text, "kind": Text, "version": Text}


def store_without_use(session: Session, repository_id: int) -> bool:
    """Track a repository in which a complete search found no use. Returns whether it was not tracked before."""
    return ensure_external_repo(session, repository_id)


def store_scan(
    session: Session, repository_id: int, scan: Scan, catalogue: HeaderCatalogue, today: date, scanner: int
) -> Counts:
    """Make what is stored of a repository be what the scan found.

    What it looked at and did not find any more is excepted from today on. The commit is kept for a repository that
    uses Boost, so that its next scan may start from there; any other is scanned whole each time.
    """
    ensure_external_repo(session, repository_id)
    files = _file_ids(session, repository_id, [*scan.files, *scan.declarations])
    counts = Counts()
    with stage(session, "looked", _LOOKED) as looked:
        looked.copy((stored_path(path),) for path in sorted(scan.read | scan.removed))
        looked.analyze()
        _store_usages(session, repository_id, scan, catalogue, files, counts)
        _except_vanished(session, repository_id, scan, looked.table, today, files, catalogue, counts)
        _store_declarations(session, repository_id, scan, looked.table, today, files, counts)
    _store_verdict(session, repository_id, scan, scanner, counts)
    return counts


def _file_ids(session: Session, repository_id: int, paths: Iterable[str]) -> dict[str, int]:
    """The row of each path, made where there is none."""
    names = {path: stored_path(path) for path in paths}
    if not names:
        return {}
    ensure_files(session, ((repository_id, name) for name in names.values()))
    query = select(GithubFile.filename, GithubFile.id).where(
        GithubFile.repo_id == repository_id, GithubFile.filename.in_(set(names.values()))
    )
    ids = {row.filename: row.id for row in session.execute(query)}
    return {path: ids[name] for path, name in names.items()}


def _store_usages(
    session: Session,
    repository_id: int,
    scan: Scan,
    catalogue: HeaderCatalogue,
    files: Mapping[str, int],
    counts: Counts,
) -> None:
    pairs: list[Pair] = []
    unknown: dict[str, list[str]] = {}
    for path, use in sorted(scan.files.items()):
        for header in use.headers:
            header_id = catalogue.file_id(header)
            if header_id is None:
                unknown.setdefault(path, []).append(header)
            else:
                pairs.append(Pair(header_id, files[path], use.changed_at))
    result = store_usages(session, repository_id, pairs) if pairs else MergeResult()
    counts.add("usages_created", result.inserted)
    counts.add("usages_updated", result.updated)
    dated = [(files[path], scan.files[path].changed_at) for path in unknown]
    places = store_placeholders(session, repository_id, dated) if dated else {}
    named = [(places[files[path]], header) for path, headers in unknown.items() for header in headers]
    counts.add("missing_header_recorded", store_missing_headers(session, named).inserted if named else 0)


def _except_vanished(
    session: Session,
    repository_id: int,
    scan: Scan,
    looked: Table,
    today: date,
    files: Mapping[str, int],
    catalogue: HeaderCatalogue,
    counts: Counts,
) -> None:
    """Except the usages, and forget the unknown headers, of files that were looked at and include them no more."""
    headers = {
        path: [(header, catalogue.file_id(header)) for header in use.headers] for path, use in scan.files.items()
    }
    seen = {(files[path], header_id) for path, known in headers.items() for _, header_id in known}
    named = [(files[path], name) for path, known in headers.items() for name, header_id in known if header_id is None]
    which = _looked_at(BoostUsage, repository_id, scan, looked)
    with stage(session, "seen", _SEEN) as staged, stage(session, "named", _NAMED) as unknown:
        staged.copy(sorted(seen, key=lambda pair: (pair[0], pair[1] or 0)))
        unknown.copy(sorted(named))
        staged.analyze()
        given = staged.table.c
        found = exists().where(
            given.file_path_id == BoostUsage.file_path_id,
            given.boost_header_id.is_not_distinct_from(BoostUsage.boost_header_id),
        )
        counts.add("usages_excepted", except_usages(session, which & ~found, today))
        _forget_headers(session, which, unknown.table)


def _forget_headers(session: Session, which: ColumnElement[bool], unknown: Table) -> None:
    """Remove what is noted about unknown headers of active placeholders that do not stand for them any more.

    An excepted placeholder keeps its headers: they say what the file included.
    """
    named = exists().where(
        unknown.c.file_path_id == BoostUsage.file_path_id, unknown.c.header_name == BoostMissingHeaderTmp.header_name
    )
    gone = select(BoostUsage.id).where(which, BoostUsage.boost_header_id.is_(None), BoostUsage.excepted_at.is_(None))
    session.execute(
        delete(BoostMissingHeaderTmp)
        .where(
            BoostMissingHeaderTmp.usage_id.in_(gone),
            BoostUsage.id == BoostMissingHeaderTmp.usage_id,
            ~named.correlate(BoostUsage, BoostMissingHeaderTmp),
        )
        .execution_options(synchronize_session=False)
    )


def _looked_at(
    model: type[BoostUsage] | type[BoostDeclaration], repository_id: int, scan: Scan, looked: Table
) -> ColumnElement[bool]:
    """Whether a row is about a file whose state the scan knows."""
    of_repository = model.repo_id == repository_id
    if scan.whole:
        return of_repository
    files = (
        select(GithubFile.id)
        .join(looked, looked.c.filename == GithubFile.filename)
        .where(GithubFile.repo_id == repository_id)
    )
    return of_repository & model.file_path_id.in_(files)


def _store_declarations(
    session: Session,
    repository_id: int,
    scan: Scan,
    looked: Table,
    today: date,
    files: Mapping[str, int],
    counts: Counts,
) -> None:
    declared = [
        (files[path], component[:100], found.kind, found.version[:64])
        for path, found in sorted(scan.declarations.items())
        for component in found.components
    ]
    with stage(session, "declared", _DECLARED, ("file_path_id", "component")) as staged:
        staged.copy(declared)
        given = staged.table.c
        excepted = null().cast(BoostDeclaration.__table__.c.excepted_at.type).label("excepted_at")
        source = select(literal(repository_id, BigInteger).label("repo_id"), *given.values()[:4], excepted)
        key = ("repo_id", "file_path_id", "component")
        result = merge(session, BoostDeclaration, source, key=key, touch={"updated_at": func.now()})
        counts.merged("declarations", result)
        found = exists().where(
            given.file_path_id == BoostDeclaration.file_path_id, given.component == BoostDeclaration.component
        )
        done = session.execute(
            update(BoostDeclaration)
            .where(_looked_at(BoostDeclaration, repository_id, scan, looked), ~found)
            .where(BoostDeclaration.excepted_at.is_(None))
            .values(excepted_at=today, updated_at=func.now())
            .execution_options(synchronize_session=False)
        )
        counts.add("declarations_excepted", int(getattr(done, "rowcount", 0)))


def _store_verdict(session: Session, repository_id: int, scan: Scan, scanner: int, counts: Counts) -> None:
    active = exists().where(BoostUsage.repo_id == repository_id, BoostUsage.excepted_at.is_(None))
    used = bool(session.scalar(select(active)))
    counts.add("boost_used", int(used))
    values = {"is_boost_used": used, "scanned_commit": scan.commit if used else "", "scanner": scanner if used else 0}
    if not used:
        values |= {"is_boost_embedded": False, "boost_version": ""}
    elif scan.version is not None:
        values |= {"is_boost_embedded": scan.is_embedded, "boost_version": scan.version[:64]}
    counts.add("external_updated", int(set_external(session, repository_id, **values)))
