"""The forms for one row: the same key again gives the same row, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker import services
from boost_collectors.boost_library_tracker.models import BoostLibrary, BoostLibraryRepository
from boost_collectors.core.database import Database
from boost_collectors.cppa_user_tracker.services import get_or_create_github_account
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository
from boost_collectors.github_activity_tracker.services import create_or_update_github_file, ensure_repository

RELEASED = datetime(2024, 8, 14, 12, tzinfo=UTC)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.session() as session:
        yield session


@pytest.fixture
def repository(session: Session) -> GithubRepository:
    return session.get_one(GithubRepository, ensure_repository(session, "boostorg", "utility"))


@pytest.fixture
def repo(session: Session, repository: GithubRepository) -> BoostLibraryRepository:
    return services.get_or_create_boost_library_repo(session, repository)[0]


def library(session: Session, repo: BoostLibraryRepository, name: str = "utility") -> BoostLibrary:
    return services.get_or_create_boost_library(session, repo, name)[0]


def test_a_repository_is_extended_once_and_touched_again(session: Session, repository: GithubRepository) -> None:
    first, created = services.get_or_create_boost_library_repo(session, repository)
    before = first.updated_at
    second, again = services.get_or_create_boost_library_repo(session, repository)
    assert (created, again) == (True, False)
    assert second.githubrepository_ptr_id == repository.id
    assert second.updated_at > before


def test_names_are_trimmed_and_must_not_be_blank(session: Session, repo: BoostLibraryRepository) -> None:
    made, created = services.get_or_create_boost_library(session, repo, "  Call Traits ")
    assert (made.name, created) == ("Call Traits", True)
    assert services.get_or_create_boost_library(session, repo, "Call Traits") == (made, False)
    with pytest.raises(ValueError, match="must not be empty"):
        services.get_or_create_boost_library(session, repo, "  ")
    with pytest.raises(ValueError, match="must not be empty"):
        services.get_or_create_boost_version(session, " ")
    with pytest.raises(ValueError, match="must not be empty"):
        services.get_or_create_boost_library_category(session, "")


def test_a_file_moves_to_another_library(
    session: Session, repository: GithubRepository, repo: BoostLibraryRepository
) -> None:
    file: GithubFile = create_or_update_github_file(session, repository, "include/boost/utility.hpp")[0]
    one, other = library(session, repo), library(session, repo, "Swap")
    assert services.get_or_create_boost_file(session, file, one)[1]
    moved, created = services.get_or_create_boost_file(session, file, other)
    assert (moved.library_id, created) == (other.id, False)


def test_a_release_date_is_replaced_and_never_erased(session: Session) -> None:
    made, created = services.get_or_create_boost_version(session, " boost-1.86.0 ")
    assert (made.version, made.version_created_at, created) == ("boost-1.86.0", None, True)
    assert services.get_or_create_boost_version(session, "boost-1.86.0", RELEASED)[0].version_created_at == RELEASED
    kept, created = services.get_or_create_boost_version(session, "boost-1.86.0")
    assert (kept.version_created_at, created) == (RELEASED, False)
    later = RELEASED.replace(day=15)
    assert services.get_or_create_boost_version(session, "boost-1.86.0", later)[0].version_created_at == later


def test_only_what_is_given_of_a_library_version_is_written(session: Session, repo: BoostLibraryRepository) -> None:
    version = services.get_or_create_boost_version(session, "boost-1.86.0")[0]
    made, created = services.get_or_create_boost_library_version(session, library(session, repo), version, key="k")
    assert (made.key, made.cpp_version, made.description, made.documentation, created) == ("k", "", "", "", True)
    same, created = services.get_or_create_boost_library_version(
        session, library(session, repo), version, cpp_version="11", documentation="doc/"
    )
    assert (same.id, same.key, same.cpp_version, same.documentation, created) == (made.id, "k", "11", "doc/", False)


def test_dependencies_and_their_log(session: Session, repo: BoostLibraryRepository) -> None:
    client, dep = library(session, repo), library(session, repo, "Swap")
    version = services.get_or_create_boost_version(session, "boost-1.86.0")[0]
    made, created = services.add_boost_dependency(session, client, version, dep)
    assert created
    assert services.add_boost_dependency(session, client, version, dep) == (made, False)
    day = date(2024, 8, 14)
    logged, created = services.add_dependency_changelog(session, client, dep, True, day)
    assert (logged.is_add, created) == (True, True)
    turned, created = services.add_dependency_changelog(session, client, dep, False, day)
    assert (turned.id, turned.is_add, created) == (logged.id, False, False)


def test_a_library_is_put_into_a_category_once(session: Session, repo: BoostLibraryRepository) -> None:
    category, created = services.get_or_create_boost_library_category(session, " Miscellaneous ")
    assert (category.name, created) == ("Miscellaneous", True)
    assert services.add_library_category(session, library(session, repo), category)[1]
    assert not services.add_library_category(session, library(session, repo), category)[1]


def test_roles_are_added_and_never_cleared(session: Session, repo: BoostLibraryRepository) -> None:
    version = services.get_or_create_boost_version(session, "boost-1.86.0")[0]
    held = services.get_or_create_boost_library_version(session, library(session, repo), version)[0]
    account = services.get_or_create_account_from_name(session, "Ada Sample")
    made, created = services.add_library_version_role(session, held, account, is_author=True)
    assert (made.is_author, made.is_maintainer, created) == (True, False, True)
    both, created = services.add_library_version_role(session, held, account, is_maintainer=True)
    assert (both.is_author, both.is_maintainer, created) == (True, True, False)
    same, created = services.add_library_version_role(session, held, account)
    assert (same.is_author, same.is_maintainer, created) == (True, True, False)


@pytest.mark.parametrize(
    ("text", "login", "address"),
    [
        ("pdimov", "pdimov", None),
        ("Peter Dimov", "Peter Dimov", None),
        ("Ada Lovelace <ada -at- example.org>", "Ada Lovelace", "ada@example.org"),
        ("Ada <ada at example dot org>", "Ada", "ada@example.org"),
        ("Ada <see the website>", "Ada", None),
        ("  ", "unknown", None),
    ],
)
def test_an_account_by_name(session: Session, text: str, login: str, address: str | None) -> None:
    real, _ = get_or_create_github_account(session, 77, "pdimov")
    account: Any = services.get_or_create_account_from_name(session, text)
    assert account.username == login
    assert (account.id == real.id) is (text == "pdimov")
    assert (account.github_account_id < 0) is (text != "pdimov")
    assert services.get_or_create_account_from_name(session, text).id == account.id
    assert _addresses(session, account.id) == ([address] if address else [])


def _addresses(session: Session, profile: int) -> list[str]:
    from sqlalchemy import text as sql

    query = sql("SELECT email FROM cppa_user_tracker_email WHERE base_profile_id = :id")
    return list(session.execute(query, {"id": profile}).scalars())
