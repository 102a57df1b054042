"""Where the schedule file is and how strictly to take it: all that parsing a DAG file needs to know.

Airflow parses in a fresh process each time, for every task. Building the whole of ``Settings`` would be three
quarters of that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from boost_collectors.core.settings import environment
from boost_collectors.core.settings.environment import Entry
from boost_collectors.core.settings.kinds import PROJECT_ROOT, to_flag, to_path

_DEFAULT_PATH = PROJECT_ROOT / "include" / "schedule" / "boost_collector_schedule.yaml"


class ScheduleSource(NamedTuple):
    """``path`` of the schedule file; ``strict`` when a missing or broken one must stop everything."""

    path: Path
    strict: bool


def schedule_source(
    environ: Mapping[str, str] | None = None, env_file: Path | None = PROJECT_ROOT / ".env"
) -> ScheduleSource:
    """The same as in ``Settings.load`` with these arguments, at a fraction of its cost.

    Raises ConfigurationError, as that does, when one of the three variables it reads is malformed.
    """
    entries = environment.layered(os.environ if environ is None else environ, env_file)
    try:
        path = to_path(_text(entries, "BOOST_COLLECTOR_SCHEDULE_YAML") or _DEFAULT_PATH)
        strict = to_flag(_text(entries, "BOOST_COLLECTOR_SCHEDULE_STRICT") or False)
        debug = to_flag(_text(entries, "DEBUG") or False)
    except ValueError:
        from boost_collectors.core.settings.model import Settings

        Settings.load(environ, env_file)  # raises, with every malformed variable
        raise
    return ScheduleSource(path, strict or not debug)


def _text(entries: Mapping[str, Entry], name: str) -> str:
    entry = entries.get(name)
    return environment.resolved(entry, entries).text.strip() if entry else ""
