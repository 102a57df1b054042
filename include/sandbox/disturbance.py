"""The layer around the sandbox's blueprints: it records requests and applies the faults."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Response

from include.sandbox.faults import ENVIRON_KEY, Fault, Faults
from include.sandbox.recording import Recorded, Recording

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

OWN_PREFIX = "/_sandbox/"
MALFORMED = {
    "application/json": b'{"count": 3, "results": [{"id": 1, "title": "cut',
    "text/html": b"<html><body><table><tr><td><a href='",
    "text/plain": b"\xff\xfe\x00broken",
}


class Disturbance:
    """WSGI middleware. The server's own pages under ``/_sandbox/`` are neither recorded nor disturbed."""

    def __init__(self, app: WSGIApplication, faults: Faults, requests: Recording) -> None:
        self._app, self._faults, self._requests = app, faults, requests

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(OWN_PREFIX):
            return self._app(environ, start_response)
        url = environ["PATH_INFO"] + ("?" + environ["QUERY_STRING"] if environ["QUERY_STRING"] else "")
        fault = self._faults.take(url)
        if fault is None:
            return self._undisturbed(environ, start_response)
        return getattr(self, f"_{fault.kind}")(fault, environ, start_response)  # type: ignore[no-any-return]

    def _undisturbed(self, environ: WSGIEnvironment, start_response: StartResponse, fault: str = "") -> Iterable[bytes]:
        def recording_start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self._record(environ, int(status.split()[0]), fault)
            return start_response(status, headers, exc_info)

        return self._app(environ, recording_start)

    def _record(self, environ: WSGIEnvironment, status: int, fault: str) -> None:
        self._requests.add(
            Recorded(
                method=environ["REQUEST_METHOD"],
                path=environ["PATH_INFO"],
                query=tuple(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)),
                headers={
                    key.removeprefix("HTTP_").replace("_", "-").lower(): value
                    for key, value in environ.items()
                    if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")
                },
                status=status,
                fault=fault,
            )
        )

    def _status(self, fault: Fault, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        told = f"{fault.status} by a sandbox fault\n"
        if fault.echoes:  # as careless hosts do
            told += "".join(f"{name}: {value}\n" for name, value in environ.items() if name.startswith("HTTP_"))
        response = Response(told, status=fault.status, mimetype="text/plain")
        wait = fault.retry_after_header(datetime.now(UTC))
        if wait is not None:
            response.headers["Retry-After"] = wait
        self._record(environ, fault.status, fault.kind)
        return response(environ, start_response)

    def _malformed(self, fault: Fault, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        real = Response.from_app(self._app, environ)
        real.close()
        body = MALFORMED.get(real.mimetype or "", b"\x00\x01 broken")
        self._record(environ, 200, fault.kind)
        return Response(body, content_type=real.content_type)(environ, start_response)

    def _truncated(self, fault: Fault, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        real = Response.from_app(self._app, environ, buffered=True)
        body = real.get_data()
        headers = [(name, value) for name, value in real.headers if name.lower() != "content-length"]
        start_response(real.status, [*headers, ("Content-Length", str(max(len(body), 1)))])
        self._record(environ, real.status_code, fault.kind)
        return _half(body, environ)

    def _dropped(self, fault: Fault, environ: WSGIEnvironment, _start: StartResponse) -> Iterable[bytes]:
        self._record(environ, 0, fault.kind)
        _reset(environ)
        raise ConnectionAbortedError("dropped by a sandbox fault")

    def _page(self, fault: Fault, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._undisturbed(environ | {ENVIRON_KEY: fault}, start_response, fault.kind)

    _repeated_page: Callable[..., Iterable[bytes]] = _page
    _shifted_page: Callable[..., Iterable[bytes]] = _page


def _half(body: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    environ["werkzeug.socket"].shutdown(socket.SHUT_WR)


def _reset(environ: WSGIEnvironment) -> None:
    # Closing a socket that lingers for zero seconds sends RST, which a client sees as a dropped connection.
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # The handler would wait for the client's next request before it lets go of the socket.
    connection.shutdown(socket.SHUT_RD)
    connection.close()
