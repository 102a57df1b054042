"""Where a source's blueprint finds its data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folders of one source.

    ``samples`` holds its hand-made data (``include/sandbox/data/<source>``, or a test's own folder). ``real`` is the
    folder given as ``--data``, whole, as described by the README in it: a blueprint adds what it recognises there.
    ``cache`` is the source's own to write to; it may outlive the server.
    """

    samples: Path
    real: Path | None
    cache: Path
