"""Socket Mode: websockets over which a workspace's events come, and on which they are acknowledged."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

Json = dict[str, Any]
PATIENCE = 20.0
"""Seconds a test waits for something to happen."""

logging.getLogger("websockets.server").setLevel(logging.CRITICAL)


@dataclass
class Envelope:
    """An event on its way. ``sent`` counts how often; one that is not acknowledged is sent on every new connection."""

    team: str
    payload: Json
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent: int = 0
    is_acknowledged: bool = False

    def text(self) -> str:
        """As it goes over the wire, the next time."""
        told = {"envelope_id": self.id, "type": "events_api", "payload": self.payload}
        return json.dumps(told | {"accepts_response_payload": False, "retry_attempt": self.sent, "retry_reason": ""})


class SocketMode:
    """The websocket server of all workspaces; it begins to listen when the first URL is asked for.

    A test calls ``emit``, ``say_goodbye`` and ``drop``, and waits with ``wait`` for what follows. ``on_ack`` is called
    with every envelope that is acknowledged, before anybody else learns of it; ``refused`` maps a workspace to the
    code that its ``apps.connections.open`` answers.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.refused: dict[str, str] = {}
        self.envelopes: list[Envelope] = []
        self.connections: dict[str, list[ServerConnection]] = defaultdict(list)
        self.opened = 0
        self.on_ack: Callable[[Envelope], object] = lambda _: None
        self._tickets: dict[str, str] = {}
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def url(self, team: str) -> str:
        """A URL for one connection of a workspace."""
        ticket = uuid.uuid4().hex
        with self.changed:
            if self._server is None:
                self._server = serve(self._serve, "127.0.0.1", 0, compression=None, ping_interval=0.2)
                self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
                self._thread.start()
            self._tickets[ticket] = team
            port = self._server.socket.getsockname()[1]
        return f"ws://127.0.0.1:{port}/link/?ticket={ticket}&app_id=A0SANDBOX"

    def emit(self, team: str, event: Mapping[str, Any], *, event_id: str = "") -> Envelope:
        """Let something happen in a workspace; it is sent now or on the next connection."""
        about = {"team_id": team, "api_app_id": "A0SANDBOX", "type": "event_callback", "event_time": 1_700_000_000}
        known = {"event_id": event_id or f"Ev{uuid.uuid4().hex[:10].upper()}", "event": dict(event)}
        envelope = Envelope(team, about | known)
        with self.changed:
            self.envelopes.append(envelope)
        self.send(envelope)
        return envelope

    def send(self, envelope: Envelope) -> None:
        """Send an envelope, perhaps again, over the newest connection of its workspace, if there is one."""
        with self.changed:
            if self.connections[envelope.team]:
                self._send(self.connections[envelope.team][-1], envelope)

    def say_goodbye(self, team: str, reason: str = "refresh_requested") -> None:
        """Tell the clients to connect anew (``warning``, ``refresh_requested``), or never again (``link_disabled``)."""
        with self.changed:
            present = list(self.connections[team])
        for connection in present:
            connection.send(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}))
            if reason == "link_disabled":
                connection.close()

    def drop(self, team: str) -> None:
        """Cut the workspace's connections without a word, as a network does."""
        with self.changed:
            present = list(self.connections[team])
        for connection in present:
            connection.close_socket()

    def wait(self, until: Callable[[], Any], seconds: float = PATIENCE) -> None:
        """Wait until something holds, looked at whenever anything changes. Raises TimeoutError."""
        with self.changed:
            if not self.changed.wait_for(until, seconds):
                raise TimeoutError("what was waited for did not happen")

    def is_connected(self, team: str) -> bool:
        """Whether anybody listens to the workspace."""
        return bool(self.connections[team])

    def close(self) -> None:
        """Stop listening; connections are cut."""
        if self._server is None or self._thread is None:
            return
        for team in list(self.connections):
            self.drop(team)
        self._server.shutdown()
        self._thread.join()

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        [ticket] = parse_qs(urlsplit(connection.request.path).query).get("ticket", [""])
        team = self._tickets.pop(ticket, "")  # good for one connection
        if not team:
            connection.close(1008, "unknown ticket")
            return
        try:
            self._greet(connection, team)
            for message in connection:
                self._acknowledged(json.loads(message).get("envelope_id"))
        except ConnectionClosed:
            pass
        finally:
            with self.changed:
                self.connections[team].remove(connection)
                self.changed.notify_all()

    def _greet(self, connection: ServerConnection, team: str) -> None:
        with self.changed:
            self.connections[team].append(connection)
            self.opened += 1
            hello = {"type": "hello", "num_connections": len(self.connections[team])}
            connection.send(json.dumps(hello | {"connection_info": {"app_id": "A0SANDBOX"}, "debug_info": {}}))
            for envelope in self.envelopes:
                if envelope.team == team and not envelope.is_acknowledged:
                    self._send(connection, envelope)
            self.changed.notify_all()

    def _send(self, connection: ServerConnection, envelope: Envelope) -> None:
        try:
            connection.send(envelope.text())
            envelope.sent += 1
        except ConnectionClosed:
            pass  # the next connection gets it
        self.changed.notify_all()

    def _acknowledged(self, envelope_id: str | None) -> None:
        for envelope in self.envelopes:
            if envelope.id == envelope_id:
                self.on_ack(envelope)
                with self.changed:
                    envelope.is_acknowledged = True
                    self.changed.notify_all()
