"""What happens in workspaces while the server runs: messages that are said and answered, reactions, huddles."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from include.sandbox.slack.socket_mode import Envelope, SocketMode

EXTENSION = "sandbox_slack"
BOT = "U0BOT"
Json = dict[str, Any]
Place = tuple[str, str]


class SlackLive:
    """Held as ``sandbox.slack``. ``said`` are messages by workspace and channel, ``reactions`` tell who marked what.

    ``on_post`` is called with every message a bot posts, once it is there and before the answer is sent.
    """

    def __init__(self) -> None:
        self.socket = SocketMode()
        self.said: dict[Place, list[Json]] = defaultdict(list)
        self.reactions: list[tuple[str, str, str, str]] = []
        self.on_post: Callable[[Json], object] = lambda _: None
        self._clock = itertools.count(1_710_000_000)

    def say(self, team: str, channel: str, text: str, user: str = "U01MILA", **more: Any) -> Envelope:
        """Somebody says something: the event is on its way to the bot."""
        ts = more.pop("ts", None) or self._ts()
        kind = "im" if channel.startswith("D") else "channel"
        message = {"type": "message", "channel": channel, "user": user, "text": text, "ts": ts}
        event = message | {"event_ts": ts, "channel_type": kind} | more
        with self.socket.changed:
            self.said[team, channel].append(event)
        return self.socket.emit(team, event)

    def huddle(self, team: str, channel: str, file_id: str, **more: Any) -> Envelope:
        """Slack itself posts the notes of a huddle."""
        link = {"type": "link", "text": "View AI notes", "url": f"https://sandbox.slack.com/files/USLACK/{file_id}"}
        blocks = [
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]},
        ]
        context = {"type": "summary", "summary": {"type": "huddle"}}
        return self.say(team, channel, "A huddle happened", "USLACKBOT", blocks=blocks, ai_context=context, **more)

    def posted(self, team: str, channel: str) -> list[Json]:
        """What the bot said in a channel, oldest first."""
        with self.socket.changed:
            return [message for message in self.said[team, channel] if message["user"] == BOT]

    def wait(self, until: Callable[[], Any]) -> None:
        """Wait until something holds. Raises TimeoutError."""
        self.socket.wait(until)

    def post(self, team: str, values: Mapping[str, Any]) -> Json:
        """``chat.postMessage``."""
        kept = {key: values[key] for key in ("text", "thread_ts", "blocks") if values.get(key)}
        message = {"type": "message", "user": BOT, "bot_id": "B0BOT", "ts": self._ts(), **kept}
        with self.socket.changed:
            self.said[team, str(values["channel"])].append(message)
            self.socket.changed.notify_all()
        self.on_post(message)
        return message

    def react(self, team: str, channel: str, ts: str, name: str) -> bool:
        """``reactions.add``; False when it was there."""
        reaction = (team, channel, ts, name)
        with self.socket.changed:
            if reaction in self.reactions:
                return False
            self.reactions.append(reaction)
            self.socket.changed.notify_all()
        return True

    def thread(self, team: str, channel: str, ts: str) -> list[Json]:
        """The messages of a thread that were said here."""
        with self.socket.changed:
            return [message for message in self.said[team, channel] if ts in (message["ts"], message.get("thread_ts"))]

    def history(self, team: str, channel: str, oldest: float, latest: float) -> list[Json]:
        """What was said here in a channel between two exclusive bounds, newest first."""
        with self.socket.changed:
            found = [each for each in self.said[team, channel] if oldest < float(each["ts"]) < latest]
        return [each for each in reversed(found) if each.get("thread_ts") in (None, each["ts"])]

    def knows(self, team: str, channel: str) -> bool:
        """Whether anything was said here in the channel."""
        return bool(self.said.get((team, channel)))

    def close(self) -> None:
        """Stop the websocket server."""
        self.socket.close()

    def _ts(self) -> str:
        return f"{next(self._clock)}.000100"
