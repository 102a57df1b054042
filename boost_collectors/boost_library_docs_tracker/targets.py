"""What a run works on: which releases, and which libraries of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from boost_collectors.boost_library_docs_tracker.places import release_folder
from boost_collectors.boost_library_tracker.services import (
    ReleasedLibrary,
    StoredRelease,
    released_libraries,
    stored_releases,
)
from boost_collectors.core import checkpoints, pending
from boost_collectors.core.errors import CommandError, TransientError
from boost_collectors.core.utils.boost_version_operations import loose_version_tuple

TAG = "boost-"
LIBRARIES_FIRST = "python -m boost_collectors collect_boost_libraries"

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Target:
    """The documentation of one library in one release. ``unit`` is ``1.86.0/asio``, ``folder`` is ``1_86_0``."""

    unit: str
    folder: str
    key: str
    library: ReleasedLibrary


def requested_tags(versions: Iterable[str]) -> list[str]:
    """The tags of the releases that a user names, ``1.86.0`` or ``boost-1.86.0``; blank ones are dropped."""
    names = (version.strip().removeprefix(TAG) for version in versions)
    return [f"{TAG}{name}" for name in dict.fromkeys(names) if name]


def planned_targets(session: Session, command: str, versions: Iterable[str], library: str) -> list[Target]:
    """The libraries of the releases named, or of the newest one and what earlier runs have not finished.

    The oldest release comes first, its libraries by name. Raises CommandError for a release or a library that is not
    stored, TransientError when no release is stored yet, or not its libraries.
    """
    releases = stored_releases(session)
    tags = requested_tags(versions)
    if not releases and not tags:
        raise TransientError("No BoostVersion in the database yet", repair=LIBRARIES_FIRST)
    named = _named(releases, tags) if tags else {max(releases, key=_by_date)}
    unfinished = set() if tags else _unfinished_units(session, command)
    targets = _targets(session, named | {release for release in releases if _has_unit(release, unfinished)})
    kept = [
        target
        for target in targets
        if (not library or target.key == library)
        and (target.unit in unfinished or any(target.library.version == release.version for release in named))
    ]
    _refuse_missing(named, targets, kept, library)
    return kept


def _named(releases: Sequence[StoredRelease], tags: Sequence[str]) -> set[StoredRelease]:
    stored = {release.version: release for release in releases}
    unknown = [tag for tag in tags if tag not in stored]
    if unknown:
        raise CommandError(f"BoostVersion not found in DB: {', '.join(unknown)}", repair=LIBRARIES_FIRST)
    return {stored[tag] for tag in tags}


def _unfinished_units(session: Session, command: str) -> set[str]:
    cursors = checkpoints.load_all(session, command)
    return {unit for unit, cursor in cursors.items() if "queue" in cursor} | pending.units(session, command)


def _has_unit(release: StoredRelease, units: set[str]) -> bool:
    return any(unit.startswith(f"{release.version.removeprefix(TAG)}/") for unit in units)


def _targets(session: Session, releases: Iterable[StoredRelease]) -> list[Target]:
    order = sorted(releases, key=_by_date)
    place = {release.version: index for index, release in enumerate(order)}
    libraries = released_libraries(session, list(place))
    return sorted(_under_their_keys(libraries), key=lambda target: place[target.library.version])


def _under_their_keys(libraries: Sequence[ReleasedLibrary]) -> Iterator[Target]:
    """Each library under its key; where two of a release have the same key, under their names besides."""
    keys = Counter((library.version, _key(library)) for library in libraries)
    for library in libraries:
        key, version = _key(library), library.version.removeprefix(TAG)
        unit = f"{version}/{key}" if keys[library.version, key] == 1 else f"{version}/{key}@{library.name}"
        yield Target(unit, release_folder(library.version), key, library)


def _refuse_missing(
    named: Iterable[StoredRelease], targets: Iterable[Target], kept: Iterable[Target], library: str
) -> None:
    known, chosen = ({target.library.version for target in part} for part in (targets, kept))
    for release in named:
        if release.version not in known:
            raise TransientError(f"{release.version} has no libraries in the database yet", repair=LIBRARIES_FIRST)
        if release.version not in chosen:
            raise CommandError(f"Library {library!r} not found in {release.version}")


def _key(library: ReleasedLibrary) -> str:
    return library.key.strip() or library.name


def _by_date(release: StoredRelease) -> tuple[datetime, tuple[int, int, int], str]:
    return release.created_at or _NEVER, *release_order(release.version)


def release_order(tag: str) -> tuple[tuple[int, int, int], str]:
    """What releases are sorted by where their dates do not count."""
    return loose_version_tuple(tag), tag
