"""The tables of Boost's users, written one at a time and many at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker import services as libraries
from boost_collectors.boost_library_tracker.models import BoostFile
from boost_collectors.boost_usage_tracker import services
from boost_collectors.boost_usage_tracker.models import (
    BoostExternalRepository,
    BoostMissingHeaderTmp,
    BoostUsage,
)
from boost_collectors.boost_usage_tracker.services import HeaderCatalogue
from boost_collectors.core.database import Database
from boost_collectors.core.errors import SourceError
from boost_collectors.cppa_user_tracker import services as people
from boost_collectors.github_activity_tracker import services as github
from boost_collectors.github_activity_tracker.models import GithubFile, GithubRepository
from tests.bench import statements

EARLY, LATE = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as session:
        yield session


@pytest.fixture
def repository(session: Session) -> GithubRepository:
    owner, _ = people.get_or_create_github_account(session, 7, "ada")
    return github.get_or_create_repository(session, owner, "tool")[0]


@pytest.fixture
def external(session: Session, repository: GithubRepository) -> BoostExternalRepository:
    return services.get_or_create_boost_external_repo(session, repository)[0]


@pytest.fixture
def headers(session: Session, repository: GithubRepository) -> list[BoostFile]:
    library_repo, _ = libraries.get_or_create_boost_library_repo(session, repository)
    library, _ = libraries.get_or_create_boost_library(session, library_repo, "sample")
    files = [file(session, repository, f"include/boost/{name}.hpp") for name in "abc"]
    return [libraries.get_or_create_boost_file(session, each, library)[0] for each in files]


def file(session: Session, repository: GithubRepository, path: str) -> GithubFile:
    return github.create_or_update_github_file(session, repository, path)[0]


def add(session: Session, row: BoostUsage | BoostMissingHeaderTmp) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()


def usage(session: Session, external: BoostExternalRepository, header: BoostFile, path: GithubFile) -> BoostUsage:
    return services.create_or_update_boost_usage(session, external, header, path, EARLY)[0]


def test_an_external_repository_is_made_once_and_changes_only_where_it_differs(
    session: Session, repository: GithubRepository
) -> None:
    row, created = services.get_or_create_boost_external_repo(session, repository, "1.84.0", is_boost_used=True)
    assert (created, row.githubrepository_ptr_id, row.boost_version) == (True, repository.id, "1.84.0")
    before = row.updated_at
    session.commit()
    row, created = services.get_or_create_boost_external_repo(session, repository, "", is_boost_used=True)
    assert (created, row.boost_version, row.updated_at) == (False, "1.84.0", before)
    row, _ = services.get_or_create_boost_external_repo(session, repository, "1.85.0", is_boost_embedded=True)
    assert (row.boost_version, row.is_boost_embedded, row.is_boost_used) == ("1.85.0", True, False)
    assert row.updated_at > before


def test_an_update_leaves_what_is_none_and_clears_an_empty_version(
    session: Session, external: BoostExternalRepository
) -> None:
    services.update_boost_external_repo(session, external, boost_version="1.84.0", is_boost_used=True)
    session.commit()
    before = external.updated_at
    assert services.update_boost_external_repo(session, external, boost_version="1.84.0").updated_at == before
    services.update_boost_external_repo(session, external, boost_version="")
    assert (external.boost_version, external.is_boost_used) == ("", True)


def test_versions_of_64_characters_fit(session: Session, external: BoostExternalRepository) -> None:
    assert services.update_boost_external_repo(session, external, boost_version="1" * 64).boost_version == "1" * 64
    with pytest.raises(DataError):
        services.update_boost_external_repo(session, external, boost_version="1" * 65)


def test_a_usage_keeps_its_date_unless_another_is_given(
    session: Session, repository: GithubRepository, external: BoostExternalRepository, headers: list[BoostFile]
) -> None:
    path = file(session, repository, "a.cpp")
    row, created = services.create_or_update_boost_usage(session, external, headers[0], path)
    assert (created, row.last_commit_date, row.excepted_at) == (True, None, None)
    row, created = services.create_or_update_boost_usage(session, external, headers[0], path, EARLY)
    assert (created, row.last_commit_date) == (False, EARLY)
    services.mark_usage_excepted(session, row)
    session.commit()
    before = row.updated_at
    row, _ = services.create_or_update_boost_usage(session, external, headers[0], path)
    assert (row.last_commit_date, row.excepted_at) == (EARLY, None)
    assert row.updated_at > before
    session.commit()
    before = row.updated_at
    assert services.create_or_update_boost_usage(session, external, headers[0], path, EARLY)[0].updated_at == before


def test_the_same_usage_twice_is_refused(
    session: Session, repository: GithubRepository, external: BoostExternalRepository, headers: list[BoostFile]
) -> None:
    path = file(session, repository, "a.cpp")
    usage(session, external, headers[0], path)
    keys: dict[str, Any] = {"repo_id": external.githubrepository_ptr_id, "file_path_id": path.id}
    with pytest.raises(IntegrityError):
        add(session, BoostUsage(**keys, boost_header_id=headers[0].github_file_id))
    add(session, BoostUsage(**keys))
    with pytest.raises(IntegrityError):
        add(session, BoostUsage(**keys))


def test_an_exception_keeps_its_first_day(
    session: Session, repository: GithubRepository, external: BoostExternalRepository, headers: list[BoostFile]
) -> None:
    rows = [usage(session, external, header, file(session, repository, "a.cpp")) for header in headers]
    first, later = date(2024, 1, 1), date(2024, 2, 2)
    assert services.mark_usage_excepted(session, rows[0], first).excepted_at == first
    assert services.mark_usage_excepted(session, rows[0], later).excepted_at == first
    assert services.mark_usages_excepted_bulk(session, [row.id for row in rows], later) == 2
    with statements() as seen:
        assert services.mark_usages_excepted_bulk(session, []) == 0
    assert seen == []
    session.expire_all()
    assert [row.excepted_at for row in rows] == [first, later, later]


def test_active_usages_come_with_their_paths_in_one_statement(
    session: Session, repository: GithubRepository, external: BoostExternalRepository, headers: list[BoostFile]
) -> None:
    assert services.get_active_usages_for_repo(session, external) == []
    path = file(session, repository, "a.cpp")
    gone = usage(session, external, headers[0], path)
    usage(session, external, headers[1], path)
    services.get_or_create_missing_header_usage(session, external, path, "boost/x.hpp")
    services.mark_usage_excepted(session, gone)
    with statements() as seen:
        found = services.get_active_usages_for_repo(session, external)
        paths = [(each.file_path, each.header_path) for each in found]
    assert paths == [("a.cpp", "include/boost/b.hpp"), ("a.cpp", None)]
    assert len(seen) == 1


def test_one_placeholder_holds_all_unknown_headers_of_a_file(
    session: Session, repository: GithubRepository, external: BoostExternalRepository
) -> None:
    path = file(session, repository, "a.cpp")
    first, _, is_new = services.get_or_create_missing_header_usage(session, external, path, "boost/x.hpp", EARLY)
    second, missing, _ = services.get_or_create_missing_header_usage(session, external, path, "boost/" + "y" * 506)
    assert (first.id, is_new, len(missing.header_name)) == (second.id, True, 512)
    assert second.last_commit_date == EARLY
    services.mark_usage_excepted(session, first)
    again, _, is_new = services.get_or_create_missing_header_usage(session, external, path, "boost/x.hpp", EARLY)
    assert (again.excepted_at, is_new) == (None, False)
    with pytest.raises(IntegrityError):
        add(session, BoostMissingHeaderTmp(usage_id=first.id, header_name="boost/x.hpp"))
    with pytest.raises(SourceError):
        services.get_or_create_missing_header_usage(session, external, path, "z" * 513)


def test_many_usages_at_once(
    session: Session, repository: GithubRepository, external: BoostExternalRepository, headers: list[BoostFile]
) -> None:
    a, b = file(session, repository, "a.cpp"), file(session, repository, "b.cpp")
    many = services.bulk_create_or_update_boost_usage
    assert many(session, external, []) == (0, 0)
    pairs = [(headers[0], a, EARLY), (headers[1], a, EARLY), (headers[1], a, LATE)]
    assert many(session, external, pairs) == (2, 0)
    rows = session.scalars(select(BoostUsage).order_by(BoostUsage.boost_header_id)).all()
    assert [row.last_commit_date for row in rows] == [EARLY, LATE]
    assert many(session, external, [(headers[0], a, None), (headers[1], a, LATE)]) == (0, 0)
    services.mark_usage_excepted(session, rows[0])
    assert many(session, external, [(headers[0], a, None), (headers[2], b, None)]) == (1, 1)
    session.expire_all()
    assert (rows[0].excepted_at, rows[0].last_commit_date) == (None, EARLY)


CATALOGUE = [
    (5, "include/boost/asio.hpp"),
    (3, "libs/asio/boost/asio.hpp"),
    (4, "boost/detail/foo.hpp"),
    (2, "include/boost/detail/foo.hpp"),
    (9, "include/boost/twice.hpp"),
    (8, "include/boost/twice.hpp"),
    (1, "include/boost/io.hpp"),
]


@pytest.mark.parametrize(
    ("header", "file_id"),
    [
        ("boost/asio.hpp", 5),  # include/ before other folders, whatever the id
        ("boost/detail/foo.hpp", 4),  # the whole path before its end
        ("detail/foo.hpp", 2),
        ("boost/twice.hpp", 8),
        ("asio.hpp", 3),
        ("boost/nothing/here/asio.hpp", None),
        ("oost/io.hpp", None),
        ("boost/o.hpp", None),
        ("", None),
    ],
)
def test_headers_are_looked_up_whole_and_by_their_end_behind_a_slash(header: str, file_id: int | None) -> None:
    assert HeaderCatalogue(CATALOGUE).file_id(header) == file_id
    assert HeaderCatalogue(CATALOGUE).resolve([header]) == ({header: file_id} if file_id else {})


def test_a_resolved_header_of_an_excepted_file_stays_excepted(
    session: Session, repository: GithubRepository, external: BoostExternalRepository, headers: list[BoostFile]
) -> None:
    a, b = file(session, repository, "a.cpp"), file(session, repository, "b.cpp")
    for path in (a, b):
        services.get_or_create_missing_header_usage(session, external, path, "boost/a.hpp", EARLY)
    gone, *_ = services.get_or_create_missing_header_usage(session, external, b, "boost/unknown.hpp")
    services.mark_usage_excepted(session, gone, date(2024, 1, 1))
    assert services.resolve_missing_headers(session, HeaderCatalogue.load(session)) == 2
    rows = session.scalars(select(BoostUsage).order_by(BoostUsage.file_path_id, BoostUsage.boost_header_id)).all()
    header_id = headers[0].github_file_id
    assert [(row.file_path_id, row.boost_header_id, row.excepted_at) for row in rows] == [
        (a.id, header_id, None),
        (b.id, header_id, date(2024, 1, 1)),
        (b.id, None, date(2024, 1, 1)),
    ]
    assert services.resolve_missing_headers(session, HeaderCatalogue.load(session)) == 0
