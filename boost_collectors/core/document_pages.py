"""Handing documents to the vector index page by page, so that memory stays flat however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings

Key = TypeVar("Key")
Item = dict[str, Any]
"""What a preprocessor returns for a document: ``content`` and ``metadata``, or ``gone`` and ``metadata``."""
Page = tuple[Sequence[Item], Key | None]
"""The documents of a page, and the key after which the next one begins; None when there is none."""


def read_document_pages(
    context: RunContext | None, first: Key, read: Callable[[Session, Settings, Key], Page[Key]]
) -> Iterator[Item]:
    """The documents of all pages, each read in a transaction of its own once those before it are taken.

    ``read`` is given the session, the settings and the key after which its page begins; ``first`` is before all of
    them. ``context``: a run's database and settings; without one, those of the environment.
    """
    with ExitStack() as stack:
        settings = context.settings if context else Settings.load()
        database = context.database if context else stack.enter_context(Database.from_settings(settings))
        after: Key | None = first
        while after is not None:
            with database.session() as session:
                items, after = read(session, settings, after)
            yield from items
