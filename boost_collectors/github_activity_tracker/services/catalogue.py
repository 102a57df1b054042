"""Languages, licences, and which repositories have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import BigInteger, Integer, delete, select, update
from sqlalchemy.orm import Session

from boost_collectors.core.database.arrays import rows_of
from boost_collectors.github_activity_tracker.models import (
    CreatedReposByLanguage,
    GithubRepository,
    GithubRepositoryLicense,
    Language,
    License,
    RepoLanguage,
)
from boost_collectors.github_activity_tracker.services.single import find, put, required
from boost_collectors.github_activity_tracker.services.writing import Below, table_of

_LICENCES = Below(GithubRepositoryLicense, "githubrepository_id", "licences")
_LANGUAGES = Below(RepoLanguage, "repo_id", "languages")


def get_or_create_language(session: Session, name: str) -> tuple[Language, bool]:
    """A language as (row, created). Raises ValueError for a blank name."""
    return put(session, Language, {"name": required(name, "a language's name")})


def known_languages(session: Session, names: Iterable[str]) -> set[str]:
    """Those of the names that are languages."""
    return set(session.scalars(select(Language.name).where(Language.name.in_(list(names)))))


def create_or_update_created_repos_by_language(
    session: Session, language: Language, year: int, all_repos: int, significant_repos: int
) -> tuple[CreatedReposByLanguage, bool]:
    """How many repositories of a language were made in a year, as (row, created)."""
    counts = {"all_repos": all_repos, "significant_repos": significant_repos}
    return put(session, CreatedReposByLanguage, {"language_id": language.id, "year": year}, counts)


def get_or_create_license(session: Session, name: str, spdx_id: str = "", url: str = "") -> tuple[License, bool]:
    """A licence as (row, created); the SPDX id and the URL are overwritten. Raises ValueError for a blank name."""
    values = {"spdx_id": spdx_id, "url": url}
    return put(session, License, {"name": required(name, "a licence's name")}, values)


def add_repo_license(session: Session, repo: GithubRepository, license: License) -> None:
    """Note that a repository is under a licence."""
    put(session, GithubRepositoryLicense, {"githubrepository_id": repo.id, "license_id": license.id})


def remove_repo_license(session: Session, repo: GithubRepository, license: License) -> None:
    """Note that a repository is not under a licence, if it was."""
    pair = (GithubRepositoryLicense.githubrepository_id == repo.id, GithubRepositoryLicense.license_id == license.id)
    session.execute(delete(GithubRepositoryLicense).where(*pair))


def add_repo_language(
    session: Session, repo: GithubRepository, language: Language, line_count: int = 0
) -> tuple[RepoLanguage, bool]:
    """How much of a language a repository has, as (row, created)."""
    return put(session, RepoLanguage, {"repo_id": repo.id, "language_id": language.id}, {"line_count": line_count})


def update_repo_language_line_count(
    session: Session, repo: GithubRepository, language: Language, line_count: int
) -> RepoLanguage:
    """Change the count of a language that the repository has. Raises NoResultFound where it has not."""
    row = find(session, RepoLanguage, {"repo_id": repo.id, "language_id": language.id})
    if row.line_count != line_count:
        row.line_count = line_count
        session.flush()
    return row


def bulk_update_repository_stars(session: Session, stars: Mapping[int, int]) -> int:
    """Set the stars of repositories by the ids of their rows, in one statement. Returns how many rows there were."""
    if not stars:
        return 0
    given = rows_of({"id": (BigInteger(), list(stars)), "stars": (Integer(), list(stars.values()))})
    table = table_of(GithubRepository)
    changed = session.execute(update(table).where(table.c.id == given.c.id).values(stars=given.c.stars))
    return int(getattr(changed, "rowcount", 0))
