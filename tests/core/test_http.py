"""The HTTP client against a real server on this machine that misbehaves as told."""

from __future__ import annotations

import gzip
import logging
import os
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from boost_collectors.core.errors import (
    AuthenticationError,
    CollectorFailureCategory,
    NetworkError,
    NotFoundError,
    RateLimited,
    SourceError,
    TransientError,
    classify_failure,
)
from boost_collectors.core.http import DEFAULT_USER_AGENT, HeaderAuth, HttpClient
from boost_collectors.core.http_retry import RetryPolicy
from boost_collectors.core.settings import Settings

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Step = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Does what the server's script says for the path; the last step of a path is repeated."""

    server: MisbehavingServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with self.server.lock:
            self.server.seen.append((self.command, self.path, dict(self.headers.items()), body))
            steps = self.server.script[path]
            step = steps.pop(0) if len(steps) > 1 else steps[0]
        step(self)

    do_POST = do_GET  # noqa: N815 - the name http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Not on stderr."""


class MisbehavingServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.script: defaultdict[str, list[Step]] = defaultdict(lambda: [answer(404)])
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_address[1]}{path}"

    def play(self, *steps: Step, path: str = "/") -> str:
        """Set what the path does, answer by answer; returns its URL."""
        self.script[path] = list(steps)
        return self.url(path)

    def headers(self, name: str) -> list[str | None]:
        """That header of each request, in order."""
        return [
            next((value for key, value in headers.items() if key.lower() == name), None)
            for _, _, headers, _ in self.seen
        ]

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are expected here."""


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Step:
    def step(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if status != 304:
            handler.wfile.write(body)

    return step


def cut(handler: Handler) -> None:
    """Announces 100 bytes, sends 8 and hangs up."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"rows":')
    handler.close_connection = True


def cut_chunks(handler: Handler) -> None:
    """Starts a chunked answer that never ends properly."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b'8\r\n{"rows":\r\n')
    handler.close_connection = True


def cut_silently(handler: Handler) -> None:
    """Announces no length, so that only the body itself shows that it was cut."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"rows": [1, 2')
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def never(handler: Handler) -> None:
    handler.server.released.wait(30)
    handler.close_connection = True


def redirect(url: str, status: int = 302) -> Step:
    return answer(status, b"", Location=url)


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.released.set()
        running.shutdown()
        thread.join()


