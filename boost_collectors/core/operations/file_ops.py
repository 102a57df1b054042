"""File names from names that others chose, and the writing of text files."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote

from boost_collectors.core.workspace import write_atomic

MAX_NAME_LENGTH = 200
# What common file systems take for one name, in bytes.
MAX_NAME_BYTES = 255
FALLBACK_NAME = "downloaded_file"

_ENTITY = re.compile(r"&#?[0-9A-Za-z]+;")
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|COM[1-9¹²³]|LPT[1-9¹²³])[ .]*\Z", re.IGNORECASE)


def sanitize_filename(name: str) -> str:
    """A name that is one safe file name everywhere: no separators, no device names, at most 200 characters.

    Percent signs are decoded first. The extension is kept unless it alone is too long.
    """
    decoded = _ENTITY.sub("_", unquote(name))
    kept = "".join(character if _is_kept(character) else "_" for character in unicodedata.normalize("NFC", decoded))
    trimmed = re.sub(r"[ _]+", "_", kept).strip("_ ")
    if not trimmed.strip("."):
        return FALLBACK_NAME
    return _without_device(_fit(trimmed))


def write_text(path: Path | str, text: str) -> Path:
    """Write a text file as UTF-8, whole or not at all; folders are made as needed. Returns its resolved path."""
    target = Path(path).resolve()
    write_atomic(target, text)
    return target


def _is_kept(character: str) -> bool:
    # Marks are parts of letters in many scripts.
    return character in " -_.()[]" or character.isalnum() or unicodedata.category(character)[0] == "M"


def _fit(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    suffix = dot + extension if stem and _fits("_" + dot + extension) else ""
    stem = name[: MAX_NAME_LENGTH - len(suffix)] if len(name) > MAX_NAME_LENGTH else name.removesuffix(suffix)
    while not _fits(stem + suffix):
        stem = stem[:-1]
    return stem + suffix


def _fits(name: str) -> bool:
    return len(name) <= MAX_NAME_LENGTH and len(name.encode()) <= MAX_NAME_BYTES


def _without_device(name: str) -> str:
    # Windows looks at what stands before the first dot, whatever follows.
    stem, dot, rest = name.partition(".")
    if not _DEVICE.match(stem):
        return name
    safe = f"{stem}_{dot}{rest}"
    return safe if _fits(safe) else f"{stem[:-1]}_{dot}{rest}"
