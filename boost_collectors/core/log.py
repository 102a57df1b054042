"""Logging: where records go, what they look like, which run they belong to, and that no secret is in them."""

from __future__ import annotations

import contextvars
import json
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from boost_collectors.core.log_files import SafeRotatingFileHandler
from boost_collectors.core.redacted_errors import without_secrets
from boost_collectors.core.redaction import Redactor

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)

TEXT_LAYOUT = "{levelname} {asctime} {name} {module} {message}{run}"
JSON_FIELDS = ("asctime", "levelname", "name", "module", "message")
STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What a record has without ``extra``."""
DEEPEST_EXTRA = 8

_bound: contextvars.ContextVar[Mapping[str, str] | None] = contextvars.ContextVar("bound", default=None)
_runs: list[Mapping[str, str]] = []
_lock = threading.Lock()
_handlers: list[logging.Handler] = []


@contextmanager
def bind(**facts: str | None) -> Iterator[None]:
    """While inside, every record of this run carries these facts: ``run_id``, ``group``, ``command``, …

    Facts that are None or blank are left out. Threads that the run starts know nothing of it by themselves; while it
    is the only run of the process their records are taken for its.
    """
    outer = _bound.get()
    inner = dict(outer or {}) | {name: value for name, value in facts.items() if value}
    token = _bound.set(inner)
    if outer is None:
        with _lock:
            _runs.append(inner)
    else:
        _swap(outer, inner)
    try:
        yield
    finally:
        _bound.reset(token)
        if outer is None:
            with _lock:
                _runs[:] = [run for run in _runs if run is not inner]
        else:
            _swap(inner, outer)


def _swap(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """What the threads of a run are taken for changes with it."""
    with _lock:
        _runs[:] = [after if run is before else run for run in _runs]


def bound() -> Mapping[str, str]:
    """The facts that records made here and now carry."""
    facts = _bound.get()
    if facts is not None:
        return facts
    with _lock:
        return _runs[0] if len(_runs) == 1 else {}


class RunFilter(logging.Filter):
    """Puts the bound facts on every record, beside its own extras, which win."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in bound().items():
            record.__dict__.setdefault(name, value)
        return True


class RedactionFilter(logging.Filter):
    """Takes secrets out of a record: message, arguments, extras, exception and stack."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self.redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        self._clean_message(record)
        self._clean_exception(record)
        for name in record.__dict__.keys() - STANDARD_ATTRIBUTES:
            record.__dict__[name] = self._clean(record.__dict__[name])
        return True

    def _clean_message(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:
            # A record whose arguments do not fit would be shown by the handler, arguments and all.
            record.msg, record.args = self.redactor.redact(f"{record.msg} {record.args!r}"), ()
            return
        redacted = self.redactor.redact(message)
        if redacted != message:
            record.msg, record.args = redacted, ()
        elif record.args:
            record.args = self._clean(record.args)

    def _clean_exception(self, record: logging.LogRecord) -> None:
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            shown = without_secrets(record.exc_info[1], self.redactor)
            if shown is not record.exc_info[1]:
                record.exc_info = (type(shown), shown, shown.__traceback__)
                record.exc_text = None
        if record.exc_text:
            record.exc_text = self.redactor.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self.redactor.redact(record.stack_info)

    def _clean(self, value: Any, depth: int = 0) -> Any:
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, str):
            return self.redactor.redact(value)
        if isinstance(value, Mapping) and depth < DEEPEST_EXTRA:
            return {self._clean(key, depth + 1): self._clean(item, depth + 1) for key, item in value.items()}
        if type(value) in (list, tuple, set, frozenset) and depth < DEEPEST_EXTRA:
            return type(value)(self._clean(item, depth + 1) for item in value)
        return self._clean_object(value)

    def _clean_object(self, value: Any) -> Any:
        """Anything else stays, unless its text would show a secret."""
        try:
            shown = (str(value), repr(value))
        except Exception:
            return f"<{type(value).__name__}>"
        redacted = [self.redactor.redact(text) for text in shown]
        return value if list(shown) == redacted else redacted[0]


class TextFormatter(logging.Formatter):
    """Level, time, logger, module and message, then the run when there is one."""

    def __init__(self) -> None:
        super().__init__(TEXT_LAYOUT, style="{")

    def format(self, record: logging.LogRecord) -> str:
        facts = [getattr(record, name, None) for name in ("group", "command", "run_id")]
        run = "/".join(str(fact) for fact in facts if fact)
        return super().format(_with(record, run=f" [{run}]" if run else ""))


class CloudLoggingJsonFormatter(JsonFormatter):
    """One JSON object a record, with ``severity`` and ``timestamp`` as cloud log collectors expect them.

    Extras are top-level fields; what JSON cannot hold becomes its text.
    """

    def __init__(self) -> None:
        super().__init__(
            list(JSON_FIELDS),
            rename_fields={"levelname": "severity"},
            json_default=str,
            json_ensure_ascii=False,
            json_serializer=partial(json.dumps, allow_nan=False),
        )

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat()

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        try:
            return super().jsonify_log_record(log_data)
        except (TypeError, ValueError, RecursionError):
            return super().jsonify_log_record({key: _json_or_text(value) for key, value in log_data.items()})


class ConsoleHandler(logging.StreamHandler[TextIO]):
    """Writes to what ``sys.stderr`` is at the time, so that a progress display can keep its place below the log."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # the base class has an attribute
        return sys.stderr


