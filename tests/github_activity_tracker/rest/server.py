"""A scripted GitHub for single resources: lists with paging and ETags, details, and faults on demand."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LIMITS = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4999", "x-ratelimit-reset": "4000000000"}

ABOUT_THE_TOKEN = ("/rate_limit", "/user")
"""What a client asks before its first request."""


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Pages(list[Any]):
    """The pages of one resource, such as a commit with more files than one answer holds."""


@dataclass
class ScriptedGitHub:
    """``lists`` and ``details`` by path; ``faults`` by path are statuses to answer instead.

    A list may be a function of the query. ``after`` is called once with each request that was answered, before the
    answer goes out. ``last_links`` False leaves out where a list ends, as GitHub does for long ones.
    """

    lists: dict[str, list[Any] | Callable[[Mapping[str, str]], list[Any]]] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    after: Callable[[str, Mapping[str, str]], None] | None = None
    last_links: bool = True

    def __enter__(self) -> ScriptedGitHub:
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def paths(self) -> list[str]:
        """What was asked for, without the queries."""
        return [path for path, _ in self.asked]

    def pages(self, path: str) -> list[str]:
        """The pages of a list that were asked for, in order."""
        return [query.get("page", "1") for asked, query in self.asked if asked == path]

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        path, query = request.path, request.args.to_dict()
        response = self._found(request, path, query)
        response.headers.extend(LIMITS)
        if path not in ABOUT_THE_TOKEN:
            self.asked.append((path, query))
            if self.after:
                self.after(path, query)
        return response

    def _found(self, request: Request, path: str, query: dict[str, str]) -> Response:
        if path in self.faults:
            return _json({"message": f"scripted {self.faults[path]}"}, self.faults[path])
        if path in self.lists:
            return self._page(request, path, query)
        if path in self.details:
            return self._detail(path, query)
        return _json({"message": "Not Found"}, 404)

    def _detail(self, path: str, query: dict[str, str]) -> Response:
        pages = self.details[path]
        if not isinstance(pages, Pages):
            return _json(pages)
        page = int(query.get("page", "1"))
        response = _json(pages[page - 1])
        if page < len(pages):
            response.headers["link"] = f'<{self.url}{path}?page={page + 1}>; rel="next"'
        return response

    def _page(self, request: Request, path: str, query: dict[str, str]) -> Response:
        source = self.lists[path]
        entries = source(query) if callable(source) else source
        size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
        found = entries[(page - 1) * size : page * size]
        response = _json(found)
        etag = f'"{hashlib.sha256(response.data).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            response = Response(status=304)
        response.headers["etag"] = etag
        if links := self._links(path, query, page, -(-len(entries) // size)):
            response.headers["link"] = links
        return response

    def _links(self, path: str, query: dict[str, str], page: int, last: int) -> str:
        pages = {"prev": page - 1, "next": page + 1, "last": last}
        if page >= last:
            del pages["next"], pages["last"]
        elif not self.last_links:
            del pages["last"]
        shown = {rel: number for rel, number in pages.items() if number >= 1}
        address = f"{self.url}{path}"
        return ", ".join(
            f'<{address}?{urlencode(query | {"page": str(number)})}>; rel="{rel}"' for rel, number in shown.items()
        )


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json; charset=utf-8")
