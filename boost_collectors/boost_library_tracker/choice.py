"""Which releases a run is asked for: ``--boost-version``."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from boost_collectors.boost_library_tracker.release_check import MINIMUM_VERSION, TagRef
from boost_collectors.core.errors import CommandError
from boost_collectors.core.utils.boost_version_operations import parse_stable_boost_release_tag

NEW, ALL = "new", "all"

logger = logging.getLogger(__name__)


def chosen_tags(text: str) -> str | list[str]:
    """``new`` (also for no text), ``all``, or the tags that a comma-separated list names.

    Raises CommandError for an entry that is neither a tag nor a minor number, and for a list without any.
    """
    word = text.strip().lower()
    if word in ("", NEW, ALL):
        return word or NEW
    entries = [entry for entry in (part.strip() for part in text.split(",")) if entry]
    if not entries:
        raise CommandError(f"--boost-version must be 'new', 'all' or a list of releases, not {text!r}")
    try:
        return list(dict.fromkeys(map(release_tag, entries)))
    except ValueError as error:
        logger.error("Error parsing --boost-version %r: %s", text, error)
        raise CommandError(f"--boost-version {text!r}: {error}") from error


def release_tag(text: str) -> str:
    """The tag that ``boost-1.90.0`` or the minor number ``90`` means. Raises ValueError for anything else."""
    entry = text.strip()
    if not entry:
        raise ValueError("Empty release ref")
    if re.fullmatch(r"[0-9]+", entry):
        return f"boost-1.{int(entry)}.0"
    if not entry.startswith("boost-"):
        raise ValueError(f"Invalid release ref {entry!r}")
    tag = parse_stable_boost_release_tag(entry, MINIMUM_VERSION)
    if tag is None:
        raise ValueError(f"Invalid Boost release tag {entry!r}")
    return tag


def named(refs: Sequence[TagRef], tags: Sequence[str]) -> list[TagRef]:
    """The releases of these tags, in the order of their versions. Raises CommandError for one that is not there."""
    by_tag = {ref.tag: ref for ref in refs}
    unknown = [tag for tag in tags if tag not in by_tag]
    if unknown:
        raise CommandError(f"--boost-version: Could not get SHA of {', '.join(unknown)}: there is no such tag")
    return [ref for ref in refs if ref.tag in tags]
