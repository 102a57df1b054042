"""Which releases there are, and which a consumer has not dealt with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from boost_collectors.boost_library_tracker.release_check import (
    Consumer,
    Release,
    all_boost_versions_from_api,
    has_new_boost_release,
    mark_seen,
    new_boost_versions_from_api,
    parse_tags,
    unseen,
)
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectorError, NetworkError
from boost_collectors.core.settings import Settings
from boost_collectors.runner.schedule import ScheduleKind, Task

if TYPE_CHECKING:
    from tests.runner.conftest import BoostRepository

DOCS = Consumer("boost_library_docs", "run_boost_library_docs_tracker")
LIBRARIES = Consumer("github", "collect_boost_libraries")


@pytest.fixture
def settings(make_settings: Callable[..., Settings], boost_repository: BoostRepository) -> Settings:
    return make_settings(GITHUB_GIT_URL=boost_repository.url)


@pytest.mark.parametrize(
    "tag",
    ["boost-1.86.0-beta1", "boost-1.86", "boost-1.16.0", "Boost-1.86.0", "v1.86.0", "boost-1.86.0.1", "boost-0.9.27"],
)
def test_tags_that_are_no_stable_release_since_1_16_1(tag: str) -> None:
    assert parse_tags(f"aaa\trefs/tags/{tag}\n") == []


def test_tags_are_sorted_by_version_and_annotated_ones_peeled() -> None:
    answer = (
        "aaa\trefs/tags/boost-1.9.0\n"
        "ttt\trefs/tags/boost-1.86.0\nccc\trefs/tags/boost-1.86.0^{}\n"
        "bbb\trefs/tags/boost-1.16.1\n"
        "eee\trefs/tags/boost-1.100.0\n"
    )
    assert parse_tags(answer) == [("boost-1.16.1", "bbb"), ("boost-1.86.0", "ccc"), ("boost-1.100.0", "eee")]


def test_the_peeled_line_may_come_first() -> None:
    answer = "ccc\trefs/tags/boost-1.86.0^{}\nttt\trefs/tags/boost-1.86.0\n"
    assert parse_tags(answer) == [Release("boost-1.86.0", "ccc")]


def test_tags_are_read_by_git(settings: Settings, boost_repository: BoostRepository) -> None:
    first = boost_repository.git("rev-parse", "HEAD")
    boost_repository.tag("boost-1.84.0", "boost-1.85.0-beta1", "develop-snapshot")
    second = boost_repository.commit()
    boost_repository.annotate("boost-1.85.0")
    assert all_boost_versions_from_api(settings) == [("boost-1.84.0", first), ("boost-1.85.0", second)]


def test_no_tag_at_all_is_a_warning(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert all_boost_versions_from_api(settings) == []
    assert "no stable release tag" in caplog.text


def test_no_repository_is_an_error_and_not_no_release(
    settings: Settings, boost_repository: BoostRepository, database: Database
) -> None:
    boost_repository.folder.rename(boost_repository.folder.with_name("gone"))
    with pytest.raises(CollectorError, match="ls-remote"):
        has_new_boost_release(database, settings, DOCS)


def test_an_unreachable_host_is_a_network_error(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(GITHUB_GIT_URL="http://127.0.0.1:1")
    with pytest.raises(NetworkError):
        all_boost_versions_from_api(settings)


def test_each_consumer_sees_each_release_once(
    settings: Settings, database: Database, boost_repository: BoostRepository
) -> None:
    boost_repository.tag("boost-1.84.0", "boost-1.85.0")
    for consumer in (DOCS, LIBRARIES):
        new = new_boost_versions_from_api(database, settings, consumer)
        assert [release.tag for release in new] == ["boost-1.84.0", "boost-1.85.0"]
        with database.session() as session:
            mark_seen(session, consumer, new)
        assert not has_new_boost_release(database, settings, consumer)
    boost_repository.tag("boost-1.86.0", "boost-1.84.1")
    for consumer in (LIBRARIES, DOCS):
        new = new_boost_versions_from_api(database, settings, consumer)
        assert [release.tag for release in new] == ["boost-1.84.1", "boost-1.86.0"]


def test_looking_moves_no_watermark(settings: Settings, database: Database, boost_repository: BoostRepository) -> None:
    boost_repository.tag("boost-1.84.0")
    assert has_new_boost_release(database, settings, DOCS)
    assert has_new_boost_release(database, settings, DOCS)


def test_marking_adds_to_what_was_seen(database: Database) -> None:
    first, second = Release("boost-1.84.0", "a"), Release("boost-1.85.0", "b")
    for release in (second, first):
        with database.session() as session:
            mark_seen(session, DOCS, [release])
    with database.session() as session:
        assert unseen(session, DOCS, [first, second]) == []


def test_a_consumer_is_a_group_a_command_and_its_arguments(database: Database) -> None:
    release = Release("boost-1.84.0", "a")
    with database.session() as session:
        mark_seen(session, DOCS, [release])
    others = [
        Consumer("other", DOCS.command),
        Consumer(DOCS.group, "other"),
        Consumer(DOCS.group, DOCS.command, ("--x",)),
        Consumer(DOCS.group, DOCS.command, ("--", "x")),
    ]
    with database.session() as session:
        assert [unseen(session, other, [release]) for other in others] == [[release]] * 4
    assert len({(other.command, other.unit) for other in others}) == 4


def test_the_consumer_of_a_task() -> None:
    task = Task("g", "docs", ScheduleKind.ON_RELEASE, id="docs__on_release", args=("--x",))
    assert Consumer.of(task) == Consumer("g", "docs", ("--x",))
