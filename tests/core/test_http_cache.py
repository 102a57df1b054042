"""Validators by URL."""

from __future__ import annotations

from boost_collectors.core import http_cache
from boost_collectors.core.database import Database

URL = "https://example.org/papers/2024/"


def test_validators_come_back_as_they_were_received(database: Database) -> None:
    with database.session() as session:
        assert http_cache.load(session, URL) is None
        http_cache.save(session, URL, 'W/"x,y"', None)
        http_cache.save(session, URL + "?page=2", None, "Wed, 21 Oct 2015 07:28:00 GMT")
    with database.session() as session:
        assert http_cache.load(session, URL) == ('W/"x,y"', None)
        assert http_cache.load(session, URL + "?page=2") == (None, "Wed, 21 Oct 2015 07:28:00 GMT")


def test_newer_validators_replace_older_ones(database: Database) -> None:
    with database.session() as session:
        http_cache.save(session, URL, '"1"', "Wed, 21 Oct 2015 07:28:00 GMT")
        http_cache.save(session, URL, '"2"', None)
        assert http_cache.load(session, URL) == ('"2"', None)


def test_an_answer_without_validators_forgets_the_earlier_ones(database: Database) -> None:
    with database.session() as session:
        http_cache.save(session, URL, '"1"', None)
        http_cache.save(session, URL, None, "")
        assert http_cache.load(session, URL) is None


def test_a_url_too_long_for_the_index_is_not_kept(database: Database) -> None:
    # Random enough that PostgreSQL's compression does not make it fit after all.
    url = URL + "".join(f"{hash((number, 'x')):x}" for number in range(500))
    with database.session() as session:
        http_cache.save(session, url, '"1"', None)
        assert http_cache.load(session, url) is None
