"""A release on this machine: its archive, downloaded once, and the pages extracted from it."""

from __future__ import annotations

import logging
import tempfile
from contextlib import ExitStack
from pathlib import Path

from boost_collectors.boost_library_docs_tracker.archive import ensure_archive, extract, is_archive, remove_extracted
from boost_collectors.boost_library_docs_tracker.source import LocalTree
from boost_collectors.boost_library_docs_tracker.workspace import archive_path, extracted_folder
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CollectorError, CommandError, NotFoundError

logger = logging.getLogger(__name__)


class LocalRelease:
    """The pages of the release of a folder (``1_86_0``). A dry run only uses an archive that is there already."""

    def __init__(self, context: RunContext, folder: str) -> None:
        self._context = context
        self._folder = folder
        self._archive = archive_path(context.workspace, folder)
        self._temporary = ExitStack()
        self._root: Path | None = None
        self._failure: Exception | None = None

    def tree(self) -> LocalTree:
        """The release's pages; what has failed once is not tried again by the same run.

        Raises CommandError, TransientError and RateLimited as ``ensure_archive`` and ``extract``.
        """
        if self._failure is not None:
            raise self._failure
        try:
            if self._root is None:
                self._root = self._extract_apart() if self._context.dry_run else self._extract()
        except Exception as error:
            self._failure = error
            raise
        return LocalTree(self._root)

    def close(self, *, clean_up: bool) -> None:
        """Forget what a dry run extracted; ``clean_up`` deletes archive and pages of any other."""
        self._temporary.close()
        if clean_up and not self._context.dry_run and self._root is not None:
            remove_extracted(self._root)
            try:
                self._archive.unlink(missing_ok=True)
            except OSError as error:
                logger.warning("%s could not be deleted: %s", self._archive, error)
        self._root = None

    def _extract(self) -> Path:
        context = self._context
        if not is_archive(self._archive):
            ensure_archive(context.http, self._urls(), self._archive, sha256=self._checksum(), stop=context.stop)
        return extract(self._archive, extracted_folder(context.workspace), stop=context.stop)

    def _extract_apart(self) -> Path:
        if not is_archive(self._archive):
            raise CommandError(f"a dry run downloads no archive, and {self._archive} is not there")
        folder = self._temporary.enter_context(tempfile.TemporaryDirectory(prefix="boost-docs-"))
        return extract(self._archive, Path(folder), stop=self._context.stop)

    def _urls(self) -> list[str]:
        settings = self._context.settings
        version, name = self._folder.replace("_", "."), self._archive.name
        return [
            f"{settings.boost_archives_url}{version}/source/{name}",
            f"{settings.boost_archives_mirror_url}{version}/{name}",
        ]

    def _checksum(self) -> str:
        """The SHA-256 that the first source announces beside the archive; empty for releases that have none."""
        url = f"{self._urls()[0]}.json"
        try:
            announced = self._context.http.get_json(url)
        except NotFoundError:
            return ""
        except CollectorError as error:
            logger.warning("The archive's checksum cannot be had, only its structure is checked: %s", error)
            return ""
        value = announced.get("sha256") if isinstance(announced, dict) else None
        return value if isinstance(value, str) else ""
