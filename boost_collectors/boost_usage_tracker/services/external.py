"""Repositories outside Boost, and what is known of their use of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from boost_collectors.boost_usage_tracker.models import BoostExternalRepository
from boost_collectors.cppa_user_tracker.models import GithubAccount
from boost_collectors.github_activity_tracker.models import GithubRepository


class Tracked(NamedTuple):
    """A tracked repository by the id of its row and GitHub's id (None if never asked), and where its scan stands."""

    id: int
    github_id: int | None
    full_name: str
    stars: int
    is_boost_used: bool
    scanned_commit: str
    scanner: int


def tracked_repositories(session: Session, github_id: int | None = None) -> list[Tracked]:
    """Every external repository that is not known to be gone, by name; or the one of that id at GitHub."""
    name = GithubAccount.username + "/" + GithubRepository.repo_name
    external = BoostExternalRepository
    query = (
        select(
            GithubRepository.id,
            GithubRepository.github_id,
            name,
            GithubRepository.stars,
            external.is_boost_used,
            external.scanned_commit,
            external.scanner,
        )
        .join(external, external.githubrepository_ptr_id == GithubRepository.id)
        .join(GithubAccount, GithubAccount.id == GithubRepository.owner_account_id)
        .where(GithubRepository.gone_at.is_(None))
        .order_by(name, GithubRepository.id)
    )
    if github_id is not None:
        query = query.where(GithubRepository.github_id == github_id)
    return [Tracked(*row) for row in session.execute(query)]


def get_or_create_boost_external_repo(
    session: Session,
    repository: GithubRepository,
    boost_version: str = "",
    is_boost_embedded: bool = False,
    is_boost_used: bool = False,
) -> tuple[BoostExternalRepository, bool]:
    """What is known of a repository, as (row, created); its row among all repositories is left alone.

    Of a row that exists the flags become those given, and the version one that is not empty.
    """
    values = {"boost_version": boost_version, "is_boost_embedded": is_boost_embedded, "is_boost_used": is_boost_used}
    if ensure_external_repo(session, repository.id, **values):
        return _row(session, repository.id), True
    changes = {name: value for name, value in values.items() if name != "boost_version" or value}
    return _changed(session, _row(session, repository.id), changes), False


def ensure_external_repo(session: Session, repository_id: int, **values: Any) -> bool:
    """Insert the row with these values unless there is one. Returns whether it was inserted.

    Losing a race against another writer is no error: the row is there.
    """
    key = BoostExternalRepository.githubrepository_ptr_id
    statement = insert(BoostExternalRepository).values(githubrepository_ptr_id=repository_id, **values)
    made = session.scalars(statement.on_conflict_do_nothing(index_elements=[key]).returning(key))
    return made.first() is not None


def update_boost_external_repo(
    session: Session,
    external: BoostExternalRepository,
    *,
    boost_version: str | None = None,
    is_boost_embedded: bool | None = None,
    is_boost_used: bool | None = None,
) -> BoostExternalRepository:
    """Set what is not None; an empty version does clear it. Nothing is written where nothing differs."""
    given = {"boost_version": boost_version, "is_boost_embedded": is_boost_embedded, "is_boost_used": is_boost_used}
    return _changed(session, external, {name: value for name, value in given.items() if value is not None})


def set_external(session: Session, repository_id: int, **values: Any) -> bool:
    """Make the row have these values. Returns whether any of them was another."""
    columns = BoostExternalRepository.__table__.c
    given = [columns[name].is_distinct_from(value) for name, value in values.items()]
    differs = given[0]
    for one in given[1:]:
        differs = differs | one
    done = session.execute(
        update(BoostExternalRepository)
        .where(BoostExternalRepository.githubrepository_ptr_id == repository_id, differs)
        .values(**values, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
    return bool(getattr(done, "rowcount", 0))


def _row(session: Session, repository_id: int) -> BoostExternalRepository:
    query = select(BoostExternalRepository).filter_by(githubrepository_ptr_id=repository_id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _changed(session: Session, external: BoostExternalRepository, values: dict[str, Any]) -> BoostExternalRepository:
    if values and set_external(session, external.githubrepository_ptr_id, **values):
        session.refresh(external)
    return external
