"""Files of the project: folders that no name can leave, and writes that are whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from boost_collectors.core.errors import CommandError

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

LONGEST_SEGMENT = 255
LONGEST_SAFE_NAME = 200
PRIVATE = 0o600
"""Mode of a file that holds secrets."""

_SEGMENT = re.compile(r"[A-Za-z0-9_.@-]+")
_HASH_LENGTH = 16
_HASHED = re.compile(rf".*@[0-9a-f]{{{_HASH_LENGTH}}}", re.DOTALL)
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE | re.DOTALL)


class UnsafePathError(CommandError, ValueError):
    """A name that is not a single, safe segment of a path."""


def strict_segment(value: str, what: str = "path segment") -> str:
    """The value, if it may stand between two slashes: letters, digits, ``_ . - @``, at most 255, not ``.`` or ``..``.

    Raises UnsafePathError that calls the value ``what``; TypeError for anything but text.
    """
    if not isinstance(value, str):
        raise TypeError(f"{what} must be text, not {type(value).__name__}")
    if not _SEGMENT.fullmatch(value) or value in (".", "..") or len(value) > LONGEST_SEGMENT:
        raise UnsafePathError(
            f"{what} {value[:80]!r} must be one path segment of letters, digits and _ . - @, at most "
            f"{LONGEST_SEGMENT} characters"
        )
    return value


def safe_name(value: str) -> str:
    """A readable strict segment for any text, at most 200 bytes, and a different one for a different text.

    A text that is safe already stays as it is. Any other is spelled in safe characters and ends in ``@`` and a hash
    of the original; so does a text that by itself ends like that, which keeps the two kinds apart.
    """
    if _is_safe_name(value):
        return value
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", plain).strip("_.")
    return f"{readable[: LONGEST_SAFE_NAME - _HASH_LENGTH - 1]}@{digest}"


def _is_safe_name(value: str) -> bool:
    return (
        _SEGMENT.fullmatch(value) is not None
        and len(value) <= LONGEST_SAFE_NAME
        and not value.endswith(".")
        and not _HASHED.fullmatch(value)
        and not _DEVICES.fullmatch(value)
    )


def write_atomic(path: Path, data: bytes | str, *, mode: int = 0o666, durable: bool = True) -> None:
    """Write a file that is at any time either the old one or the whole new one, also after a power cut.

    Its folder is made if needed. ``mode`` is narrowed by the umask; give ``PRIVATE`` for secrets. Text is written as
    UTF-8. Not ``durable`` is many times faster and for what can be had again: a power cut may take the file. Raises
    OSError, and then leaves the old file and no other.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises OSError when it cannot be read, ValueError naming it when it is not JSON."""
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON: {error}") from error


def write_json(path: Path, value: Any, *, mode: int = 0o666, durable: bool = True) -> None:
    """Write a value as JSON, whole or not at all. Raises TypeError or ValueError for what JSON cannot hold."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    write_atomic(path, text, mode=mode, durable=durable)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders for working files (``root``) and for what the sources answered (``raw_root``), both absolute.

    Below each there is a folder per application (its slug). No name given here leads out of them.
    """

    root: Path
    raw_root: Path

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The folders of WORKSPACE_DIR and RAW_DIR; nothing is created yet."""
        return cls(root=settings.workspace_dir, raw_root=settings.raw_dir)

    def path(self, slug: str, *segments: str) -> Path:
        """The folder ``<root>/<slug>/<segments…>``, created. Raises UnsafePathError for an unsafe name."""
        return _folder(self.root, slug, segments)

    def raw_path(self, slug: str, *segments: str) -> Path:
        """The folder ``<raw_root>/<slug>/<segments…>``, created. Raises UnsafePathError for an unsafe name."""
        return _folder(self.raw_root, slug, segments)


def _folder(root: Path, slug: str, segments: tuple[str, ...]) -> Path:
    folder = root.joinpath(strict_segment(slug, "workspace slug"), *(strict_segment(segment) for segment in segments))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
