"""A server between the client and the sandbox that spoils answers of the GraphQL API, as GitHub itself does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import httpx
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PASSED_ON = ("authorization", "content-type", "if-none-match", "accept", "host")

KEPT = ("x-", "etag", "link", "content-type")


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Spoiled:
    """``spoil`` is given every whole answer of the GraphQL API and may change it; None leaves all as they are."""

    def __init__(self, upstream: str) -> None:
        self.spoil: Callable[[dict[str, Any]], None] | None = None
        self._client = httpx.Client(base_url=upstream)
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Spoiled:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._client.close()

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        headers = {name: value for name, value in request.headers.items() if name.lower() in PASSED_ON}
        query = request.query_string.decode()
        path = f"{request.path}?{query}" if query else request.path
        answer = self._client.request(request.method, path, content=request.get_data(), headers=headers)
        body = answer.content
        if self.spoil and request.path.endswith("/graphql") and "data" in (parsed := json.loads(body)):
            self.spoil(parsed)
            body = json.dumps(parsed).encode()
        kept = {name: value for name, value in answer.headers.items() if name.startswith(KEPT)}
        return Response(body, answer.status_code, kept)(environ, start_response)
