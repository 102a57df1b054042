"""Searches that GitHub would cut off at 1,000 results, taken apart by dates until each part can be read whole."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from boost_collectors.boost_usage_tracker.source import (
    MOST_RESULTS,
    Asks,
    Days,
    Found,
    RepositoryQuery,
    count_repositories,
    list_repositories,
    unless_ours,
)
from boost_collectors.core.errors import PermanentError

logger = logging.getLogger(__name__)

FIRST_DAY = date(2008, 2, 1)
"""No repository on GitHub is older; the site opened to everybody in April 2008."""

DAY = timedelta(days=1)
CREATED_CHUNK = timedelta(days=360)
MOST_SINGLE_DAYS = 62
"""Push days that are searched one by one. A longer span starts with chunks, which are halved where they must be."""


def primary_ranges(field: str, first: date, last: date) -> list[Days]:
    """The spans to be searched one after the other: days of ``pushed``, 361 days of ``created``."""
    chunk = CREATED_CHUNK if field == "created" or (last - first).days >= MOST_SINGLE_DAYS else timedelta(0)
    ranges: list[Days] = []
    start = first
    while start <= last:
        ranges.append((start, min(start + chunk, last)))
        start = ranges[-1][1] + DAY
    return ranges


def find_by_spans(client: Asks, query: RepositoryQuery, today: date) -> Iterator[tuple[Days, Found]]:
    """All repositories of a query, whatever their number, one span of its days after the other.

    It is a single span if GitHub shows all there is at once. Raises as ``find_repositories``.
    """
    found, _ = _at_once(client, query)
    if found.complete or found.errors:
        yield query.days, found
        return
    for days in primary_ranges(query.field, *query.days):
        yield days, find_repositories(client, replace(query, days=days), today)


def find_repositories(client: Asks, query: RepositoryQuery, today: date) -> Found:
    """The repositories of a query, taken apart where GitHub does not show them all.

    Above 1,000 results, or where GitHub ran out of time, the days are halved, down to single days; those with more
    than 1,000 by the days on which the repositories were created. What cannot be halved any more gives its first
    1,000, and is not complete. Raises RateLimited, NetworkError and AuthenticationError.
    """
    found, total = _at_once(client, query)
    if found.complete or found.errors:
        return found
    halves = list(_halves(query, today) if total > MOST_RESULTS else _halved_days(query))
    if halves:
        return _merged(client, halves, today)
    return found if total <= MOST_RESULTS else _first_ones(client, query, total)


def _at_once(client: Asks, query: RepositoryQuery) -> tuple[Found, int]:
    """What GitHub shows without taking the query apart, and how many results it counts; none if too many."""
    try:
        total = count_repositories(client, query)
    except PermanentError as error:
        logger.warning("GitHub does not count %s: %s", query.text, error)
        return Found(complete=False, errors=[unless_ours(error)]), 0
    if total == 0:
        return Found(), 0
    return (Found(complete=False) if total > MOST_RESULTS else list_repositories(client, query)), total


def _merged(client: Asks, parts: Iterable[RepositoryQuery], today: date) -> Found:
    merged = Found()
    for part in parts:
        merged.add(find_repositories(client, part, today))
    return merged


def _first_ones(client: Asks, query: RepositoryQuery, total: int) -> Found:
    logger.warning("%s has %d results and cannot be divided: only the first are read", query.text, total)
    found = list_repositories(client, query)
    found.complete = False
    return found


def _halved_days(query: RepositoryQuery) -> Iterator[RepositoryQuery]:
    if query.days[0] < query.days[1]:
        yield from (replace(query, days=half) for half in _halved(query.days))


def _halves(query: RepositoryQuery, today: date) -> Iterator[RepositoryQuery]:
    """Two queries that have the results of one between them; nothing if it cannot be divided."""
    yield from _halved_days(query)
    if query.days[0] == query.days[1] and query.field != "created":
        created = query.created or (FIRST_DAY, max(FIRST_DAY, today))
        if created[0] < created[1]:
            yield from (replace(query, created=half) for half in _halved(created))


def _halved(days: Days) -> tuple[Days, Days]:
    first, last = days
    middle = first + timedelta(days=(last - first).days // 2)
    return (first, middle), (middle + DAY, last)
