"""What a command is given to work with. Collectors look for nothing themselves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from boost_collectors.core.window import Window

if TYPE_CHECKING:
    from boost_collectors.core.database import Database
    from boost_collectors.core.http import HttpClient
    from boost_collectors.core.progress import Progress
    from boost_collectors.core.settings import Settings
    from boost_collectors.core.workspace import Workspace


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run of one command.

    ``only`` restricts the run to these unit keys (empty: all). ``stop`` is set when the run is asked to end
    early; long loops check it between units and pages. ``clock`` returns the current aware UTC time.
    """

    command: str
    settings: Settings
    database: Database
    http: HttpClient
    workspace: Workspace
    progress: Progress
    log: logging.Logger
    window: Window = field(default_factory=Window)
    only: tuple[str, ...] = ()
    dry_run: bool = False
    group: str | None = None
    run_id: str = ""
    clock: Callable[[], datetime] = utc_now
    stop: threading.Event = field(default_factory=threading.Event)
