"""Storing what files say of repositories, files and usages: in a few statements, however many lines there are.

Of several lines about one thing the last value that is given counts. What a line lacks changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from boost_collectors.boost_usage_tracker.models import BoostExternalRepository, BoostUsage
from boost_collectors.boost_usage_tracker.services.usages import KEY
from boost_collectors.core.counts import Counts
from boost_collectors.core.database.bulk import merge, stage
from boost_collectors.cppa_user_tracker import services as people
from boost_collectors.github_activity_tracker import services as github
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository

Skip = Callable[[int, str, str], None]
"""Told of each line that is left out: its number, and the column whose value is not known."""

_TOUCH = {"updated_at": func.now()}
_TIME = DateTime(timezone=True)
_FACTS = ("stars", "forks", "description", "repo_pushed_at", "repo_created_at", "repo_updated_at")
_VERDICT = ("boost_version", "is_boost_embedded", "is_boost_used")


class RepositoryLine(NamedTuple):
    """A repository as a file shows it; None is what it does not say."""

    line: int
    owner: str
    repo_name: str
    stars: int | None = None
    forks: int | None = None
    description: str | None = None
    repo_pushed_at: datetime | None = None
    repo_created_at: datetime | None = None
    repo_updated_at: datetime | None = None
    boost_version: str | None = None
    is_boost_embedded: bool | None = None
    is_boost_used: bool | None = None


class FileLine(NamedTuple):
    """A file of a repository; None is what a file does not say."""

    line: int
    owner: str
    repo_name: str
    file_path: str
    is_deleted: bool | None = None


class UsageLine(NamedTuple):
    """A usage. ``boost_header_id`` is None for a header that no library has.

    ``excepted_at`` is the day on which it was found gone; ``from_now`` if no day was named and today stands for it.
    """

    line: int
    owner: str
    repo_name: str
    file_path: str
    boost_header_name: str
    boost_header_id: int | None
    last_commit_date: datetime | None = None
    excepted_at: date | None = None
    from_now: bool = False


_TYPES = {
    "line": Integer,
    **dict.fromkeys(("owner", "repo_name", "file_path", "boost_header_name", "description", "boost_version"), Text),
    **dict.fromkeys(("stars", "forks"), Integer),
    **dict.fromkeys(("repo_pushed_at", "repo_created_at", "repo_updated_at", "last_commit_date"), _TIME),
    **dict.fromkeys(("is_boost_embedded", "is_boost_used", "is_deleted", "from_now"), Boolean),
    "boost_header_id": BigInteger,
    "excepted_at": Date,
}


def import_repositories(session: Session, lines: Iterable[RepositoryLine], skip: Skip) -> Counts:
    """Store repositories and what is known of their use of Boost. Those of unknown owners are left out."""
    counts = Counts()
    with stage(session, "repository_line", _columns(RepositoryLine), ("line",)) as staged:
        total = staged.copy(lines)
        staged.analyze()
        given, logins = staged.table, people.github_logins()
        owned = given.outerjoin(logins, logins.c.login == given.c.owner)
        unknown = select(given.c.line, literal("owner"), given.c.owner).select_from(owned)
        skipped = _skip(session, unknown.where(logins.c.account_id.is_(None)).order_by(given.c.line), skip)
        counts.add("skipped_no_owner", skipped["owner"])
        latest = (
            select(
                logins.c.account_id.label("owner_account_id"),
                given.c.repo_name,
                *(github.last_given(given.c[name], given.c.line).label(name) for name in (*_FACTS, *_VERDICT)),
            )
            .select_from(owned)
            .where(logins.c.account_id.is_not(None))
            .group_by(logins.c.account_id, given.c.repo_name)
            .subquery("latest")
        )
        stored = github.merge_repositories(session, latest)
        external = merge(session, BoostExternalRepository, _external(latest), key=_EXTERNAL_KEY, touch=_TOUCH)
    used = total - skipped["owner"]
    for kind, result in (("repos", stored), ("ext", external)):
        counts.add(f"created_{kind}", result.inserted)
        counts.add(f"updated_{kind}", used - result.inserted)
    return counts


_EXTERNAL_KEY = ("githubrepository_ptr_id",)


def _external(latest: Subquery) -> Select[Any]:
    repo, known = GithubRepository.__table__, BoostExternalRepository.__table__.alias("known")
    same = and_(repo.c.owner_account_id == latest.c.owner_account_id, repo.c.repo_name == latest.c.repo_name)
    empty = {"boost_version": literal(""), "is_boost_embedded": false(), "is_boost_used": false()}
    rows = select(
        repo.c.id.label("githubrepository_ptr_id"),
        *(func.coalesce(latest.c[name], known.c[name], empty[name]).label(name) for name in _VERDICT),
    ).select_from(latest.join(repo, same).outerjoin(known, known.c.githubrepository_ptr_id == repo.c.id))
    return select(rows.subquery("external"))


def import_files(session: Session, lines: Iterable[FileLine], skip: Skip) -> Counts:
    """Store files of repositories that are known."""
    counts = Counts()
    with stage(session, "file_line", _columns(FileLine), ("line",)) as staged:
        total = staged.copy(lines)
        staged.analyze()
        given, named = staged.table, github.named_repositories()
        placed = given.outerjoin(named, and_(named.c.owner == given.c.owner, named.c.repo_name == given.c.repo_name))
        unknown = select(given.c.line, literal("repo_name"), given.c.owner + "/" + given.c.repo_name)
        unknown = unknown.select_from(placed).where(named.c.repo_id.is_(None)).order_by(given.c.line)
        skipped = _skip(session, unknown, skip)["repo_name"]
        latest = (
            select(
                named.c.repo_id,
                given.c.file_path.label("filename"),
                github.last_given(given.c.is_deleted, given.c.line).label("is_deleted"),
            )
            .select_from(placed)
            .where(named.c.repo_id.is_not(None))
            .group_by(named.c.repo_id, given.c.file_path)
            .subquery("latest")
        )
        stored = github.merge_files(session, latest)
    counts.add("created", stored.inserted)
    counts.add("updated", total - skipped - stored.inserted)
    counts.add("skipped_no_repo", skipped)
    return counts


def import_usages(session: Session, lines: Iterable[UsageLine], skip: Skip) -> Counts:
    """Store usages of external repositories, files and headers that are known.

    A usage is active unless a line has it excepted. A day that is named replaces a stored one; today does not.
    """
    counts = Counts()
    with stage(session, "usage_line", _columns(UsageLine), ("line",)) as staged:
        total = staged.copy(lines)
        staged.analyze()
        placed = _placed(staged.table)
        skipped = _skip(session, _unplaced(placed), skip)
        stored = merge(session, BoostUsage, _usages(placed), key=KEY, touch=_TOUCH)
    counts.add("created", stored.inserted)
    counts.add("updated", total - sum(skipped.values()) - stored.inserted)
    for kind, column in (("repo", "repo_name"), ("file", "file_path"), ("boost_header", "boost_header_name")):
        counts.add(f"skipped_no_{kind}", skipped[column])
    return counts


def _placed(given: FromClause) -> Subquery:
    """The lines with the keys of what they name, null for what is not known."""
    named, file = github.named_repositories(), GithubFile.__table__
    external = BoostExternalRepository.__table__.c.githubrepository_ptr_id
    joined = (
        given.outerjoin(named, and_(named.c.owner == given.c.owner, named.c.repo_name == given.c.repo_name))
        .outerjoin(BoostExternalRepository.__table__, external == named.c.repo_id)
        .outerjoin(file, and_(file.c.repo_id == external, file.c.filename == given.c.file_path))
    )
    keys = (external.label("repo_id"), file.c.id.label("file_path_id"))
    return select(*(column for column in given.c if column.name != "repo_id"), *keys).select_from(joined).subquery()


def _unplaced(placed: Subquery) -> Select[Any]:
    """The lines that name something unknown, with the first column that does."""
    line = placed.c
    column = case(
        (line.repo_id.is_(None), "repo_name"), (line.file_path_id.is_(None), "file_path"), else_="boost_header_name"
    )
    value = case(
        (line.repo_id.is_(None), line.owner + "/" + line.repo_name),
        (line.file_path_id.is_(None), line.file_path),
        else_=line.boost_header_name,
    )
    unknown = line.repo_id.is_(None) | line.file_path_id.is_(None) | line.boost_header_id.is_(None)
    return select(line.line, column, value).where(unknown).order_by(line.line)


def _usages(placed: Subquery) -> Select[Any]:
    line, known = placed.c, BoostUsage.__table__.alias("known")
    excepted = case((line.excepted_at.is_not(None), line.from_now))
    latest = (
        select(
            *(line[name] for name in KEY),
            github.last_given(line.last_commit_date, line.line).label("last_commit_date"),
            github.last_given(line.excepted_at, line.line).label("excepted_at"),
            github.last_given(excepted, line.line).label("from_now"),
        )
        .where(*(line[name].is_not(None) for name in KEY))
        .group_by(*(line[name] for name in KEY))
        .subquery("latest")
    )
    first_day = func.coalesce(known.c.excepted_at, latest.c.excepted_at)
    rows = select(
        *(latest.c[name] for name in KEY),
        func.coalesce(latest.c.last_commit_date, known.c.last_commit_date).label("last_commit_date"),
        case((latest.c.from_now, first_day), else_=latest.c.excepted_at).label("excepted_at"),
    ).select_from(latest.outerjoin(known, and_(*(known.c[name] == latest.c[name] for name in KEY))))
    return select(rows.subquery("usage"))


def _columns(kind: type[NamedTuple]) -> dict[str, Any]:
    return {name: _TYPES[name] for name in kind._fields}


def _skip(session: Session, unknown: Select[Any], skip: Skip) -> Counter[str]:
    """Tell of each (line, column, value). Returns how many there were by column."""
    skipped: Counter[str] = Counter()
    for line, column, value in session.execute(unknown, execution_options={"yield_per": 1000}):
        skip(line, column, value)
        skipped[column] += 1
    return skipped
