"""The trigger form of a group's DAG, and what a filled-in form means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import Param

MODES = {
    "null": "As usual: from the checkpoint on, or backfill if bounds are given",
    "incremental": "Incremental: from the checkpoint on",
    "backfill": "Backfill: the bounds below, or what the run's date stands for",
    "full": "Full: everything the source has",
}
"""What the form shows for each value of ``mode``."""


def trigger_form(task_ids: Sequence[str]) -> dict[str, Param]:
    """The form's fields for a DAG with these tasks. Airflow keeps a run's values in them: never share them."""
    return {
        "mode": Param(
            None,
            type=["null", "string"],
            enum=[None, "incremental", "backfill", "full"],
            values_display=MODES,
            title="Window",
            description="Which part of the source to read.",
        ),
        "since": Param(
            None,
            type=["null", "string"],
            format="date-time",
            title="Since",
            description="Backfill from this instant on (inclusive).",
        ),
        "until": Param(
            None,
            type=["null", "string"],
            format="date-time",
            title="Until",
            description="Backfill up to this instant (exclusive).",
        ),
        "commands": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "enum": list(task_ids)},
            examples=list(task_ids),
            title="Commands",
            description="Only these commands. Empty: all that are due.",
        ),
        "only": Param(
            None,
            type=["null", "array"],
            items={"type": "string"},
            title="Only",
            description="Only these units of work (repositories, lists, ...), one a line. Name one command with it.",
        ),
        "dry_run": Param(False, type="boolean", title="Dry run", description="Say what would be done; write nothing."),
        "force": Param(
            False, type="boolean", title="Force", description="Also run tasks that are not due on the run's date."
        ),
    }


def is_partial(params: Mapping[str, Any]) -> bool:
    """True if the form asks for less than the group's ordinary run, so that it must not count as one."""
    return bool(
        any(params.get(name) for name in ("commands", "only", "since", "until", "dry_run"))
        or params.get("mode") == "backfill"
    )
