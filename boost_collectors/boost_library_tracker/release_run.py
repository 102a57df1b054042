"""Collecting one release, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from boost_collectors.boost_library_tracker import progress, services
from boost_collectors.boost_library_tracker.includes import HEADERS, needed_modules
from boost_collectors.boost_library_tracker.metadata import library_of_header, main_library
from boost_collectors.boost_library_tracker.progress import Step
from boost_collectors.boost_library_tracker.records import Submodule
from boost_collectors.boost_library_tracker.release_check import TagRef
from boost_collectors.boost_library_tracker.services import DependencyRow, HeaderRow, RepositoryLibraries
from boost_collectors.boost_library_tracker.source import BrokenRelease, ModuleFiles, ReleaseSource
from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.utils.boost_version_operations import Version, loose_version_tuple

METADATA_SINCE: Version = (1, 57, 0)
"""The first release whose libraries describe themselves."""

FILENAME_CHARACTERS = 1024

Modules = Mapping[Submodule, ModuleFiles]


class ReleaseRun:
    """One run over one release; what it does is added to ``counts``.

    Everything is fetched and read first; then each step is one transaction with its mark. ``marks``: a backfill
    leaves none.
    """

    def __init__(self, context: RunContext, source: ReleaseSource, ref: TagRef, counts: Counts, *, marks: bool) -> None:
        self._context, self._source, self._ref, self._counts = context, source, ref, counts
        self._marks = marks

    def collect(self, steps: Sequence[Step]) -> None:
        """Do these steps. Raises BrokenRelease for a tag that holds no release, and what reading raises."""
        submodules = self._source.submodules(self._ref)
        self._source.fetch(submodules)
        modules = {submodule: self._source.read(submodule) for submodule in submodules}
        self._check(modules)
        for step in steps:
            getattr(self, f"_{step}")(modules)

    def _check(self, modules: Modules) -> None:
        """A release since 1.57 has metadata; before, libraries did not describe themselves."""
        if any(files.libraries for files in modules.values()):
            return
        if loose_version_tuple(self._ref.tag.removeprefix("boost-")) >= METADATA_SINCE:
            what = f"in none of {len(modules)} repositories" if modules else "and no submodule below libs/"
            raise BrokenRelease(f"{self._ref.tag} has no meta/libraries.json {what}")
        self._counts.add("releases_without_metadata")
        self._context.log.warning("%s is older than library metadata: it has no libraries", self._ref.tag)

    def _libraries(self, modules: Modules) -> None:
        created_at = self._source.date(self._ref)
        found = [RepositoryLibraries(module.repository, files.libraries) for module, files in modules.items()]
        with self._context.database.session() as session:
            version_id, counts = services.store_version(session, self._ref.tag, created_at)
            counts += services.store_libraries(session, version_id, [one for one in found if one.libraries])
            if self._marks:
                progress.note_done(session, self._ref, Step.LIBRARIES)
        self._counts += counts

    def _headers(self, modules: Modules) -> None:
        with self._context.database.session() as session:
            version_id = services.ensure_version(session, self._ref.tag)
            ids = services.ensure_library_repositories(session, _repositories(modules))
            rows = [row for module, files in modules.items() for row in _header_rows(ids, module, files)]
            newest = services.stored_releases(session)[0].version == self._ref.tag
            counts = services.link_headers(session, version_id, rows, newest=newest)
            if self._marks:
                progress.note_done(session, self._ref, Step.HEADERS)
        total = sum(len(files.headers) for files in modules.values())
        self._counts.add("headers_without_library", total - len(rows))
        self._counts += counts

    def _dependencies(self, modules: Modules) -> None:
        owners = {path: module.module for module, files in modules.items() for path in files.headers}
        needed = {
            module.module: needed_modules(files.includes, owners, module.module) for module, files in modules.items()
        }
        with self._context.database.session() as session:
            version_id = services.ensure_version(session, self._ref.tag)
            ids = services.ensure_library_repositories(session, _repositories(modules))
            rows = list(self._dependency_rows(ids, modules, needed))
            counts = services.store_dependencies(session, version_id, rows)
            if self._marks:
                progress.note_done(session, self._ref, Step.DEPENDENCIES)
        self._counts += counts

    def _dependency_rows(
        self, ids: Mapping[str, int], modules: Modules, needed: Mapping[str, set[str]]
    ) -> Iterator[DependencyRow]:
        """Module needs module, as library needs library. One without a library is skipped and counted."""
        libraries = {
            module.module: (ids[module.repository], name)
            for module, files in modules.items()
            if (name := main_library(files.libraries, module.module, module.name))
        }
        for client, deps in needed.items():
            for dep in sorted(deps):
                if client in libraries and dep in libraries:
                    yield DependencyRow(*libraries[client], *libraries[dep])
                else:
                    self._counts.add("dependencies_skipped")


def _repositories(modules: Modules) -> list[str]:
    """The repositories that hold a library."""
    return [module.repository for module, files in modules.items() if files.libraries]


def _header_rows(ids: Mapping[str, int], module: Submodule, files: ModuleFiles) -> Iterator[HeaderRow]:
    main = main_library(files.libraries, module.module, module.name)
    for path in files.headers if main else ():
        filename = f"{HEADERS}{path}"
        if len(filename) <= FILENAME_CHARACTERS:
            yield HeaderRow(ids[module.repository], filename, library_of_header(path, files.libraries, main))
