"""What every line of a task's log says beside Airflow's own facts: group, command, and the unit where it is known.

Airflow writes a task's log as JSON and puts run, task and try into each line; ``bind`` facts of the collectors' own
logging would be lost, because it takes nothing but the message of a library's record.
"""

from __future__ import annotations

import logging

from structlog.contextvars import bind_contextvars, unbind_contextvars

from boost_collectors.core.log import bound
from boost_collectors.runner.schedule import Task

_SHOWN = ("group", "command", "unit")


class _Facts(logging.Filter):
    """Hands the facts of the place where the record was made, a thread of a collector perhaps, to Airflow."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - it takes every record
        facts = bound()
        if facts:
            unbind_contextvars(*(name for name in _SHOWN if name not in facts))
            bind_contextvars(**{name: facts[name] for name in _SHOWN if name in facts})
        return True


def name_in_every_line(entry: Task) -> None:
    """From now on, in this task's process. May be called again."""
    bind_contextvars(group=entry.group, command=entry.command)
    for handler in logging.getLogger().handlers:
        if not any(isinstance(present, _Facts) for present in handler.filters):
            handler.addFilter(_Facts())
