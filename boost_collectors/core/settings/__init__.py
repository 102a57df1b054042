"""Every setting of the project. The only place that reads the environment.

``Settings`` is built when it is first asked for: parsing a DAG file needs the path of the schedule and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boost_collectors.core.settings.kinds import PROJECT_ROOT
from boost_collectors.core.settings.schedule_source import ScheduleSource, schedule_source

if TYPE_CHECKING:
    from boost_collectors.core.settings.model import Settings, Variable, known_variables

__all__ = ["PROJECT_ROOT", "ScheduleSource", "Settings", "Variable", "known_variables", "schedule_source"]


def __getattr__(name: str) -> Any:
    if name not in ("Settings", "Variable", "known_variables"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from boost_collectors.core.settings import model

    return getattr(model, name)
