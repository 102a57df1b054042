"""A notice as Slack and Discord want it, within their limits: what is too long would be refused as a whole."""

from __future__ import annotations

from typing import Any

from boost_collectors.core.notices.notice import Notice, cut

COLOURS = {"DEBUG": 0x7289DA, "INFO": 0x3498DB, "WARNING": 0xF39C12, "ERROR": 0xE74C3C, "CRITICAL": 0x992D22}
OTHER_COLOUR = 0x95A5A6
# All texts of a Discord embed together may have 6,000 characters.
DISCORD_TITLE, DISCORD_TEXT, DISCORD_FIELD_NAME, DISCORD_FIELD, DISCORD_FIELDS = 256, 2600, 100, 200, 6
DISCORD_DETAIL = 1024
SLACK_HEADER, SLACK_TEXT, SLACK_DETAIL, SLACK_FIELD, SLACK_FIELDS = 150, 2900, 2900, 500, 8

Json = dict[str, Any]


def discord_payload(notice: Notice, username: str) -> Json:
    """One embed: title, text as code, colour of the level, time, facts, detail. Nobody is pinged by what it says."""
    fields = [
        {
            "name": cut(name, DISCORD_FIELD_NAME) or "-",
            "value": cut(value, DISCORD_FIELD) or "-",
            "inline": True,
        }
        for name, value in notice.facts[:DISCORD_FIELDS]
    ]
    if notice.detail:
        # The end of a traceback says what went wrong.
        fields.append({"name": "Exception", "value": _code(_end(notice.detail, DISCORD_DETAIL - 20)), "inline": False})
    embed = {
        "title": cut(notice.title, DISCORD_TITLE),
        "description": _code(cut(_unfenced(notice.text), DISCORD_TEXT)),
        "color": COLOURS.get(notice.level, OTHER_COLOUR),
        "timestamp": notice.at.isoformat(),
        "fields": fields,
    }
    return {"username": username, "embeds": [embed], "allowed_mentions": {"parse": []}}


def slack_payload(notice: Notice, username: str, channel: str = "") -> Json:
    """Blocks: header, facts with time and level, text as code, detail as code; a plain text for notifications."""
    facts = (*notice.facts, ("Time", f"{notice.at:%Y-%m-%d %H:%M:%S} UTC"), ("Level", notice.level))[-SLACK_FIELDS:]
    fields = [
        {"type": "mrkdwn", "text": f"*{_cut_slack(name, 100)}*\n{_cut_slack(value, SLACK_FIELD)}"}
        for name, value in facts
    ]
    blocks: list[Json] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(notice.title, SLACK_HEADER) or "-"}},
        {"type": "section", "fields": fields},
        _slack_code(_cut_slack(_unfenced(notice.text), SLACK_TEXT)),
    ]
    if notice.detail:
        blocks.append(_slack_code(_end(_unfenced(notice.detail), SLACK_DETAIL, escaped=True)))
    payload = {
        "username": username,
        "icon_emoji": ":warning:" if notice.level in ("WARNING", "ERROR", "CRITICAL") else ":information_source:",
        "text": _cut_slack(notice.title, SLACK_HEADER),
        "blocks": blocks,
    }
    return payload | ({"channel": channel} if channel else {})


def _slack_code(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _code(text)}}


def _code(text: str) -> str:
    return f"```\n{text or '-'}\n```"


def _unfenced(text: str) -> str:
    return text.replace("```", "'''")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _slack_size(text: str) -> int:
    return len(_escaped(text).encode("utf-16-le")) // 2


def _cut_slack(text: str, limit: int) -> str:
    return _escaped(cut(text, limit, _slack_size))


def _end(text: str, limit: int, *, escaped: bool = False) -> str:
    """The beginning and, mostly, the end of a traceback."""
    text = _unfenced(text)
    size = _slack_size if escaped else None
    head, tail = text[: limit // 4], text[-(limit // 2) :]
    shown = text if len(text) <= limit // 2 else f"{head}\n…\n{tail}"
    if size is not None:
        return _escaped(cut(shown, limit, size))
    return cut(shown, limit)
