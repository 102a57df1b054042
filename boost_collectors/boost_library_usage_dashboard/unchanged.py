"""Telling that a run would change nothing, before the work is done.

A file beside the pages notes what they were made from and what they are: the content of the tables, the settings, the
year, this code, and the files themselves. When all is as noted, collecting and rendering would write the same again.
"""

from __future__ import annotations

import hashlib
from datetime import UTC
from pathlib import Path

from sqlalchemy.orm import Session

from boost_collectors.boost_library_usage_dashboard import data_file, fingerprint, report, site, theme
from boost_collectors.core.context import RunContext
from boost_collectors.core.workspace import read_json, write_json

NAME = "dashboard_state.json"


def inputs(context: RunContext, session: Session) -> str:
    """A hash of all that the pages follow from."""
    settings = context.settings
    parts = [
        fingerprint.content(session),
        str(context.clock().astimezone(UTC).year),
        str(settings.boost_dashboard_activity_derivation_weight),
        str(settings.boost_dashboard_activity_trend_weight),
        str(settings.boost_dashboard_activity_momentum_weight),
        site.digest(theme.sources(), theme.FOLDER),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def note(folder: Path, of: str, repositories: int) -> None:
    """Note that the folder's files were made from these inputs."""
    write_json(folder / NAME, {"inputs": of, "files": _files(folder), "repositories": repositories}, durable=False)


def noted(folder: Path, of: str) -> int | None:
    """How many repositories the files tell of, if they are as they were made, from these inputs; else None."""
    try:
        state = read_json(folder / NAME)
        if state["inputs"] == of and state["files"] == _files(folder):
            return int(state["repositories"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _files(folder: Path) -> str:
    made = [folder / data_file.NAME, folder / report.NAME, *site.files(folder)]
    return site.digest([path for path in made if path.exists()], folder)
