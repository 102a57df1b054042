"""Where a source's blueprint finds its data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

SAMPLES = Path(__file__).with_name("data")


class Generated(Protocol):
    """What makes repositories of its own, as far as the git sandbox needs it: an organisation, or Boost releases."""

    @property
    def identity(self) -> str:
        """What its histories follow from."""
        ...

    def history(self, owner: str, name: str) -> Iterable[bytes] | None:
        """The ``git fast-import`` stream of one of its repositories; None for any other."""
        ...


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folders of one source.

    ``samples`` holds its hand-made data (``include/sandbox/data/<source>``, or a test's own folder). ``real`` is the
    folder given as ``--data``, whole, as described by the README in it: a blueprint adds what it recognises there.
    ``cache`` is the source's own to write to; it may outlive the server. ``generated`` are organisations that exist
    only as a few numbers. ``releases`` come before all else.
    """

    samples: Path
    real: Path | None
    cache: Path
    generated: tuple[Generated, ...] = ()
    releases: Generated | None = None
