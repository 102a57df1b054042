"""Telling people of tasks and groups that fail, and that work again: Airflow's callbacks, sent by the webhooks.

They run after Airflow knows how the task ended and take a bounded time, so no webhook can hurt a task. What was told
already is in the project database (:mod:`boost_collectors.core.problems`): sixteen mapped tasks that fail for one
reason are one notice, and so is a task that fails every quarter of an hour.
"""

from __future__ import annotations

import logging
import re
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

if TYPE_CHECKING:
    from boost_collectors.core.notices import Notice, Webhook
    from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)

NOTICE_SECONDS = 15.0
"""The longest time that telling may take, database included."""
DELIVERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a group's run ended, task by task; the verdict leaves it for the notifier."""

    failed: tuple[str, ...]
    succeeded: tuple[str, ...]
    whole: bool


class FailureNotifier(BaseNotifier):
    """``on_failure_callback`` of every task: the task failed, or, of the verdict, the group did."""

    def notify(self, context: Any) -> None:
        """Tell, unless it was told already. Never raises."""
        within(NOTICE_SECONDS, lambda settings: _tell_failure(settings, context))


class SuccessNotifier(BaseNotifier):
    """``on_success_callback`` of the verdict: tasks and group work again, if people were told that they did not."""

    def notify(self, context: Any) -> None:
        """Tell of what recovered. Never raises."""
        within(NOTICE_SECONDS, lambda settings: _tell_recovery(settings, context))


def within(seconds: float, action: Callable[[Settings], None]) -> None:
    """Run the action with the settings if notices are wanted, and go on after that time whatever became of it."""
    from boost_collectors.core.settings import Settings
    from include.orchestration.task_settings import hide_secrets

    def guarded() -> None:
        try:
            settings = Settings.load()
            if settings.enable_error_notifications and (settings.slack_webhook_url or settings.discord_webhook_url):
                with suppress(Exception):  # outside of a task there is nobody to tell the secrets to
                    hide_secrets(settings)
                action(settings)
        except Exception as error:  # the reason to be here is the task's failure, not ours
            logger.warning("Nobody could be told: %s", type(error).__name__)

    thread = threading.Thread(target=guarded, name="notice", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        logger.warning("Telling of it was given up after %.0f s", seconds)


def _tell_failure(settings: Settings, context: Mapping[str, Any]) -> None:
    outcome = getattr(context["task"], "outcome", None)
    if _is_rehearsal(context):
        return
    if outcome is not None:
        _recover(settings, context, outcome.succeeded)
    from boost_collectors.core.problems import fingerprint

    error = context.get("exception")
    kind, message = (type(error).__name__, str(error)) if error is not None else ("Killed", "its process ended")
    if outcome is not None:
        kind, message = "Group", ", ".join(sorted({_base(context, name) for name in outcome.failed}))
    tell_once(settings, _subject(context, outcome), fingerprint(kind, message), _failure(context, outcome))


def _tell_recovery(settings: Settings, context: Mapping[str, Any]) -> None:
    outcome = getattr(context["task"], "outcome", None)
    if outcome is not None and not _is_rehearsal(context):
        _recover(settings, context, outcome.succeeded, group=outcome.whole)


def tell_once(settings: Settings, subject: str, mark: str, notice: Notice) -> None:
    """Send the notice unless the same was told of lately; what could not be sent is told of with the next one."""
    from boost_collectors.core import problems
    from boost_collectors.core.database import Database
    from boost_collectors.core.notices import configured_webhooks

    webhooks = configured_webhooks(settings)
    repeat = timedelta(hours=settings.error_notification_repeat_hours)
    try:
        with Database.from_settings(settings) as database:
            with database.session() as session:
                claim = problems.note_failure(session, subject, mark, datetime.now(UTC), repeat)
            if claim is None:
                return
            if _send(settings, notice.repeated(claim.untold), webhooks) == len(webhooks):
                with database.session() as session:
                    problems.give_back(session, claim)
    except Exception as error:
        # The database itself may be what fails: then better twice than never.
        logger.warning("What was told before cannot be looked up: %s", type(error).__name__)
        _send(settings, notice, webhooks)


def late_subject(dag_id: str) -> str:
    """Under which it is kept that runs of a group are not over in time."""
    return f"deadline:{dag_id}"


def _recover(settings: Settings, context: Mapping[str, Any], tasks: Sequence[str], *, group: bool = False) -> None:
    from boost_collectors.core import problems
    from boost_collectors.core.database import Database
    from boost_collectors.core.notices import Notice, configured_webhooks

    dag_id = context["dag_run"].dag_id
    subjects = [f"task:{dag_id}/{task}" for task in tasks]
    if group:
        subjects += [f"group:{dag_id}", late_subject(dag_id)]
    with Database.from_settings(settings) as database, database.session() as session:
        found = problems.end(session, subjects)
    if not found:
        return
    lines = [
        f"{_shown(each.subject)}: after {each.failures} failure{'s' if each.failures > 1 else ''} "
        f"since {each.first_at:%Y-%m-%d %H:%M} UTC"
        for each in found
    ]
    notice = Notice(f"Works again: {dag_id}", "\n".join(lines), "INFO", (("Run", context["dag_run"].run_id),))
    _send(settings, notice, configured_webhooks(settings))


def _send(settings: Settings, notice: Notice, webhooks: Sequence[Webhook]) -> int:
    """How many of them could not be told."""
    from boost_collectors.core.notices import tell
    from boost_collectors.core.redaction import Redactor

    refused = tell(notice.cleaned(Redactor(settings.secret_values()).redact), webhooks, seconds=DELIVERY_SECONDS)
    for reason in refused:
        logger.warning("A notice did not get through: %s", reason)
    return len(refused)


def _failure(context: Mapping[str, Any], outcome: Outcome | None) -> Notice:
    from boost_collectors.core.notices import Notice

    ti, run, error = context["ti"], context["dag_run"], context.get("exception")
    facts = [("Run", run.run_id), ("Task", ti.task_id), ("Try", str(ti.try_number))]
    if url := getattr(ti, "log_url", ""):
        facts.append(("Log", url))
    if outcome is not None:
        return Notice(f"Group failed: {run.dag_id}", "\n".join(outcome.failed), facts=tuple(facts))
    text = f"{type(error).__name__}: {error}" if error is not None else "Its process was killed, or its worker is gone."
    detail = "".join(traceback.format_exception(error)) if isinstance(error, BaseException) else ""
    return Notice(f"Task failed: {run.dag_id} / {ti.task_id}", text, facts=tuple(facts), detail=detail)


def _shown(subject: str) -> str:
    kind, _, name = subject.partition(":")
    return f"{name} (late)" if kind == "deadline" else name


def _subject(context: Mapping[str, Any], outcome: Outcome | None) -> str:
    dag_id = context["dag_run"].dag_id
    return f"group:{dag_id}" if outcome is not None else f"task:{dag_id}/{context['ti'].task_id}"


def _is_rehearsal(context: Mapping[str, Any]) -> bool:
    return bool((context.get("params") or {}).get("dry_run"))


def _base(context: Mapping[str, Any], name: str) -> str:
    """A task's id without the index of a mapped one."""
    return name if name in context["dag"].task_dict else re.sub(r"_\d+$", "", name)
