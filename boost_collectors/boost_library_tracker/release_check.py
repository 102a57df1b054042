"""New Boost releases, as tags of the boostorg/boost repository, and who has dealt with which of them.

Each consumer (a command of a group) has a watermark of its own, so that it sees every release once whatever other
groups do and in whatever order they run. A consumer without one has dealt with nothing: all releases are new to it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from boost_collectors.core import checkpoints
from boost_collectors.core.database import Database
from boost_collectors.core.git import Git
from boost_collectors.core.settings import Settings
from boost_collectors.core.utils.boost_version_operations import Version, parse_stable_boost_release_tag

MINIMUM_VERSION: Version = (1, 16, 1)
REPOSITORY = "boostorg/boost"
LS_REMOTE_TIMEOUT = 60.0
"""Seconds; the answer is some thirty kilobytes."""

_PEELED = "^{}"

logger = logging.getLogger(__name__)


class Release(NamedTuple):
    """A stable release: its tag and the commit that the tag stands for."""

    tag: str
    sha: str


class TagRef(NamedTuple):
    """A release's tag: the object that it names, and the commit that this stands for."""

    tag: str
    object: str
    commit: str


class ReleaseTask(Protocol):
    """What is scheduled on releases."""

    @property
    def group(self) -> str: ...
    @property
    def command(self) -> str: ...
    @property
    def args(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Consumer:
    """Whoever acts on releases: a command of a group. The same command with other ``args`` is another consumer."""

    group: str
    command: str
    args: tuple[str, ...] = ()

    @classmethod
    def of(cls, task: ReleaseTask) -> Consumer:
        """The consumer that a scheduled task is."""
        return cls(task.group, task.command, task.args)

    @property
    def unit(self) -> str:
        """The unit of its checkpoint."""
        digest = sha256("\0".join(self.args).encode()).hexdigest()[:12]
        return f"boost releases/{self.group}" + (f"/{digest}" if self.args else "")


def all_boost_versions_from_api(settings: Settings, *, stop: threading.Event | None = None) -> list[Release]:
    """Every stable release from 1.16.1 on, in the order of the versions: ``git ls-remote``, no API and no token.

    Raises what git raises (NetworkError, NotFoundError, ...): not knowing is not the same as no release.
    """
    refs = remote_releases(Git(stop=stop, machine_config=True), f"{settings.github_git_url.rstrip('/')}/{REPOSITORY}")
    return [Release(ref.tag, ref.commit) for ref in refs]


def remote_releases(git: Git, url: str) -> list[TagRef]:
    """The stable releases that a remote has, in the order of their versions. Raises as ``Git.run``."""
    answer = git.run("ls-remote", "--tags", url, timeout=LS_REMOTE_TIMEOUT)
    refs = parse_refs(answer.decode("utf-8", "replace"))
    if not refs:
        logger.warning("%s has no stable release tag", url)
    return refs


def parse_tags(answer: str) -> list[Release]:
    """The stable releases in what ``git ls-remote --tags`` prints, an annotated tag with the commit it points to."""
    return [Release(ref.tag, ref.commit) for ref in parse_refs(answer)]


def parse_refs(answer: str) -> list[TagRef]:
    """The stable releases in what ``git ls-remote --tags`` prints, in the order of their versions."""
    objects: dict[str, str] = {}
    peeled: dict[str, str] = {}
    for line in answer.splitlines():
        sha, _, ref = line.partition("\t")
        name = ref.removeprefix("refs/tags/")
        tag = parse_stable_boost_release_tag(name.removesuffix(_PEELED), MINIMUM_VERSION)
        if tag is not None:
            (peeled if name.endswith(_PEELED) else objects)[tag] = sha
    refs = [TagRef(tag, sha, peeled.get(tag, sha)) for tag, sha in objects.items()]
    return sorted(refs, key=lambda ref: _tag_version(ref.tag))


def new_boost_versions_from_api(
    database: Database, settings: Settings, consumer: Consumer, *, stop: threading.Event | None = None
) -> list[Release]:
    """The releases that this consumer has not dealt with. Raises as ``all_boost_versions_from_api``."""
    releases = all_boost_versions_from_api(settings, stop=stop)
    with database.session() as session:
        return unseen(session, consumer, releases)


def has_new_boost_release(
    database: Database, settings: Settings, consumer: Consumer, *, stop: threading.Event | None = None
) -> bool:
    """True if there is a release that this consumer has not dealt with. Raises as ``all_boost_versions_from_api``."""
    return bool(new_boost_versions_from_api(database, settings, consumer, stop=stop))


def unseen(session: Session, consumer: Consumer, releases: Iterable[Release]) -> list[Release]:
    """Those of the releases that this consumer has not dealt with."""
    seen = _seen(session, consumer)
    return [release for release in releases if release.tag not in seen]


def mark_seen(session: Session, consumer: Consumer, releases: Iterable[Release]) -> None:
    """Note that the consumer has dealt with these releases; call it only after its work succeeded. Never commits."""
    tags = _seen(session, consumer) | {release.tag for release in releases}
    checkpoints.save(session, consumer.command, consumer.unit, {"tags": sorted(tags, key=_tag_version)})


def _seen(session: Session, consumer: Consumer) -> set[str]:
    cursor = checkpoints.load(session, consumer.command, consumer.unit)
    return set() if cursor is None else set(cursor["tags"])


def _tag_version(tag: str) -> list[int]:
    return [int(part) for part in tag.removeprefix("boost-").split(".")]
