"""What a task links to in the Airflow UI."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from airflow.configuration import conf
from airflow.sdk import BaseOperatorLink


class RunLogLink(BaseOperatorLink):
    """The rows of the run log that the task wrote: what it was asked, what it counted, how it ended."""

    name = "Run log"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The address on the operations page. Called in the worker after the task, however that ended."""
        asked = {
            "command": operator.entry.command,
            "group": operator.entry.group,
            "run_id": ti_key.run_id,
            **({"unit": operator.batch[0]} if operator.batch else {}),
        }
        return f"{conf.get('api', 'base_url', fallback='/').rstrip('/')}/operations/runs/?{urlencode(asked)}"