class Waits(list[float]):
    """Stands in for sleeping: keeps how long the client would have waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def client(waits: Waits) -> Iterator[HttpClient]:
    with HttpClient(timeout=5, policy=RetryPolicy(4, 60), clock=lambda: NOW, sleep=waits) as http:
        yield http


def test_an_answer_comes_back_whole_and_is_counted(server: MisbehavingServer, client: HttpClient) -> None:
    url = server.play(answer(body=b"text", X_Kind="plain"))
    response = client.get(url, headers={"Accept": "text/plain"})
    assert (response.text, response.headers["x-kind"], client.requests) == ("text", "plain", 1)
    assert server.headers("accept") == ["text/plain"]
    assert server.headers("user-agent") == [DEFAULT_USER_AGENT]


def test_params_join_the_query_a_url_brings_along(server: MisbehavingServer, client: HttpClient) -> None:
    client.get(server.play(answer(), path="/list") + "?limit=2", params={"offset": 4, "skip": None})
    client.get(server.url("/list?limit=3"))
    assert [path for _, path, _, _ in server.seen] == ["/list?limit=2&offset=4", "/list?limit=3"]


def test_get_json_parses(server: MisbehavingServer, client: HttpClient) -> None:
    url = server.play(answer(body='{"name": "Müller"}'.encode()))
    assert client.get_json(url, params={"page": 2}) == {"name": "Müller"}
    assert server.headers("accept") == ["application/json"]


def test_compressed_answers_are_read(server: MisbehavingServer, client: HttpClient) -> None:
    assert client.get_json(server.play(answer(body=gzip.compress(b"[1]"), Content_Encoding="gzip"))) == [1]


def test_post_json_sends_the_payload(server: MisbehavingServer, client: HttpClient) -> None:
    response = client.post_json(server.play(answer(body=b"[]")), {"query": "x"}, headers={"X-Kind": "graph"})
    assert response.json() == []
    assert [(method, body) for method, _, _, body in server.seen] == [("POST", b'{"query":"x"}')]
    assert server.headers("x-kind") == ["graph"]


def test_post_form_sends_the_fields(server: MisbehavingServer, client: HttpClient) -> None:
    client.post_form(server.play(answer()), {"grant_type": "x y"}, headers={"X-Kind": "form"})
    assert [(method, body) for method, _, _, body in server.seen] == [("POST", b"grant_type=x+y")]
    assert server.headers("content-type") == ["application/x-www-form-urlencoded"]
    assert server.headers("x-kind") == ["form"]


def test_a_repeated_post_carries_its_body_again(server: MisbehavingServer, client: HttpClient) -> None:
    client.post_json(server.play(answer(502), answer()), [1])
    assert [body for *_, body in server.seen] == [b"[1]", b"[1]"]


@pytest.mark.parametrize(
    "failure",
    [answer(500), answer(502, b"<html>"), answer(503), answer(408), cut, cut_chunks, hang_up],
    ids=["500", "502", "503", "408", "cut", "cut-chunks", "hang-up"],
)
def test_a_stumble_is_tried_again(server: MisbehavingServer, client: HttpClient, waits: Waits, failure: Step) -> None:
    assert client.get_json(server.play(failure, failure, answer(body=b"[7]"))) == [7]
    assert waits == [1, 2]
    assert client.requests == 3


@pytest.mark.parametrize("failure", [answer(500), cut, cut_chunks, hang_up], ids=["500", "cut", "chunks", "hang-up"])
def test_a_lasting_stumble_is_a_network_error(
    server: MisbehavingServer, client: HttpClient, waits: Waits, failure: Step
) -> None:
    with pytest.raises(NetworkError, match=r"GET http://127\.0\.0\.1") as caught:
        client.get(server.play(failure))
    assert (client.requests, waits) == (4, [1, 2, 4])
    assert classify_failure(caught.value) is CollectorFailureCategory.NETWORK


def test_a_body_cut_without_a_trace_in_the_headers_is_asked_for_again(
    server: MisbehavingServer, client: HttpClient
) -> None:
    assert client.get_json(server.play(cut_silently, answer(body=b'{"rows": [1, 2]}'))) == {"rows": [1, 2]}


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in</html>", b'{"rows": [1, 2', b"\xff\xfe\xff", b'{"n": NaN}', b"[" * 100_000]
)
def test_what_stays_no_json_breaks_the_contract(
    server: MisbehavingServer, client: HttpClient, waits: Waits, body: bytes
) -> None:
    with pytest.raises(SourceError, match=r"not JSON but .* bytes of text/html"):
        client.get_json(server.play(answer(body=body, Content_Type="text/html")))
    assert len(waits) == 3


def test_a_closed_port_is_a_network_error(client: HttpClient) -> None:
    with MisbehavingServer() as gone:
        url = gone.url()
    with pytest.raises(NetworkError, match="ConnectError"):
        client.get(url)
    assert client.requests == 4


def test_a_source_that_does_not_answer_in_time_is_a_timeout(server: MisbehavingServer, waits: Waits) -> None:
    with HttpClient(timeout=0.05, policy=RetryPolicy(2, 60), sleep=waits) as client:
        with pytest.raises(NetworkError, match="ReadTimeout") as caught:
            client.get(server.play(never))
        assert client.requests == 2
    assert classify_failure(caught.value) is CollectorFailureCategory.TIMEOUT


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("1.5", 1.5),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("soon", 1.0),
        ("nan", 1.0),
    ],
)
def test_retry_after_is_obeyed(
    server: MisbehavingServer, client: HttpClient, waits: Waits, asked: str, waited: float
) -> None:
    client.get(server.play(answer(429, Retry_After=asked), answer()))
    assert waits == [waited]


def test_a_throttle_without_a_time_backs_off(server: MisbehavingServer, client: HttpClient, waits: Waits) -> None:
    client.get(server.play(answer(429), answer(429), answer()))
    assert waits == [1, 2]


@pytest.mark.parametrize("status", [429, 403, 503])
def test_a_longer_wait_than_we_grant_says_when_to_come_back(
    server: MisbehavingServer, client: HttpClient, waits: Waits, status: int
) -> None:
    with pytest.raises(RateLimited) as caught:
        client.get(server.play(answer(status, Retry_After="3600")))
    assert caught.value.retry_at == NOW + timedelta(hours=1)
    assert (waits, client.requests) == ([], 1)


def test_a_throttle_that_does_not_end_is_a_rate_limit(server: MisbehavingServer, client: HttpClient) -> None:
    with pytest.raises(RateLimited) as caught:
        client.get(server.play(answer(429, Retry_After="20")))
    assert caught.value.retry_at == NOW + timedelta(seconds=20)
    assert client.requests == 4


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthenticationError),
        (403, AuthenticationError),
        (404, NotFoundError),
        (410, NotFoundError),
        (400, SourceError),
        (422, SourceError),
        (304, SourceError),
        (300, SourceError),
    ],
)
def test_a_refusal_is_final(
    server: MisbehavingServer, client: HttpClient, waits: Waits, status: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match=str(status)):
        client.get(server.play(answer(status)))
    assert (waits, client.requests) == ([], 1)


def test_nothing_changed_is_none(server: MisbehavingServer, client: HttpClient) -> None:
    url = server.play(answer(ETag='"1"'), answer(304), answer(304), answer(body=b"[2]"))
    first = client.get_if_changed(url)
    assert first is not None
    assert client.get_if_changed(url, etag=first.headers["etag"]) is None
    assert client.get_if_changed(url, last_modified="Sun, 01 Mar 2026 12:00:00 GMT") is None
    changed = client.get_if_changed(url, etag='"1"')
    assert changed is not None
    assert changed.json() == [2]
    assert server.headers("if-none-match") == [None, '"1"', None, '"1"']
    assert server.headers("if-modified-since") == [None, None, "Sun, 01 Mar 2026 12:00:00 GMT", None]


def test_redirects_on_the_same_host_keep_the_credential(server: MisbehavingServer, client: HttpClient) -> None:
    server.play(answer(body=b"[1]"), path="/new")
    client.credentials(server.url(), HeaderAuth("X-Token", "secret-1"))
    assert client.get_json(server.play(redirect("/new"), path="/old")) == [1]
    assert server.headers("x-token") == ["secret-1", "secret-1"]
    assert client.requests == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_to_another_host_carry_no_credential(
    server: MisbehavingServer, client: HttpClient, status: int
) -> None:
    # The same server under another name is another host to the client.
    server.play(answer(body=b"[1]"), path="/elsewhere")
    url = server.play(redirect(server.url("/elsewhere", host="localhost"), status))
    client.credentials(server.url(), HeaderAuth("X-Token", "secret-1"))
    response = client.get(url, headers={"Authorization": "Bearer secret-2", "Accept": "text/plain", "X-Key": "s"})
    assert response.json() == [1]
    assert server.headers("x-token") == ["secret-1", None]
    assert server.headers("authorization") == ["Bearer secret-2", None]
    assert server.headers("x-key") == ["s", None]
    assert server.headers("accept") == ["text/plain", "text/plain"]


def test_a_redirected_post_still_has_its_body(server: MisbehavingServer, client: HttpClient) -> None:
    server.play(answer(), path="/elsewhere")
    client.post_json(server.play(redirect(server.url("/elsewhere", host="localhost"), 307)), [1])
    assert [(method, body) for method, _, _, body in server.seen] == [("POST", b"[1]"), ("POST", b"[1]")]


def test_each_host_gets_its_own_credential(server: MisbehavingServer, client: HttpClient) -> None:
    server.play(answer())
    client.credentials(server.url(), HeaderAuth("Authorization", "one"))
    client.credentials(server.url(host="localhost"), httpx.BasicAuth("user", "two"))
    client.get(server.url())
    client.get(server.url(host="localhost"))
    assert server.headers("authorization") == ["one", "Basic dXNlcjp0d28="]


def test_a_credential_for_a_bare_host_is_never_sent_in_clear(server: MisbehavingServer, client: HttpClient) -> None:
    client.credentials(f"127.0.0.1:{server.server_address[1]}", HeaderAuth("X-Token", "secret"))
    client.get(server.play(answer()))
    assert server.headers("x-token") == [None]


def test_another_port_is_another_place(server: MisbehavingServer, client: HttpClient) -> None:
    client.credentials("http://127.0.0.1:1", HeaderAuth("X-Token", "secret"))
    client.get(server.play(answer()))
    assert server.headers("x-token") == [None]


def test_endless_redirects_break_the_contract(server: MisbehavingServer, client: HttpClient) -> None:
    with pytest.raises(SourceError, match="more than 10 redirects"):
        client.get(server.play(redirect("/")))
    assert client.requests == 11


def test_user_and_password_of_a_url_are_sent_but_never_shown(
    server: MisbehavingServer, client: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = server.play(answer(500)).replace("//", "//user:pa55word@") + "?page=2&api_key=s3cret"
    with pytest.raises(NetworkError, match=r"page=2&api_key=HIDDEN: 500") as caught:
        client.get(url)
    assert server.headers("authorization") == ["Basic dXNlcjpwYTU1d29yZA=="] * 4
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("boost_collectors")]
    assert len(ours) == 3
    assert "pa55word" not in caplog.text + str(caught.value)
    assert "s3cret" not in "".join(ours) + str(caught.value)


@pytest.mark.parametrize(
    "url", ["ftp://example.org/x", "no url", "http://user:pa/55@host:port/x", "http://exa mple/\x00"]
)
def test_what_is_no_http_url_is_refused(client: HttpClient, waits: Waits, url: str) -> None:
    with pytest.raises(SourceError) as caught:
        client.get(url)
    assert (waits, "55" in str(caught.value)) == ([], False)


def test_stop_interrupts_a_wait(server: MisbehavingServer) -> None:
    stop = threading.Event()

    def asked_to_stop(handler: Handler) -> None:
        answer(429, Retry_After="50")(handler)
        stop.set()

    with HttpClient(policy=RetryPolicy(4, 60), stop=stop) as client:
        with pytest.raises(TransientError, match="asked to stop"):
            client.get(server.play(asked_to_stop))
        assert client.requests == 1


def test_threads_share_a_client_and_its_count(server: MisbehavingServer, client: HttpClient) -> None:
    server.play(answer(body=b"[1]"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.get_json(server.url()), range(80)))
    assert answers == [[1]] * 80
    assert client.requests == len(server.seen) == 80


def test_the_settings_say_how_to_ask(server: MisbehavingServer, make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(HTTP_USER_AGENT="tester/1", HTTP_MAX_ATTEMPTS="2", HTTP_MAX_WAIT_SECONDS="9")
    stop = threading.Event()
    with HttpClient.from_settings(settings, stop=stop) as client:
        with pytest.raises(RateLimited):
            client.get(server.play(answer(429, Retry_After="10")))
        with pytest.raises(NetworkError):
            client.get(server.play(answer(429, Retry_After="0"), answer(500)))
        assert client.requests == 3
        assert set(server.headers("user-agent")) == {"tester/1"}
        stop.set()
        with pytest.raises(TransientError, match="asked to stop"):
            client.get(server.url())
        assert client.requests == 3


def test_a_proxy_of_the_environment_does_not_serve_this_machine(server: MisbehavingServer) -> None:
    code = "import sys; from boost_collectors.core.http import HttpClient; print(HttpClient().get_json(sys.argv[1]))"
    environment = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "NO_PROXY": ""}
    command = [sys.executable, "-c", code, server.play(answer(body=b"[1]"))]
    assert subprocess.check_output(command, text=True, env=environment) == "[1]\n"
