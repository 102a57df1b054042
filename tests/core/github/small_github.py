"""A small GitHub on this machine that counts quota as the real one does, on a clock that tests move."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from boost_collectors.core.github.quota import USUAL_LIMITS, WINDOWS, Bucket, bucket_of

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROOT = "/github-api"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What the server gives for a path instead of its usual answer; ``hang_up``: no answer at all."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cost: int = 1
    hang_up: bool = False


class Handler(BaseHTTPRequestHandler):
    server: SmallGitHub
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet: the system would hold the second one back.
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        answer = self.server.answer(asked)
        if answer.hang_up:
            self.close_connection = True
            return
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        content = b"" if answer.status in (204, 304) else content
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Not on stderr."""


class SmallGitHub(ThreadingHTTPServer):
    """Answers 200 to every path unless told otherwise. ``users`` maps tokens to logins; others are refused."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.now = START
        self.root = ROOT
        self.unlimited = False
        self.users: dict[str, str] = {}
        self.limits = dict(USUAL_LIMITS)
        self.used: Counter[tuple[str, Bucket]] = Counter()
        self.resets: dict[tuple[str, Bucket], datetime] = {}
        self.refused: Counter[tuple[str, Bucket]] = Counter()
        self.script: defaultdict[str, list[Answer]] = defaultdict(list)
        self.seen: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{ROOT}"

    def clock(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)

    def play(self, path: str, *answers: Answer) -> None:
        """What a path below the root answers, one after the other; the last one is repeated."""
        self.script[path] = list(answers)

    def asked(self, path: str) -> list[Asked]:
        return [asked for asked in self.seen if asked.path.partition("?")[0] == ROOT + path]

    def remaining(self, login: str, bucket: Bucket = Bucket.CORE) -> int:
        return self.limits[bucket] - self.used[login, bucket]

    def answer(self, asked: Asked) -> Answer:
        with self.lock:
            self.seen.append(asked)
            path = asked.path.removeprefix(self.root)
            login = self.users.get(asked.headers.get("authorization", "").removeprefix("token "))
            if login is None:
                return self.scripted(path) or Answer(401, {"message": "Bad credentials"})
            if self.unlimited:
                return Answer(404) if path == "/rate_limit" else Answer(body={"login": login})
            if path == "/rate_limit":
                return Answer(body={"resources": {bucket.value: self.state(login, bucket) for bucket in Bucket}})
            return self.charged(login, path)

    def charged(self, login: str, path: str) -> Answer:
        bucket = bucket_of(path)
        state = self.state(login, bucket)
        if not state["remaining"]:
            self.refused[login, bucket] += 1
            return Answer(403, {"message": f"API rate limit exceeded for {login}."}, self.headers(login, bucket))
        answer = self.scripted(path) or Answer(body={"login": login} if path == "/user" else {"path": path})
        if answer.status != 304:
            self.used[login, bucket] += answer.cost
            self.resets.setdefault((login, bucket), self.now + WINDOWS[bucket])
        return Answer(
            answer.status, answer.body, {**self.headers(login, bucket), **answer.headers}, hang_up=answer.hang_up
        )

    def scripted(self, path: str) -> Answer | None:
        answers = self.script[path.partition("?")[0]]
        return (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else None

    def state(self, login: str, bucket: Bucket) -> dict[str, int]:
        key = (login, bucket)
        if key in self.resets and self.resets[key] <= self.now:
            del self.resets[key]
            self.used[key] = 0
        limit, used = self.limits[bucket], self.used[key]
        reset = self.resets.get(key, self.now + WINDOWS[bucket])
        return {"limit": limit, "used": used, "remaining": max(limit - used, 0), "reset": int(reset.timestamp())}

    def headers(self, login: str, bucket: Bucket) -> dict[str, str]:
        state = {f"X-RateLimit-{name.title()}": str(value) for name, value in self.state(login, bucket).items()}
        return {**state, "X-RateLimit-Resource": bucket.value}

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are expected here."""

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[SmallGitHub]:
        """A server that answers during the block."""
        with cls() as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield server
            server.shutdown()
            thread.join()
