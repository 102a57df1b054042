"""Sending a notice: by POST, tried again while there is time, never raising anything but :class:`DeliveryFailed`."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from boost_collectors.core.notices.notice import Notice
from boost_collectors.core.notices.payloads import Json, discord_payload, slack_payload

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

logger = logging.getLogger(__name__)

USERNAME = "Boost Data Collector"
REQUEST_SECONDS = 10.0
FIRST_WAIT = 0.5
RETRIED = frozenset({408, 429, 500, 502, 503, 504})


class DeliveryFailed(Exception):
    """The service did not take the notice; says why without naming the URL, which is a secret."""


class Webhook(ABC):
    """A service's incoming webhook."""

    service: ClassVar[str]
    accepted: ClassVar[frozenset[int]]

    def __init__(self, url: str, *, username: str = USERNAME) -> None:
        self._url, self.username = url, username

    @abstractmethod
    def payload(self, notice: Notice) -> Json:
        """The notice in the service's form."""

    def send(self, notice: Notice, *, seconds: float = REQUEST_SECONDS, stop: threading.Event | None = None) -> None:
        """Deliver it within about that time. Raises DeliveryFailed; a set ``stop`` ends the waiting."""
        post(self, self.payload(notice), seconds=seconds, stop=stop)


class DiscordWebhook(Webhook):
    service = "Discord"
    accepted = frozenset({200, 204})

    def payload(self, notice: Notice) -> Json:
        """One embed."""
        return discord_payload(notice, self.username)


class SlackWebhook(Webhook):
    service = "Slack"
    accepted = frozenset({200})

    def __init__(self, url: str, *, username: str = USERNAME, channel: str = "") -> None:
        super().__init__(url, username=username)
        self.channel = channel

    def payload(self, notice: Notice) -> Json:
        """Blocks."""
        return slack_payload(notice, self.username, self.channel)


def configured_webhooks(settings: Settings) -> list[Webhook]:
    """The webhooks that have a URL."""
    found: list[Webhook] = []
    if settings.slack_webhook_url:
        found.append(SlackWebhook(settings.slack_webhook_url))
    if settings.discord_webhook_url:
        found.append(DiscordWebhook(settings.discord_webhook_url))
    return found


def tell(notice: Notice, webhooks: Sequence[Webhook], *, seconds: float) -> list[str]:
    """Send to all of them at once; returns what went wrong. Takes no longer than that time, whatever they do."""
    problems: list[str] = []

    def send(webhook: Webhook) -> None:
        try:
            webhook.send(notice, seconds=seconds)
        except DeliveryFailed as error:
            problems.append(f"{webhook.service}: {error}")
        except Exception as error:  # a notice may never hurt who sends it
            problems.append(f"{webhook.service}: {type(error).__name__}")

    threads = [threading.Thread(target=send, args=(webhook,), daemon=True) for webhook in webhooks]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for webhook, thread in zip(webhooks, threads, strict=True):
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            problems.append(f"{webhook.service}: no answer in {seconds:.0f} s")
    return problems


def post_slack(url: str, text: str, *, seconds: float = 15.0) -> bool:
    """Post plain text, cut at 2,800 characters; True if Slack took it, else a log line says why."""
    return _post_text(SlackWebhook(url), {"username": USERNAME, "text": text[:2800]}, seconds)


def post_discord(url: str, title: str, text: str, colour: int, *, seconds: float = 15.0) -> bool:
    """Post an embed, its text cut at 4,000 characters; True if Discord took it, else a log line says why."""
    embed = {"title": title[:256], "description": text[:4000], "color": colour}
    payload = {"username": USERNAME, "embeds": [embed], "allowed_mentions": {"parse": []}}
    return _post_text(DiscordWebhook(url), payload, seconds)


def _post_text(webhook: Webhook, payload: Json, seconds: float) -> bool:
    try:
        post(webhook, payload, seconds=seconds)
    except DeliveryFailed as error:
        logger.warning("The notice did not reach %s: %s", webhook.service, error)
        return False
    return True


def post(webhook: Webhook, payload: Json, *, seconds: float, stop: threading.Event | None = None) -> None:
    """POST a payload within about that time, again after what may pass. Raises DeliveryFailed."""
    deadline, wait, stop = time.monotonic() + seconds, FIRST_WAIT, stop or threading.Event()
    while True:
        problem, asked = _attempt(webhook, payload, max(0.1, min(REQUEST_SECONDS, deadline - time.monotonic())))
        if not problem:
            return
        pause = max(wait, asked or 0.0)
        if asked is None or time.monotonic() + pause > deadline or stop.wait(pause):
            raise DeliveryFailed(problem)
        wait *= 2


def _attempt(webhook: Webhook, payload: Json, timeout: float) -> tuple[str, float | None]:
    """What went wrong, blank if nothing, and how long to wait before another attempt; None: there is no use in one."""
    try:
        answer = httpx.post(webhook._url, json=payload, timeout=timeout)
    except httpx.TransportError as error:
        return f"no answer: {type(error).__name__}", 0.0
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError) as error:
        return type(error).__name__, None
    if answer.status_code in webhook.accepted:
        return "", None
    problem = f"status {answer.status_code}: {answer.text[:200]}"
    return problem, _retry_after(answer) if answer.status_code in RETRIED else None


def _retry_after(answer: Any) -> float:
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0
