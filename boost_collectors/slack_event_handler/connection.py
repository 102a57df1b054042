"""The websocket of a workspace, by slack_sdk's own client for Socket Mode."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from boost_collectors.core.adapters.slack import is_local, silent
from boost_collectors.core.errors import NetworkError, PermanentError
from boost_collectors.slack_event_handler.access import Workspace, checked

PING_SECONDS = 5.0
"""Between two pings of the library's; it gives up a connection that answers none for four times as long."""

Take = Callable[[Mapping[str, Any]], object]


class Connection(SocketModeClient):
    """One connection at a time, made anew when :meth:`reconnect` is called and never by itself.

    ``take`` gets the payload of every event, in threads of the library. Only once it has returned the event is
    acknowledged: Slack sends what is not acknowledged again. ``changed`` is set when the connection needs a look.
    """

    def __init__(
        self, workspace: Workspace, take: Take, on_error: Callable[[Exception], None], changed: threading.Event
    ) -> None:
        api_url = workspace.context.settings.slack_api_url
        super().__init__(
            workspace.app_token, silent, auto_reconnect_enabled=False, ping_interval=PING_SECONDS, concurrency=4
        )
        if is_local(api_url):
            self.proxy = None  # a proxy named by the environment serves the outside, never this machine
        self._workspace, self._take, self._tell = workspace, take, on_error
        self.changed = changed
        self.is_switched_off = False
        self._must_move = False
        self.socket_mode_request_listeners.append(self._on_request)
        self.on_message_listeners.append(self._note_goodbye)
        self.on_close_listeners.append(lambda *_: self.connect_to_new_endpoint())
        self.on_error_listeners.append(lambda _: self.connect_to_new_endpoint())

    @property
    def needs_new(self) -> bool:
        """Whether there is no connection, or one that Slack is about to close."""
        return self._must_move or not self.is_connected()

    def reconnect(self) -> None:
        """Connect, and only then leave the connection that there was.

        Raises NetworkError, AuthenticationError, RateLimited; PermanentError when Socket Mode is switched off.
        """
        self.changed.clear()
        if self.is_switched_off:
            raise PermanentError(f"Socket Mode is switched off for the app in {self._workspace.team_id}")
        self._must_move = False
        super().connect_to_new_endpoint(force=True)
        if not self.is_connected():
            raise NetworkError(f"{self._workspace.team_id}: Slack's websocket cannot be reached")

    def probe(self) -> None:
        """Notice that the other side has hung up without a word, which the library takes half a minute for."""
        try:
            if self.current_session is not None:
                self.current_session.ping("probe")
        except (OSError, AttributeError):  # the second: closed by a thread of the library's in the same moment
            self.connect_to_new_endpoint()

    def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: ARG002  # the library's signature
        # The library would do it at once in a thread of its own, and give up when it fails.
        self._must_move = True
        self.changed.set()

    def close(self) -> None:
        # Told first, the library's threads need not wait for anything.
        self.closed = True
        self.message_queue.put(None)
        for _ in range(2):
            with suppress(AttributeError):  # a thread of the library's closed the socket in the same moment
                super().close()
                return

    def issue_new_wss_url(self) -> str:
        answer = checked(self._workspace.api.apps_connections_open(self._workspace.app_token))
        return str(answer["url"])

    def _note_goodbye(self, message: str) -> None:
        # The library reacts to every goodbye alike, but this one is for good.
        if '"disconnect"' in message and json.loads(message).get("reason") == "link_disabled":
            self.is_switched_off = True
            self.changed.set()

    def _on_request(self, _client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            if request.type == "events_api":
                self._take(request.payload)
            self.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        except Exception as error:  # told and left to Slack, which sends the event again
            self._tell(error)
