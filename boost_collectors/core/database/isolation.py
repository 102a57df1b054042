"""Keeping one bad row from taking the good ones with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from boost_collectors.core.errors import SourceError

Item = TypeVar("Item")
Result = TypeVar("Result")


def store_isolated(
    session: Session, items: Sequence[Item], store: Callable[[Sequence[Item]], Result]
) -> tuple[list[Result], list[tuple[Item, str]]]:
    """Store items together; those that the database refuses are found by halving and returned with the reason.

    ``store`` writes its items with this session, all or none; it is called once when nothing is wrong. What is no
    fault of the items (a lost connection, a deadlock) is raised.
    """
    try:
        with session.begin_nested():
            return [store(items)], []
    except (IntegrityError, DataError, SourceError, ValueError) as error:
        if len(items) == 1:
            return [], [(items[0], _reason(error))]
    middle = len(items) // 2
    first, bad_first = store_isolated(session, items[:middle], store)
    second, bad_second = store_isolated(session, items[middle:], store)
    return first + second, bad_first + bad_second


def _reason(error: Exception) -> str:
    # The text of a database error goes on with the statement and its values.
    told = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return next(iter(told.splitlines()), type(error).__name__)
