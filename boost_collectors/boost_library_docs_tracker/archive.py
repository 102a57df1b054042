"""Release archives: downloaded once, checked, and their pages extracted into a folder that no entry can leave."""

from __future__ import annotations

import shutil
import threading
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from boost_collectors.boost_library_docs_tracker.places import PAGE_SUFFIXES
from boost_collectors.core.download import download
from boost_collectors.core.errors import CollectorError, CommandError, PermanentError, RateLimited, TransientError
from boost_collectors.core.file_locks import alone
from boost_collectors.core.http import HttpClient

MAC_FOLDER = "__MACOSX"
PATIENCE = 3600.0
"""Seconds to wait for another process that downloads or extracts the same archive."""
DONE = ".complete"
"""Marks a folder into which an archive was extracted to its end."""

_COPY_BYTES = 1 << 20


def ensure_archive(
    http: HttpClient, urls: Sequence[str], target: Path, *, sha256: str = "", stop: threading.Event
) -> Path:
    """The archive at ``target``, downloaded from the first of the sources that has it; one that is there is reused.

    Raises CommandError with ``Failed to download`` when it cannot be had, TransientError when trying again may help,
    and RateLimited.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with alone(target.with_name(f"{target.name}.lock"), str(target), wait=PATIENCE, stop=stop):
        if is_archive(target):
            return target
        target.unlink(missing_ok=True)
        errors = [error for url in urls if (error := _try(http, url, target, sha256))]
        if is_archive(target):
            return target
    raise _failure(target, errors)


def is_archive(path: Path) -> bool:
    """Whether there is a whole ZIP file: its directory, which stands at its end, can be read."""
    try:
        with zipfile.ZipFile(path):
            return True
    except (OSError, zipfile.BadZipFile):
        return False


def extract(archive: Path, folder: Path, *, stop: threading.Event) -> Path:
    """Extract the pages of an archive into ``folder``; returns the archive's root folder within it.

    A second call finds the work done. Raises RuntimeError with ``no entries`` for an empty archive, CommandError with
    ``Failed to extract`` for an entry that would be written elsewhere and for a broken archive, which is deleted, so
    that it can be downloaded again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder / f".{archive.name}.lock", str(folder), wait=PATIENCE, stop=stop):
        try:
            return _extract(archive, folder)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            archive.unlink()
            raise CommandError(f"Failed to extract {archive}, which is deleted: {error}") from error
        except (OSError, NotImplementedError) as error:
            raise CommandError(f"Failed to extract {archive}: {error}") from error


def is_extracted(root: Path) -> bool:
    """Whether the folder holds all pages of its archive."""
    return (root / DONE).exists()


def remove_extracted(folder: Path) -> None:
    """Delete an extracted tree, if there is one."""
    if folder.exists():
        shutil.rmtree(folder)


def _try(http: HttpClient, url: str, target: Path, sha256: str) -> CollectorError | None:
    """Download from one source, unless another one has already given the archive. Returns why there is none."""
    if target.exists():
        return None
    try:
        download(http, url, target, sha256=sha256)
    except RateLimited:
        raise
    except CollectorError as error:
        return error
    if not is_archive(target):
        target.unlink()
        return TransientError(f"{url} is not a ZIP file")
    return None


def _failure(target: Path, errors: Sequence[CollectorError]) -> CollectorError:
    message = f"Failed to download {target.name}: " + "; ".join(str(error) for error in errors)
    is_final = all(isinstance(error, PermanentError) for error in errors)
    return CommandError(message) if is_final else TransientError(message)


def _root(archive: zipfile.ZipFile) -> str:
    """The first root folder by name."""
    names = {_parts(entry.filename)[0] for entry in archive.infolist() if _parts(entry.filename)}
    roots = sorted(names - {MAC_FOLDER})
    if not roots:
        raise RuntimeError(f"{archive.filename} has no entries")
    return roots[0]


def _parts(name: str) -> tuple[str, ...]:
    """The segments of an entry's path. Raises CommandError for one that would lead out of the folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in (path.parts[:1] or ("",))[0]:
        raise CommandError(f"Failed to extract: the entry {name[:200]!r} leads out of the archive's folder")
    return path.parts


def _extract(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        root = folder / _root(opened)
        if not is_extracted(root):
            for entry in opened.infolist():
                if _is_page(entry):
                    _write(opened, entry, folder.joinpath(*_parts(entry.filename)))
            root.mkdir(exist_ok=True)
            (root / DONE).touch()
        return root


def _is_page(entry: zipfile.ZipInfo) -> bool:
    parts = _parts(entry.filename)
    return len(parts) > 1 and parts[0] != MAC_FOLDER and parts[-1].lower().endswith(PAGE_SUFFIXES)


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write a plain file, in pieces: what the archive says of links and modes has no meaning here."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, _COPY_BYTES)
