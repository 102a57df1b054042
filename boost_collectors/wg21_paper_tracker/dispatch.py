"""Telling the conversion repository about new and changed papers.

``POST <GITHUB_API_URL>/repos/<owner>/<repo>/dispatches`` with an event type and a client payload of at most 64 KB.
URLs wait in the outbox until GitHub took them: at least once, in order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.http import HeaderAuth
from boost_collectors.wg21_paper_tracker import services

MAX_PAYLOAD_BYTES = 60_000
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def send_announcements(context: RunContext) -> int:
    """Send everything that waits; returns how many URLs were taken. Raises what the request raised.

    Without the switch, the repository or the token nothing is sent, which is no failure: the URLs keep waiting.
    """
    settings = context.settings
    with context.database.session() as session:
        waiting = services.waiting_announcements(session)
    if not waiting:
        context.log.info("No paper waits to be announced")
        return 0
    token, repository = settings.wg21_github_dispatch_token, settings.wg21_github_dispatch_repo
    if not (settings.wg21_github_dispatch_enabled and repository and token):
        context.log.warning("%d papers wait: WG21_GITHUB_DISPATCH_ENABLED, _REPO or _TOKEN is not set", len(waiting))
        return 0
    if not _REPOSITORY.fullmatch(repository):
        raise ConfigurationError(f"WG21_GITHUB_DISPATCH_REPO {repository!r} is not owner/repo")
    context.http.credentials(settings.github_api_url, HeaderAuth("Authorization", f"Bearer {token}"))
    url = f"{settings.github_api_url.rstrip('/')}/repos/{repository}/dispatches"
    for batch in split_payloads(waiting):
        _send(context, url, batch)
    return len(waiting)


def split_payloads(waiting: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """The entries in order, cut so that each batch's payload stays below the limit."""
    batch: list[tuple[int, str]] = []
    size = len(json.dumps(_payload([])))
    for entry in waiting:
        cost = len(json.dumps(entry[1])) + 2
        if batch and size + cost > MAX_PAYLOAD_BYTES:
            yield batch
            batch, size = [], len(json.dumps(_payload([])))
        batch.append(entry)
        size += cost
    if batch:
        yield batch


def _payload(batch: Sequence[tuple[int, str]]) -> dict[str, Any]:
    return {"papers": [url for _, url in batch]}


def _send(context: RunContext, url: str, batch: Sequence[tuple[int, str]]) -> None:
    ids = [entry[0] for entry in batch]
    body = {"event_type": context.settings.wg21_github_dispatch_event_type, "client_payload": _payload(batch)}
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    try:
        context.http.post_json(url, body, headers)
    except Exception:
        with context.database.session() as session:
            services.record_announcement(session, ids, context.clock(), sent=False)
        raise
    with context.database.session() as session:
        services.record_announcement(session, ids, context.clock(), sent=True)
