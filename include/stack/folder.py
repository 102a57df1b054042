"""The folder of one stack: where its parts lie, the lock that keeps it to one run, and the note of who runs."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from include.stack.errors import StackError
from include.stack.processes import started_at


@dataclass(frozen=True, slots=True)
class Running:
    """The supervisor of a folder: its process, what it runs, and where that is reached."""

    kind: str
    pid: int
    started: float
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def is_alive(self) -> bool:
        """True if this very process still runs, not another one that got its number."""
        return started_at(self.pid) == self.started


class Folder:
    """A stack's folder: ``airflow`` (AIRFLOW_HOME), ``logs`` (what the components print), ``sandbox``, lock, note."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.airflow_home = root / "airflow"
        self.logs = root / "logs"
        self.sandbox_cache = root / "sandbox"
        self._lock = root / "stack.lock"
        self._note = root / "stack.json"

    def create(self) -> None:
        """Make the folders. Raises StackError when that is not allowed."""
        try:
            for folder in (self.root, self.airflow_home, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(
                f"{self.root} cannot be used: {error.strerror}. WORKSPACE_DIR sets another place."
            ) from error

    def log(self, component: str) -> Path:
        """The file a component's output goes to."""
        return self.logs / f"{component}.log"

    def running(self) -> Running | None:
        """Who runs here, or None. A note left by a killed supervisor counts as nobody."""
        try:
            note = Running(**json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return note if note.is_alive else None

    def note(self, running: Running) -> None:
        """Say who runs here."""
        fresh = self._note.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(running), indent=2) + "\n", encoding="utf-8")
        fresh.replace(self._note)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only supervisor of this folder. Raises StackError saying who is, when there is one already."""
        with self._lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(self._taken()) from None
            try:
                yield
            finally:
                self._note.unlink(missing_ok=True)

    def _taken(self) -> str:
        other = self.running()
        if other is None:
            return f"Another stack is starting in {self.root}."
        where = "".join(f"\n  {name}: {url}" for name, url in other.urls.items())
        return f"`make {other.kind}` already runs here (process {other.pid}); `make down` stops it.{where}"
