"""What a refusal of the Data API means for the caller, by the reason that Google gives. No I/O in here."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx

from boost_collectors.core.errors import AuthenticationError, CollectorError, RateLimited
from boost_collectors.cppa_youtube_script_tracker.quota_day import QuotaSpent, next_reset

_SPENT = ("quotaexceeded", "dailylimitexceeded", "youtube.quota")
_TOO_FAST = ("ratelimitexceeded", "userratelimitexceeded")
_WRONG_KEY = (
    *("keyinvalid", "keyexpired", "api_key_invalid", "api key not valid", "accessnotconfigured", "iprefererblocked"),
    *("api_key_service_blocked", "service_disabled", "missing a valid api key"),
)
_PAUSE = timedelta(minutes=1)


class KeyRejected(AuthenticationError):
    """The Data API does not accept our key, whatever is asked."""


def meaning(response: httpx.Response, now: datetime) -> CollectorError | None:
    """The error for an answer with a status that is no success; None where the usual rules say enough.

    QuotaSpent when the day's units are spent, RateLimited when Google asks to be slower, KeyRejected for a key that
    it does not accept.
    """
    if response.status_code not in (400, 401, 403, 429):
        return None
    told, reasons = _told(response)
    if any(word in reasons for word in _SPENT):
        return QuotaSpent(f"YouTube's Data API: {told}", retry_at=next_reset(now))
    if any(word in reasons for word in _TOO_FAST):
        return RateLimited(f"YouTube's Data API: {told}", retry_at=now + _PAUSE)
    if any(word in reasons for word in _WRONG_KEY):
        return KeyRejected(f"YouTube's Data API does not accept YOUTUBE_API_KEY: {told}")
    return None


def _told(response: httpx.Response) -> tuple[str, str]:
    """What Google says, for people, and everything in it that may name the reason, in lower case."""
    error = _error_of(response)
    details = [item for name in ("errors", "details") for item in error.get(name) or () if isinstance(item, dict)]
    names = [str(item.get(name, "")) for item in details for name in ("reason", "domain")]
    message = str(error.get("message", ""))
    told = " ".join(filter(None, [str(response.status_code), *dict.fromkeys(filter(None, names)), message]))
    return told[:300], " ".join([*names, str(error.get("status", "")), message]).lower()


def _error_of(response: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}
