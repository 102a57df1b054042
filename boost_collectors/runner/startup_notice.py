"""The notice that a stack was started: database, workers and triggers as they are, under a title that says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CommandError
from boost_collectors.core.notices import Notice, configured_webhooks, post_discord, post_slack
from boost_collectors.core.notices.payloads import COLOURS
from boost_collectors.core.options import Options
from boost_collectors.core.redaction import Redactor
from boost_collectors.core.version import __version__
from boost_collectors.runner.triggers import get_beat_schedule

if TYPE_CHECKING:
    from boost_collectors.core.database import Database
    from boost_collectors.core.settings import Settings

BEAT_LINES_CAP = 25
BROKER_SECONDS = 3.0
POST_SECONDS = 15.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the notice, and whether it says something good."""

    line: str
    ok: bool


class SendStartupNotificationCommand(BaseCommand):
    """Says that the stack was started."""

    options = Options

    def execute(self, options: Options) -> None:  # noqa: ARG002 - it has no flags
        """Send the notice. Raises CommandError when a webhook did not take it, after trying the others."""
        settings = self.context.settings
        if not wanted(settings):
            logger.info("Nobody is told of the start: there is no webhook, or ENABLE_STARTUP_NOTIFICATIONS is false")
            return
        checks = [check_database(self.context.database), check_workers(settings), check_triggers()]
        refused = send(settings, checks)
        if refused:
            raise CommandError(f"The start-up notice did not reach {' and '.join(refused)}")


def wanted(settings: Settings) -> bool:
    """True if somebody is to be told."""
    return settings.enable_startup_notifications and bool(configured_webhooks(settings))


def send(settings: Settings, checks: list[Check]) -> list[str]:
    """Post the notice to every webhook; returns the services that did not take it."""
    notice = compose(settings, checks, datetime.now(UTC)).cleaned(Redactor(settings.secret_values()).redact)
    posts: dict[str, Callable[[], bool]] = {}
    if settings.slack_webhook_url:
        text = f"*{notice.title}*\n```\n{notice.text}"[: 2800 - 4] + "\n```"
        posts["Slack"] = lambda: post_slack(settings.slack_webhook_url, text, seconds=POST_SECONDS)
    if settings.discord_webhook_url:
        colour = COLOURS[notice.level]
        posts["Discord"] = lambda: post_discord(
            settings.discord_webhook_url, notice.title, notice.text, colour, seconds=POST_SECONDS
        )
    return [service for service, post in posts.items() if not post()]


def compose(settings: Settings, checks: list[Check], now: datetime) -> Notice:
    """The notice: its title names what is wrong, or says that nothing is."""
    wrong = [check.line for check in checks if not check.ok]
    state = "with problems" if wrong else "all checks passed"
    lines = [
        f"Time: {now:%Y-%m-%d %H:%M:%S} UTC",
        f"Branch: {settings.deploy_branch}, version {__version__}",
        *[check.line for check in checks],
    ]
    return Notice(f"Boost Data Collector started: {state}", "\n".join(lines), "WARNING" if wrong else "INFO", at=now)


def check_database(database: Database) -> Check:
    """Whether the project database answers, and how many tables it has."""
    try:
        count = len(inspect(database.engine).get_table_names())
    except Exception:
        logger.exception("The project database does not answer")
        return Check("DB: failed", ok=False)
    return Check(f"DB: OK, {count} tables", ok=count > 0)


def check_workers(settings: Settings) -> Check:
    """How many Celery workers answer a ping."""
    try:
        from celery import Celery

        app = Celery(broker=settings.celery_broker_url, set_as_current=False)
        with app.connection() as connection:
            connection.ensure_connection(max_retries=0, timeout=BROKER_SECONDS)
            replies = app.control.ping(timeout=BROKER_SECONDS, connection=connection)
    except Exception as error:
        # Not the error itself: its text names the URL with its password.
        logger.error("The Celery workers cannot be asked: %s", type(error).__name__)
        return Check("Celery workers: inspect failed", ok=False)
    count = len({name for reply in replies or [] for name in reply})
    least = settings.health_celery_min_workers
    return Check(f"Celery workers: {count} (ping)", ok=count >= (1 if least is None else least))


def check_triggers() -> Check:
    """The schedule's triggers, one a line."""
    try:
        entries = get_beat_schedule(strict=True)
    except Exception as error:
        logger.error("The schedule cannot be used: %s", error)
        return Check("Triggers: the schedule cannot be used", ok=False)
    lines, total = collect_beat_lines(entries)
    return Check("\n".join([f"Triggers: {total}", *lines]), ok=total > 0)


def collect_beat_lines(entries: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[list[str], int]:
    """A line for each trigger by its key (``key: task, cadence``), 25 at most, and how many triggers there are."""
    if entries is None:
        entries = get_beat_schedule()
    lines = [
        f"{key}: {entry.get('task', '?')}, {describe_celery_schedule(entry.get('schedule'))}"
        for key, entry in sorted(entries.items())
    ]
    shown = lines[:BEAT_LINES_CAP]
    if len(lines) > BEAT_LINES_CAP:
        shown.append(f"… and {len(lines) - BEAT_LINES_CAP} more")
    return shown or ["(none)"], len(lines)


def describe_celery_schedule(schedule: Any) -> str:
    """When a trigger fires: of a five-field cron text, ``{"minutes": n}``, or Celery's ``crontab`` and ``schedule``."""
    if schedule is None:
        return "?"
    if isinstance(schedule, Mapping) and isinstance(schedule.get("minutes"), int):
        return f"every {schedule['minutes']} minutes"
    fields = _cron_fields(schedule)
    if fields is not None:
        return _cron(*fields)
    every = getattr(schedule, "run_every", None)
    if every is not None and hasattr(every, "total_seconds"):
        return f"every {every.total_seconds() / 60:g} minutes"
    return "another schedule"


def _cron_fields(schedule: Any) -> tuple[str, ...] | None:
    if isinstance(schedule, str):
        fields = tuple(schedule.split())
        return fields if len(fields) == 5 else None
    names = ("_orig_minute", "_orig_hour", "_orig_day_of_month", "_orig_month_of_year", "_orig_day_of_week")
    if all(hasattr(schedule, name) for name in names):
        return tuple(str(getattr(schedule, name)) for name in names)
    return None


def _cron(minute: str, hour: str, day_of_month: str, month_of_year: str, day_of_week: str) -> str:
    single = minute.isdigit() and hour.isdigit()
    text = f"{int(hour):02d}:{int(minute):02d} UTC" if single else f"hour={hour} minute={minute}"
    others = {"dow": day_of_week, "dom": day_of_month, "moy": month_of_year}
    return " ".join([text, *(f"{name}={value}" for name, value in others.items() if value != "*")])
