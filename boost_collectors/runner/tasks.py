"""The entry point for schedulers that call a function instead of a command."""

from __future__ import annotations

import logging

from boost_collectors import registry
from boost_collectors.core.errors import classify_failure
from boost_collectors.core.execution import Request, execute
from boost_collectors.runner.command import TasksFailed

COMMAND = "run_scheduled_collectors"

logger = logging.getLogger(__name__)


def run_scheduled_collectors_task(
    schedule_kind: str,
    day_of_week: str | None = None,
    day_of_month: int | None = None,
    interval_minutes: int | None = None,
    group_id: str | None = None,
    stop_on_failure: bool = False,
    strict: bool = False,
) -> None:
    """Run ``run_scheduled_collectors`` with these flags; what is None or False is left out.

    Raises RuntimeError (``exited with code n``) when tasks failed, and any other error as the command raised it.
    """
    arguments = _arguments(
        {
            "--schedule": schedule_kind,
            "--group": group_id,
            "--day-of-week": day_of_week,
            "--day-of-month": day_of_month,
            "--interval-minutes": interval_minutes,
            "--stop-on-failure": stop_on_failure,
            "--strict": strict,
        }
    )
    logger.info("%s starts: %s", COMMAND, " ".join(arguments))
    try:
        execute(registry.find(COMMAND), Request(arguments=arguments))
    except (TasksFailed, SystemExit) as end:
        _finish(end.returncode if isinstance(end, TasksFailed) else end.code, end)
    except Exception as error:
        category = classify_failure(error).value
        logger.exception("%s failed: %s", COMMAND, error, extra={"failure_category": category, "task": COMMAND})
        raise
    else:
        _finish(0, None)


def _arguments(flags: dict[str, str | int | bool | None]) -> list[str]:
    arguments: list[str] = []
    for flag, value in flags.items():
        if value is True:
            arguments.append(flag)
        elif value is not None and value is not False:
            arguments += [flag, str(value)]
    return arguments


def _finish(code: object, end: BaseException | None) -> None:
    number = code if isinstance(code, int) else int(code is not None)
    if number:
        logger.error("%s exited with code %d: %s", COMMAND, number, end)
        raise RuntimeError(f"{COMMAND} exited with code {number}") from end
    logger.info("%s succeeded", COMMAND)
