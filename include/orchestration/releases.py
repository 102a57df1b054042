"""on_release tasks: which Boost releases are new to a task, and remembering those it dealt with.

The task that looks (the command's own, or its plan) keeps what it found in XCom; the verdict moves the watermark when
all of the task's work succeeded. A run that dies in between is done again: a release is never missed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from boost_collectors.runner.schedule import Task
from include.orchestration.windows import BACKFILL_RUN, RunDates

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

RELEASES_KEY = "new_releases"


def refuse_without_release(task: Task, run: RunDates, settings: Settings, stop: threading.Event) -> list[list[str]]:
    """The releases new to the task as ``[tag, commit]``. Raises AirflowSkipException if there are none.

    A backfill run is refused too: the tags say what is new today, not what was on a past date.
    """
    if run.run_type == BACKFILL_RUN:
        raise AirflowSkipException("on_release: a backfill follows no release; trigger it with 'force'")
    from boost_collectors.boost_library_tracker.release_check import Consumer, new_boost_versions_from_api
    from boost_collectors.core.database import Database

    with Database.from_settings(settings) as database:
        new = new_boost_versions_from_api(database, settings, Consumer.of(task), stop=stop)
    if not new:
        raise AirflowSkipException("on_release: no new Boost release")
    return [list(release) for release in new]


def finished_well(task: Task, states: Mapping[str, str | None]) -> bool:
    """True if the task, or every mapped instance of it (``id_index``), succeeded."""
    own = re.compile(rf"{re.escape(task.id)}(_\d+)?")
    found = [state for task_id, state in states.items() if own.fullmatch(task_id)]
    return bool(found) and all(state == "success" for state in found)


def mark_releases(database: Any, task: Task, releases: list[list[str]]) -> None:
    """Note in the project database that the task has dealt with these releases."""
    from boost_collectors.boost_library_tracker.release_check import Consumer, Release, mark_seen

    with database.session() as session:
        mark_seen(session, Consumer.of(task), [Release(tag, sha) for tag, sha in releases])
