"""Which steps of which release are done. Every step has its own mark, so that none hides another's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from boost_collectors.boost_library_tracker.release_check import TagRef
from boost_collectors.core import checkpoints

COMMAND = "collect_boost_libraries"
"""Whose checkpoints the marks are, whichever command does a step."""

BROKEN = "broken"


class Step(StrEnum):
    """What is collected of a release, in this order; each in a transaction of its own."""

    LIBRARIES = "libraries"
    HEADERS = "headers"
    DEPENDENCIES = "dependencies"


ALL_STEPS = tuple(Step)


@dataclass(frozen=True, slots=True)
class Progress:
    """The marks as they are stored: the commit for which a step was done. A tag that moved is to be done again."""

    marks: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, session: Session) -> Progress:
        """The marks of all releases."""
        return cls(checkpoints.load_all(session, COMMAND))

    def pending(self, ref: TagRef, steps: tuple[Step, ...] = ALL_STEPS) -> tuple[Step, ...]:
        """The steps that are not done for what the tag names now."""
        return tuple(step for step in steps if self._commit(ref.tag, step) != ref.commit)

    def broken(self, ref: TagRef) -> str:
        """Why the release could not be read when that was last tried, unless the tag has moved since."""
        mark = self.marks.get(_unit(ref.tag, BROKEN), {})
        return str(mark["reason"]) if mark.get("commit") == ref.commit else ""

    def _commit(self, tag: str, step: str) -> str | None:
        return self.marks.get(_unit(tag, step), {}).get("commit")


def note_done(session: Session, ref: TagRef, step: Step) -> None:
    """Note that a step is done; in the transaction of its rows."""
    checkpoints.save(session, COMMAND, _unit(ref.tag, step), {"commit": ref.commit})


def note_broken(session: Session, ref: TagRef, reason: str) -> None:
    """Note that a release cannot be read, so that it is not a failure of every run from now on."""
    checkpoints.save(session, COMMAND, _unit(ref.tag, BROKEN), {"commit": ref.commit, "reason": reason})


def _unit(tag: str, step: str) -> str:
    return f"{tag}/{step}"
