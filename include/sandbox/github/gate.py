"""What every request passes: who asks, what it costs, whether anything changed, and GitHub's headers and errors."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from include.sandbox.faults import page_start
from include.sandbox.github.limits import ANONYMOUS, PrimaryLimit, SecondaryLimit, Window
from include.sandbox.github.model import Account
from include.sandbox.github.render import Renderer
from include.sandbox.github.repository import Repository
from include.sandbox.github.service import GitHub

DOCS = "https://docs.github.com/rest"
MAX_PAGE = 100
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class ApiError(Exception):
    """An answer other than the one wished for, as GitHub words it."""

    def __init__(self, code: int, message: str, **body: Any) -> None:
        super().__init__(message)
        self.code = code
        self.body = {"message": message, "documentation_url": DOCS, "status": str(code)} | body


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of a list; ``total`` is how many there are in all, where that is known."""

    rows: list[Any]
    more: bool
    total: int | None = None
    envelope: Callable[[list[Any]], Any] = lambda rows: rows


def page_bounds() -> tuple[int, int]:
    """First position and size of the page asked for. GitHub takes the nearest sensible number for a wrong one."""
    size = min(max(_number("per_page", 30), 1), MAX_PAGE)
    start = (max(_number("page", 1), 1) - 1) * size
    return page_start(start, size), size


def paged(rows: list[Any], render: Callable[[Any], Any]) -> Paged:
    """A page of a list that is at hand."""
    start, size = page_bounds()
    return Paged([render(row) for row in rows[start : start + size]], start + size < len(rows), len(rows))


def _number(name: str, default: int) -> int:
    value = request.args.get(name, "")
    return int(value) if value.isdecimal() else default


class Gate:
    """Wraps a view: ``@gate.rest()`` for REST, :meth:`entered` for what makes its answer itself."""

    def __init__(self, github: GitHub, prefix: str) -> None:
        self.github, self._prefix = github, prefix

    @property
    def render(self) -> Renderer:
        """A renderer whose URLs lead back here."""
        return Renderer(request.host_url.rstrip("/") + self._prefix)

    def pushed_at(self, repository: Repository) -> str | None:
        """When a repository was pushed to: as it says itself, else by its newest commit."""
        return repository.pushed_at or self.github.histories.pushed_at(repository)

    def rest(self, bucket: str | None = "core") -> Callable[[Callable[..., Any]], Callable[..., Response]]:
        """For views that return JSON, a :class:`Paged` or a Response, or raise :class:`ApiError`."""

        def wrap(view: Callable[..., Any]) -> Callable[..., Response]:
            @functools.wraps(view)
            def answer(**arguments: Any) -> Response:
                return self._answer(view, arguments, bucket)

            return answer

        return wrap

    def user(self) -> Account | None:
        """Who asks; None without a token. Raises ApiError for a token that is nobody's."""
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        kind, _, token = header.partition(" ")
        account = self.github.user_of(token.strip()) if kind.lower() in ("bearer", "token") else None
        if account is None:
            raise ApiError(401, "Bad credentials")
        return account

    @contextmanager
    def entered(self, user: Account | None, endpoint: str) -> Iterator[str]:
        """Hold a place among the user's running requests. Raises SecondaryLimit."""
        name = user.login if user else ANONYMOUS
        points = 5 if request.method in WRITES and endpoint != "graphql" else 1
        with self.github.limits.running(name, endpoint, points):
            yield name

    def _answer(self, view: Callable[..., Any], arguments: dict[str, Any], bucket: str | None) -> Response:
        try:
            user = self.user()
            with self.entered(user, str(request.url_rule)) as name:
                response = self._spent(view, arguments, bucket, name)
        except ApiError as error:
            response = _refused(error)
        except SecondaryLimit:
            response = self.secondary()
        self.github.answered(request.path)
        return _named(response)

    def _spent(self, view: Callable[..., Any], arguments: dict[str, Any], bucket: str | None, name: str) -> Response:
        limits = self.github.limits
        if bucket is None:
            window = limits.window(name, "core")
            return with_limit(_finished(view(**arguments)), window, "core")
        try:
            window = limits.spend(name, bucket, 1)
        except PrimaryLimit:
            return with_limit(self._exhausted(name), limits.window(name, bucket), bucket)
        try:
            response = _finished(view(**arguments))
        except ApiError as error:
            response = _refused(error)
        if name and _unchanged(response):
            limits.give_back(name, bucket, 1)
            response = _not_modified(response)
        return with_limit(response, window, bucket)

    def _exhausted(self, name: str) -> Response:
        account = self.github.world.account(name) if name else None
        whom = f"user ID {account.id}" if account else f"{request.remote_addr}"
        message = f"API rate limit exceeded for {whom}."
        return _json({"message": message, "documentation_url": DOCS}, self.github.limits.options.primary_status)

    def secondary(self) -> Response:
        """The answer to a burst: with Retry-After or, as it happens, without."""
        options = self.github.limits.options
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        response = _json({"message": message, "documentation_url": DOCS}, options.secondary_status)
        if options.retry_after is not None:
            response.headers["Retry-After"] = str(options.retry_after)
        return response


def with_limit(response: Response, window: Window, bucket: str) -> Response:
    """The X-RateLimit headers of a bucket."""
    response.headers["X-RateLimit-Limit"] = str(window.limit)
    response.headers["X-RateLimit-Remaining"] = str(window.remaining)
    response.headers["X-RateLimit-Used"] = str(window.used)
    response.headers["X-RateLimit-Reset"] = str(window.reset)
    response.headers["X-RateLimit-Resource"] = bucket
    return response


def _finished(answer: Any) -> Response:
    if isinstance(answer, Response):
        return answer
    if not isinstance(answer, Paged):
        return _json(answer)
    response = _json(answer.envelope(answer.rows))
    if links := _links(answer):
        response.headers["Link"] = links
    return response


def _json(body: Any, status: int = 200) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False), status=status, mimetype="application/json")
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    if status == 200:
        response.headers["ETag"] = f'W/"{hashlib.sha256(response.get_data()).hexdigest()}"'
        response.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
    return response


def _refused(error: ApiError) -> Response:
    response = _json(error.body, error.code)
    if error.code == 301:
        response.headers["Location"] = error.body["url"]
    return response


def _named(response: Response) -> Response:
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    response.headers["X-GitHub-Request-Id"] = hashlib.sha256(request.full_path.encode()).hexdigest()[:20].upper()
    return response


def _unchanged(response: Response) -> bool:
    known = request.headers.get("If-None-Match", "")
    tag = response.headers.get("ETag", "")
    wanted = [each.strip().removeprefix("W/") for each in known.split(",")]
    return bool(tag) and request.method == "GET" and tag.removeprefix("W/") in wanted


def _not_modified(response: Response) -> Response:
    return Response(status=304, headers={"ETag": response.headers["ETag"], "Cache-Control": "private, max-age=60"})


def _links(answer: Paged) -> str:
    page, size = max(_number("page", 1), 1), min(max(_number("per_page", 30), 1), MAX_PAGE)
    targets: dict[str, int] = {}
    if page > 1:
        targets |= {"prev": page - 1}
    if answer.more:
        targets["next"] = page + 1
        if answer.total is not None:
            targets["last"] = -(-answer.total // size)
    if page > 1:
        targets["first"] = 1
    return ", ".join(f'<{_page_url(number)}>; rel="{rel}"' for rel, number in targets.items())


def _page_url(page: int) -> str:
    return f"{request.base_url}?{urlencode({**request.args.to_dict(), 'page': page})}"
