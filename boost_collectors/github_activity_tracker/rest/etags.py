"""ETags of lists that were read to the end, by repository, list, page and window."""

from __future__ import annotations

import logging
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from boost_collectors.core import http_cache
from boost_collectors.core.database import Database

logger = logging.getLogger(__name__)


class EtagCache(Protocol):
    """Where the fetcher keeps ETags. ``since`` and ``until`` are as they were sent, empty when they were not."""

    def get(self, list_type: str, page: int, since: str = "", until: str = "") -> str | None:
        """The ETag kept last, or None."""
        ...

    def set(self, list_type: str, page: int, since: str, until: str, etag: str | None) -> None:
        """Keep an ETag; an empty one changes nothing."""
        ...


def cache_key(repo_id: int, list_type: str, page: int, since: str = "", until: str = "") -> str:
    """``github_etag:<repo id>:<list type>:<page>:<since>:<until>``; missing bounds are empty."""
    return f"github_etag:{repo_id}:{list_type}:{page}:{since}:{until}"


class DatabaseEtagCache:
    """ETags of one repository in the project database. One that cannot be reached means: ask without."""

    def __init__(self, database: Database, repo_id: int) -> None:
        self._database = database
        self._repo_id = repo_id

    def get(self, list_type: str, page: int, since: str = "", until: str = "") -> str | None:
        try:
            with self._database.session() as session:
                found = http_cache.load(session, cache_key(self._repo_id, list_type, page, since, until))
        except SQLAlchemyError as error:
            logger.warning("No ETag could be read: %s", type(error).__name__)
            return None
        return None if found is None else found.etag

    def set(self, list_type: str, page: int, since: str, until: str, etag: str | None) -> None:
        if not etag:
            return
        try:
            with self._database.session() as session:
                http_cache.save(session, cache_key(self._repo_id, list_type, page, since, until), etag, None)
        except SQLAlchemyError as error:
            logger.warning("An ETag could not be kept: %s", type(error).__name__)
