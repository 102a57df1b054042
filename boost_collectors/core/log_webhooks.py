"""Log handlers that tell people: each record as a notice, handed to a courier, so that logging never waits."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime

from boost_collectors.core.notices.courier import WINDOW_SECONDS, Courier
from boost_collectors.core.notices.notice import Notice
from boost_collectors.core.notices.webhooks import USERNAME, DiscordWebhook, SlackWebhook, Webhook


class WebhookHandler(logging.Handler):
    """Of the records of one place with one kind of exception it sends one in ``window`` seconds, with a count."""

    def __init__(self, webhook: Webhook, *, window: float = WINDOW_SECONDS) -> None:
        super().__init__(logging.ERROR)
        self.courier = Courier(webhook, window=window)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record over; a record that cannot be formatted is told of on stderr."""
        try:
            self.courier.submit(_key(record), _notice(record))
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        self.courier.close()
        super().close()


class DiscordHandler(WebhookHandler):
    """To a Discord webhook."""

    def __init__(self, url: str, *, username: str = USERNAME, window: float = WINDOW_SECONDS) -> None:
        super().__init__(DiscordWebhook(url, username=username), window=window)


class SlackHandler(WebhookHandler):
    """To a Slack webhook; ``channel`` is another one than the webhook's own, where that is allowed."""

    def __init__(
        self, url: str, *, username: str = USERNAME, channel: str = "", window: float = WINDOW_SECONDS
    ) -> None:
        super().__init__(SlackWebhook(url, username=username, channel=channel), window=window)


def _key(record: logging.LogRecord) -> tuple[object, ...]:
    error = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
    return record.name, record.levelno, record.pathname, record.lineno, error and error.__qualname__


def _notice(record: logging.LogRecord) -> Notice:
    detail = record.exc_text or ""
    if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
        detail = "".join(traceback.format_exception(record.exc_info[1]))
    run = [(name, str(getattr(record, name, "") or "")) for name in ("command", "group", "run_id")]
    return Notice(
        title=f"{record.levelname}: {record.name}",
        text=record.getMessage(),
        level=record.levelname,
        facts=(
            ("Module", f"{record.module}.{record.funcName}"),
            ("Line", str(record.lineno)),
            *((name, value) for name, value in run if value),
        ),
        detail=detail,
        at=datetime.fromtimestamp(record.created, UTC),
    )
