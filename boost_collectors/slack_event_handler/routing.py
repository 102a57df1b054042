"""What an event of Slack asks for. Nothing here reads or writes anything."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger(__name__)

HUDDLES, PULL_REQUESTS = 0, 1
"""The scopes of SLACK_TEAM_SCOPE_<team>."""

_PULL = re.compile(r"https://github\.com/([^/\s]+)/([^/\s]+)/pull/(\d+)", re.IGNORECASE)
_NEARLY_PULL = re.compile(r"github\.com/\S*pull", re.IGNORECASE)
_NOTES_FILE = re.compile(r"/F[A-Z0-9]{10,}\Z")
_NOTES_LINKS = ("view ai notes", "view ai note")
_NOT_SAID_NOW = ("message_changed", "message_deleted")


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for a workspace.

    ``channel`` is the id of the channel in which pull requests are named, None when there is none; ``bot`` the id of
    the bot's own user; ``organization`` the only GitHub organisation that is served, any when blank.
    """

    team_id: str
    scopes: tuple[int, ...] = (HUDDLES, PULL_REQUESTS)
    channel: str | None = None
    bot: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as somebody named it."""

    owner: str
    repo: str
    number: int

    def __str__(self) -> str:
        return f"{self.owner}/{self.repo}#{self.number}"

    @property
    def key(self) -> str:
        """The same for every spelling: GitHub's names know no case."""
        return str(self).lower()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done: the notes of a huddle, comments, and answers to what cannot be served."""

    huddle: str = ""
    pulls: tuple[PullRequest, ...] = ()
    refused: tuple[str, ...] = ()
    needs_hint: bool = False


NOTHING = Wanted()


def wanted(event: Mapping[str, Any], rules: Rules) -> Wanted:
    """What the event asks for, by the workspace's rules. Anything but a new message asks for nothing."""
    if event.get("type") != "message" or event.get("subtype") in _NOT_SAID_NOW:
        return NOTHING
    if HUDDLES in rules.scopes and is_huddle_summary(event):
        return Wanted(huddle=notes_file(event) or "")
    if PULL_REQUESTS not in rules.scopes or not _is_addressed(event, rules):
        logger.debug("%s: a message that asks for nothing", rules.team_id)
        return NOTHING
    return _requests(str(event.get("text") or ""), _speaks_to_bot(event, rules), rules.organization)


def is_huddle_summary(event: Mapping[str, Any]) -> bool:
    """Whether the message is Slack's own, with the notes of a huddle; a malformed one is not."""
    context = event.get("ai_context")
    if context is None:
        return False
    try:
        return bool(context["type"] == "summary" and context["summary"]["type"] == "huddle")
    except (TypeError, KeyError, IndexError) as error:
        logger.warning("A message has an ai_context of another shape: %r", error)
        return False


def notes_file(event: Mapping[str, Any]) -> str | None:
    """The id of the file that the message's link to the notes leads to; None, with a warning, when there is none."""
    for link in _links(event.get("blocks")):
        found = _NOTES_FILE.search(str(link.get("url") or ""))
        if found and str(link.get("text") or "").strip().lower() in _NOTES_LINKS:
            return found.group()[1:]
    logger.warning("Huddle notes without a link to their file")
    return None


def _links(node: Any) -> Iterator[Mapping[str, Any]]:
    """The links in blocks, wherever they stand."""
    if isinstance(node, list):
        for each in node:
            yield from _links(each)
    elif isinstance(node, dict):
        if node.get("type") == "link":
            yield node
        yield from _links(node.get("elements"))


def find_pulls(text: str) -> Iterator[tuple[str, PullRequest]]:
    """Every pull request a text names by its URL, with that URL."""
    for match in _PULL.finditer(text):
        yield match.group(), PullRequest(match[1], match[2], int(match[3]))


def _is_addressed(event: Mapping[str, Any], rules: Rules) -> bool:
    # An answer to what a bot says, itself above all, would be answered in turn.
    if event.get("bot_id") or not event.get("user") or event.get("user") == rules.bot:
        return False
    return is_direct(event) or (rules.channel is not None and event.get("channel") == rules.channel)


def is_direct(event: Mapping[str, Any]) -> bool:
    """Whether it was said to the bot alone."""
    return event.get("channel_type") == "im"


def _speaks_to_bot(event: Mapping[str, Any], rules: Rules) -> bool:
    return is_direct(event) or bool(rules.bot and f"<@{rules.bot}" in str(event.get("text") or ""))


def _requests(text: str, speaks_to_bot: bool, organization: str) -> Wanted:
    pulls: dict[str, PullRequest] = {}
    refused: dict[str, None] = {}
    for url, pull in find_pulls(text):
        if organization and pull.owner.lower() != organization.lower():
            refused[url] = None
        else:
            pulls.setdefault(pull.key, pull)
    nothing = not pulls and not refused
    needs_hint = nothing and (speaks_to_bot or bool(_NEARLY_PULL.search(text)))
    return Wanted(pulls=tuple(pulls.values()), refused=tuple(refused), needs_hint=needs_hint)
