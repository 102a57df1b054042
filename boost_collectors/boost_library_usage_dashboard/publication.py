"""Publishing: the pages to the folder ``develop`` of a repository, by one push."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from boost_collectors.boost_library_usage_dashboard import site
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError
from boost_collectors.core.publishing import Content, PublishResult, PublishTarget, publish

FOLDER = "develop/"
SELECTOR_MARK = b"<!--version-selector-->"
SELECTOR = b'<p><a href="../index.html">Other versions</a></p>'
SUFFIXES = (".html", ".css", ".js")


def require_pages(folder: Path) -> None:
    """Raise CommandError when there is no page to publish."""
    if not any(path.is_file() for path in folder.rglob("*.html")):
        raise CommandError(f"There are no HTML artifacts in {folder}: run without --skip-render first")


def publish_pages(context: RunContext, folder: Path, target: PublishTarget, stamp: str) -> PublishResult:
    """Make the branch's folder what the pages are; all else in the repository is left alone.

    Pages that are published already make no commit. A branch that is missing begins at the default branch.
    """
    pages = _Pages(folder)
    message = f"Update Boost library usage dashboard artifacts ({stamp})"
    return publish(context, target, pages.contents(), stale=pages.stale, message=message, create_branch=True)


class _Pages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = [path for path in site.files(folder) if path.suffix in SUFFIXES]
        self._has_selector = False

    def stale(self, paths: Iterator[str]) -> list[str]:
        """The pages that are published and are no more. Called before the contents are taken."""
        ours = {self._name(path) for path in self._paths}
        gone = []
        for path in paths:
            self._has_selector |= path == "index.html"
            if path.startswith(FOLDER) and path not in ours:
                gone.append(path)
        return gone

    def contents(self) -> Iterator[tuple[str, Content]]:
        """Each file with its path in the repository."""
        for path in self._paths:
            content: Content = path
            if path == self._folder / "index.html":
                content = path.read_bytes().replace(SELECTOR_MARK, SELECTOR if self._has_selector else b"")
            yield self._name(path), content

    def _name(self, path: Path) -> str:
        return FOLDER + path.relative_to(self._folder).as_posix()