def configure_logging(settings: Settings) -> None:
    """Send the root logger's records to stderr and to the rotating file, at LOG_LEVEL and in LOG_FORMAT.

    Errors also go to the webhooks that are configured, unless ENABLE_ERROR_NOTIFICATIONS is off.
    May be called again; handlers of others stay and get the redaction too. A log folder that cannot be written is
    warned about and leaves the console alone.
    """
    root = logging.getLogger()
    for handler in _handlers:
        root.removeHandler(handler)
        handler.close()
    _handlers[:] = [ConsoleHandler()]
    problem = _add_file(settings)
    for handler in _handlers:
        handler.setFormatter(CloudLoggingJsonFormatter() if settings.log_format == "json" else TextFormatter())
        root.addHandler(handler)
    _add_webhooks(root, settings)
    root.setLevel(settings.log_level)
    # The queue's library is very talkative at DEBUG, the HTTP client (a line a request) and Alembic at INFO.
    logging.getLogger("celery").setLevel("INFO" if settings.log_level == "DEBUG" else settings.log_level)
    for name in ("httpx", "alembic"):
        logging.getLogger(name).setLevel("DEBUG" if settings.log_level == "DEBUG" else "WARNING")
    logging.captureWarnings(True)
    configure_redaction(settings)
    if problem is not None:
        logger.warning("No log file: %s", problem)


def configure_redaction(settings: Settings) -> None:
    """Put the redaction and the run's facts on every handler of the root logger. Idempotent.

    A later call adds its settings' secrets to the ones known: a secret once configured never shows.
    """
    redactor = Redactor(settings.secret_values())
    for handler in logging.getLogger().handlers:
        present = [entry for entry in handler.filters if isinstance(entry, RedactionFilter)]
        if present:
            present[0].redactor = present[0].redactor.including(redactor)
            continue
        handler.addFilter(RunFilter())
        handler.addFilter(RedactionFilter(redactor))


def _add_file(settings: Settings) -> OSError | None:
    path = settings.log_dir / settings.log_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        return error
    _handlers.append(
        SafeRotatingFileHandler(path, max_bytes=settings.log_max_bytes, backup_count=settings.log_backup_count)
    )
    return None


def _add_webhooks(root: logging.Logger, settings: Settings) -> None:
    if not settings.enable_error_notifications:
        return
    # Imported here: most processes have no webhook and need no HTTP client for their log.
    from boost_collectors.core.log_webhooks import DiscordHandler, SlackHandler

    found: list[logging.Handler] = []
    if settings.discord_webhook_url:
        found.append(DiscordHandler(settings.discord_webhook_url))
    if settings.slack_webhook_url:
        found.append(SlackHandler(settings.slack_webhook_url))
    for handler in found:
        _handlers.append(handler)
        root.addHandler(handler)


def _with(record: logging.LogRecord, **facts: str) -> logging.LogRecord:
    return logging.makeLogRecord(record.__dict__ | facts)


def _json_or_text(value: Any) -> Any:
    try:
        json.dumps(value, default=str, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)
    return value
