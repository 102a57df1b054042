"""The sandbox server: every source's blueprint in one Flask app, run in a thread or as a process of its own."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

from flask import Blueprint, Flask, Response, jsonify, request
from pydantic import TypeAdapter, ValidationError
from werkzeug.serving import WSGIRequestHandler, make_server

from include.sandbox.disturbance import Disturbance
from include.sandbox.faults import Fault, Faults
from include.sandbox.git_releases import BoostReleases
from include.sandbox.github import EXTENSION, GitHub
from include.sandbox.github.generated import GeneratedOrganization
from include.sandbox.github.limits import LimitOptions
from include.sandbox.pinecone import EXTENSION as PINECONE
from include.sandbox.pinecone import Pinecone
from include.sandbox.recording import Recording
from include.sandbox.shelf import SAMPLES, Generated, Shelf
from include.sandbox.slack.live import EXTENSION as SLACK
from include.sandbox.slack.live import SlackLive
from include.sandbox.webhooks import EXTENSION as WEBHOOKS
from include.sandbox.webhooks import Webhooks

SOURCES = (
    "boost_docs",
    "discord",
    "git",
    "github",
    "mailing_list",
    "pinecone",
    "reddit",
    "slack",
    "webhooks",
    "wg21",
    "youtube",
)


class QuietHandler(WSGIRequestHandler):
    """Requests are recorded, so they need no log line each; errors are still logged."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Sandbox:
    """Every source on one free port of this machine (``host`` opens it to others), in a thread; a context manager.

    ``data`` is a folder of real data to serve as well (see :class:`Shelf`). ``samples`` replaces the hand-made data:
    a folder with one folder per source. ``cache`` is where sources keep what they build; by default it vanishes with
    the server. ``generated`` are organisations that GitHub has besides, and ``limits`` its limits. ``releases`` take
    the place of the sample's Boost repositories.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        samples: Path = SAMPLES,
        cache: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        generated: Sequence[GeneratedOrganization] = (),
        limits: LimitOptions | None = None,
        releases: BoostReleases | None = None,
    ) -> None:
        self.faults = Faults()
        self.requests = Recording()
        self._temporary = tempfile.TemporaryDirectory(prefix="sandbox-") if cache is None else None
        self._cache = Path(self._temporary.name) if self._temporary else cache
        shelves = self._shelves(data, samples, tuple(generated))
        if releases is not None:
            shelves["git"] = replace(shelves["git"], releases=releases)
        self._app = create_app(shelves, self.faults, self.requests)
        self.github: GitHub = self._app.extensions[EXTENSION]
        self.pinecone: Pinecone = self._app.extensions[PINECONE]
        self.github.limits.options = limits or LimitOptions()
        self.slack: SlackLive = self._app.extensions[SLACK]
        self.webhooks: Webhooks = self._app.extensions[WEBHOOKS]
        disturbed = Disturbance(self._app, self.faults, self.requests)
        self._server = make_server(host, port, disturbed, threaded=True, request_handler=QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def _shelves(self, data: Path | None, samples: Path, generated: tuple[Generated, ...]) -> dict[str, Shelf]:
        assert self._cache is not None
        real = data.resolve() if data else None
        cache = self._cache.resolve()
        return {name: Shelf(samples / name, real, cache / name, generated) for name in SOURCES}

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def environment(self) -> dict[str, str]:
        """The settings that point every source at this server."""
        return environment(self.url)

    def __enter__(self) -> Self:
        # Werkzeug announces each request and start on this logger; records are in `requests`.
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def serve(self) -> None:
        """Answer requests in this thread until :meth:`close` is called from another one, or a signal ends it."""
        self._server.serve_forever()

    def close(self) -> None:
        """Stop answering and remove the temporary cache."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self.slack.close()
        if self._temporary:
            self._temporary.cleanup()


def environment(base_url: str, sources: Sequence[str] = SOURCES) -> dict[str, str]:
    """The settings that point every source at a sandbox server, by variable name."""
    settings: dict[str, str] = {}
    for name in sources:
        settings |= _module(name).environment(base_url)
    return settings


def create_app(shelves: dict[str, Shelf], faults: Faults, requests: Recording) -> Flask:
    """The Flask app: a blueprint per source, and the server's own pages under ``/_sandbox/``."""
    app = Flask("include.sandbox", static_folder=None)
    app.register_blueprint(control(faults, requests))
    for name, shelf in shelves.items():
        app.register_blueprint(_module(name).blueprint(shelf))

    @app.get("/")
    def index() -> str:
        rows = "".join(f"<li>{name}: {setting} = {url}" for name in shelves for setting, url in _addresses(name))
        return f"<h1>Sandbox sources</h1><ul>{rows}</ul><p><a href='/_sandbox/requests'>requests</a></p>"

    return app


def control(faults: Faults, requests: Recording) -> Blueprint:
    """``/_sandbox/faults`` (GET, POST one rule or a list, DELETE) and ``/_sandbox/requests`` (GET, DELETE)."""
    pages = Blueprint("control", __name__, url_prefix="/_sandbox")

    @pages.get("/faults")
    def listed() -> Response:
        return jsonify(faults.list())

    @pages.post("/faults")
    def added() -> tuple[Response, int]:
        rules = request.get_json()
        try:
            parsed = TypeAdapter(list[Fault]).validate_python(rules if isinstance(rules, list) else [rules])
        except ValidationError as error:
            return jsonify(errors=[{"loc": problem["loc"], "msg": problem["msg"]} for problem in error.errors()]), 400
        faults.extend(parsed)
        return jsonify(faults.list()), 201

    @pages.delete("/faults")
    def cleared() -> tuple[str, int]:
        faults.clear()
        return "", 204

    @pages.get("/requests")
    def recorded() -> Response:
        return jsonify([item.public() for item in requests])

    @pages.delete("/requests")
    def forgotten() -> tuple[str, int]:
        requests.clear()
        return "", 204

    return pages


def _addresses(name: str) -> list[tuple[str, str]]:
    settings: dict[str, str] = _module(name).environment(request.host_url.rstrip("/"))
    return list(settings.items())


def _module(name: str) -> ModuleType:
    return import_module(f"include.sandbox.{name}")
