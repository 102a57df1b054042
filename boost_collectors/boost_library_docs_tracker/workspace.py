"""The converted pages in the workspace: ``converted/boost_1_86_0/libs/a/b.md`` for the page of that address."""

from __future__ import annotations

from pathlib import Path

from boost_collectors.boost_library_docs_tracker.places import converted_path
from boost_collectors.core.workspace import Workspace, write_atomic

SLUG = "boost_library_docs_tracker"


def archive_path(workspace: Workspace, folder: str) -> Path:
    """Where the archive of the release of that folder (``1_86_0``) is kept; nothing is created."""
    return workspace.raw_root / SLUG / f"boost_{folder}.zip"


def extracted_folder(workspace: Workspace) -> Path:
    """Where archives are extracted to."""
    return workspace.path(SLUG, "extracted")


def save_page(workspace: Workspace, url: str, markdown: str) -> bool:
    """Write a page's text, whole or not at all; True if that changed the file.

    Raises ValueError with ``Unsupported Boost docs URL`` for an address that is no page of a release, OSError.
    """
    path = _path(workspace, url)
    if path is None:
        raise ValueError(f"Unsupported Boost docs URL: {url}")
    if _read(path) == markdown:
        return False
    write_atomic(path, markdown)
    return True


def load_page(workspace: Workspace, url: str) -> str | None:
    """The saved text of a page; None when there is none, or the address is no page of a release."""
    path = _path(workspace, url)
    return None if path is None else _read(path)


def _path(workspace: Workspace, url: str) -> Path | None:
    relative = converted_path(url)
    if relative is None:
        return None
    folder = workspace.path(SLUG, "converted")
    path = folder / relative
    return path if path.resolve().is_relative_to(folder.resolve() / relative.parts[0]) else None


def _read(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
