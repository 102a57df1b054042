"""The task that tells of new Boost releases by an asset event, so that anybody's DAG can be scheduled on it.

Every group with on_release tasks has one, and all are one consumer of releases: whichever group runs first after a
release tells of it, the others are skipped. Its mark is moved by the verdict, as those of the on_release tasks are.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Asset, BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowSkipException

from boost_collectors.runner.schedule import ScheduleKind, Task
from include.orchestration.assets import annotate
from include.orchestration.gates import refuse_unless_selected
from include.orchestration.releases import RELEASES_KEY, refuse_without_release
from include.orchestration.task_settings import hide_secrets

ANNOUNCE_TASK = "announce_boost_releases"

RELEASE_ASSET = Asset(name="boost_releases", group="releases")
"""Has an event for every run that met new releases: ``{"releases": [{"tag": "boost-1.90.0", "commit": "…"}]}``."""

ANNOUNCER = Task("airflow", ANNOUNCE_TASK, ScheduleKind.ON_RELEASE, id=ANNOUNCE_TASK)
"""The consumer that all announcing tasks are together."""


class ReleaseAnnouncer(BaseOperator):
    """Emits ``RELEASE_ASSET`` if there is a release that was not told of yet; otherwise skipped, with the reason.

    It fails, and is tried again, when the tags cannot be read.
    """

    ui_color = "#e8f0e4"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(task_id=ANNOUNCE_TASK, outlets=[RELEASE_ASSET], trigger_rule=TriggerRule.ALL_DONE, **kwargs)

    _stop: threading.Event | None = None

    def execute(self, context: Any) -> None:
        """Tell of what is new. Raises AirflowSkipException when nothing is, or the run is a rehearsal or partial."""
        from boost_collectors.core.settings import Settings

        self._stop = threading.Event()
        _refuse_rehearsal(context["params"])
        settings = hide_secrets(Settings.load())
        new = refuse_without_release(ANNOUNCER, context["dag_run"], settings, self._stop)
        context["ti"].xcom_push(key=RELEASES_KEY, value=new)
        told = [{"tag": tag, "commit": commit} for tag, commit in new]
        annotate(context["outlet_events"], self.outlets, {"releases": told})

    def on_kill(self) -> None:
        """Ask git to end."""
        if self._stop is not None:
            self._stop.set()


def _refuse_rehearsal(params: Mapping[str, Any]) -> None:
    refuse_unless_selected(ANNOUNCER, params)
    if params.get("dry_run"):
        raise AirflowSkipException("a dry run tells nobody")
