"""The staged JSON files of the GitHub store: those that are empty or broken go, valid ones stay."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from boost_collectors.core.quarantine import FOLDER as QUARANTINE
from boost_collectors.core.quarantine import move_beside

logger = logging.getLogger(__name__)

SLUG = "github_activity_tracker"
KINDS = ("commits", "issues", "prs")
DEFAULT_GRACE_SECONDS = 5.0


class FileState(StrEnum):
    """``unreadable``: nobody can tell, so nothing is done to it."""

    EMPTY = "empty"
    INVALID = "invalid"
    VALID = "valid"
    UNREADABLE = "unreadable"


@dataclass(slots=True)
class JsonCacheStats:
    """What a clean-up did, or would do; ``errors`` are files that could not be read, moved or deleted."""

    scanned: int = 0
    removed_invalid: int = 0
    quarantined_invalid: int = 0
    skipped_grace_invalid: int = 0
    stale_valid_warnings: int = 0
    errors: int = 0


def classify_json_file(path: Path) -> FileState:
    """What the file holds. A byte order mark is no fault; what is nested too deeply to be read is not called broken.

    Raises FileNotFoundError.
    """
    try:
        content = path.read_bytes()
        if not content:
            return FileState.EMPTY
        json.loads(content.decode("utf-8-sig"))
    except FileNotFoundError:
        raise
    except (OSError, RecursionError):
        return FileState.UNREADABLE
    except ValueError:
        return FileState.INVALID
    return FileState.VALID


def cleanup_github_activity_tracker_json_cache(
    workspace_dir: Path,
    execute: bool,
    use_quarantine: bool,
    stale_max_age_seconds: float,
    invalid_grace_seconds: float | None = None,
) -> JsonCacheStats:
    """Remove, or move to ``_quarantine``, the empty and broken files of ``<owner>/<repo>/{commits,issues,prs}``.

    Files younger than the grace (None: 5 s) are left alone: they may be in the writing. With a positive
    ``stale_max_age_seconds`` older valid files are warned about. Without ``execute`` nothing is touched, and what
    would be removed is counted as removed.
    """
    grace = DEFAULT_GRACE_SECONDS if invalid_grace_seconds is None else invalid_grace_seconds
    stats, now = JsonCacheStats(), time.time()
    for path in _files(workspace_dir / SLUG):
        try:
            age, state = now - path.stat().st_mtime, classify_json_file(path)
        except FileNotFoundError:
            continue
        stats.scanned += 1
        if state is FileState.UNREADABLE:
            stats.errors += 1
            logger.warning("%s cannot be read, and is left alone", path)
        elif state is FileState.VALID:
            _warn_if_stale(path, age, stale_max_age_seconds, stats)
        elif age < grace:
            stats.skipped_grace_invalid += 1
        else:
            _take_away(path, workspace_dir, stats, execute=execute, use_quarantine=use_quarantine)
    return stats


def _files(root: Path) -> Iterator[Path]:
    for owner in sorted(root.glob("*/")):
        if owner.name.startswith(".") or owner.name in ("clones", QUARANTINE):
            continue
        for kind in KINDS:
            yield from sorted(path for path in owner.glob(f"*/{kind}/*.json") if path.is_file())


def _warn_if_stale(path: Path, age: float, limit: float, stats: JsonCacheStats) -> None:
    if 0 < limit < age:
        stats.stale_valid_warnings += 1
        logger.warning("Stale valid JSON: %s is %.0f s old", path, age)


def _take_away(path: Path, workspace: Path, stats: JsonCacheStats, *, execute: bool, use_quarantine: bool) -> None:
    try:
        if not execute:
            stats.removed_invalid += 1
        elif use_quarantine:
            move_beside(path, workspace / QUARANTINE / path.relative_to(workspace))
            stats.quarantined_invalid += 1
        else:
            path.unlink()
            stats.removed_invalid += 1
    except FileNotFoundError:
        return
    except OSError as error:
        stats.errors += 1
        logger.warning("%s cannot be removed: %s", path, error)
