"""Reddit: its site under ``<url>/reddit/www``, which gives tokens, and its OAuth API under ``<url>/reddit/oauth``.

It wants a token and a user agent that says who asks, counts requests (``X-Ratelimit-*``) and refuses those beyond a
limit, lists at most about a thousand items, cuts trees and puts ``more`` in their place. What it serves: see
:mod:`include.sandbox.reddit.world`.
"""

from __future__ import annotations

import base64
import itertools
import threading
import time
from collections.abc import Iterable

from flask import Blueprint, Response, g, jsonify, redirect, request

from include.sandbox.faults import page_start
from include.sandbox.reddit.trees import Tree
from include.sandbox.reddit.world import Json, Options, Subreddit, World, world
from include.sandbox.shelf import Shelf

PREFIX = "/reddit"
CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-client-secret"
SESSION, CSRF = "sandbox-session", "sandbox-csrf"
BEARER = "sandbox-bearer"
AGENT = "sandbox:boost-data-collector:v1 (by /u/sandbox)"
MOST = 100
_TOO_COMMON = ("python", "boost-data-collector/", "Mozilla")


def blueprint(shelf: Shelf) -> Blueprint:
    """The site and the API over the subreddits of the shelf."""
    pages = Blueprint("reddit", __name__, url_prefix=PREFIX)
    state = _State()
    _site_pages(pages, shelf, state)
    _admissions(pages, shelf, state)
    _listing_pages(pages)
    _tree_pages(pages)
    _other_pages(pages)
    return pages


def environment(base_url: str) -> dict[str, str]:
    """The settings that make the collector read the hand-made subreddit from here, however old it gets."""
    return {
        "REDDIT_URL": f"{base_url}{PREFIX}/www",
        "REDDIT_OAUTH_URL": f"{base_url}{PREFIX}/oauth",
        "REDDIT_USER_AGENT": AGENT,
        "REDDIT_CLIENT_ID": CLIENT_ID,
        "REDDIT_CLIENT_SECRET": CLIENT_SECRET,
        "REDDIT_REQUEST_INTERVAL": "0",
        "REDDIT_DEFAULT_LOOKBACK_DAYS": "36500",
    }


class _State:
    """What a running server remembers: the tokens it gave, and the requests of the period."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._serial = itertools.count(1)
        self._uses: dict[str, int] = {}
        self._began = time.monotonic()
        self._used = 0

    def token(self) -> str:
        with self._lock:
            token = f"sandbox-token-{next(self._serial)}"
            self._uses[token] = 0
        return token

    def admits(self, token: str, options: Options) -> bool:
        """Count a use of a token; False for one that is unknown or used up."""
        with self._lock:
            if token == BEARER:
                return not options.bearer_revoked
            if token not in self._uses:
                return False
            self._uses[token] += 1
            return options.token_uses is None or self._uses[token] <= options.token_uses

    def count(self, options: Options) -> tuple[int, float, float]:
        """Count a request: those used in the period, those left (negative: too many), seconds to its end."""
        with self._lock:
            now = time.monotonic()
            if now - self._began >= options.period:
                self._began, self._used = now, 0
            self._used += 1
            return self._used, float(options.limit - self._used), options.period - (now - self._began)


def _site_pages(pages: Blueprint, shelf: Shelf, state: _State) -> None:
    expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()

    @pages.post("/www/api/v1/access_token")
    def access_token() -> Response:
        if request.headers.get("Authorization") != f"Basic {expected}":
            return _refusal(401, "Unauthorized")
        if request.form.get("grant_type") != "client_credentials":
            return jsonify(error="unsupported_grant_type")
        life = world(shelf).options.token_life
        return jsonify({"access_token": state.token(), "token_type": "bearer", "expires_in": life, "scope": "*"})

    @pages.get("/www/")
    def home() -> Response:
        response = Response("<html><body>Reddit</body></html>", mimetype="text/html")
        if request.cookies.get("reddit_session") == SESSION:
            response.set_cookie("csrf_token", CSRF)
        return response

    @pages.post("/www/svc/shreddit/token")
    def session_token() -> Response:
        given = request.get_json(silent=True) or {}
        if request.cookies.get("reddit_session") != SESSION or given.get("csrf_token") != CSRF:
            return _refusal(403, "Forbidden")
        return jsonify(token=state.token(), expires=int(1000 * (time.time() + 3600)))


def _admissions(pages: Blueprint, shelf: Shelf, state: _State) -> None:
    @pages.before_request
    def admit() -> Response | None:
        if "/www/" in request.path:
            return None
        g.world = world(shelf)
        if request.headers.get("User-Agent", "").startswith(_TOO_COMMON):
            return _refusal(429, "Too Many Requests")
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not state.admits(token, g.world.options):
            return _refusal(401, "Unauthorized")
        g.limits = state.count(g.world.options)
        return _refusal(429, "Too Many Requests") if g.limits[1] < 0 else None

    @pages.after_request
    def tell_limits(response: Response) -> Response:
        if limits := getattr(g, "limits", None):
            used, left, reset = limits
            response.headers["X-Ratelimit-Used"] = str(used)
            response.headers["X-Ratelimit-Remaining"] = f"{max(left, 0.0):.1f}"
            response.headers["X-Ratelimit-Reset"] = str(int(reset) + 1)
        return response

    @pages.errorhandler(_Refusal)
    def refused(error: _Refusal) -> Response:
        return _refusal(error.status, error.message, error.reason)


def _listing_pages(pages: Blueprint) -> None:
    @pages.get("/oauth/r/<name>/<any(new, comments):place>")
    def listed(name: str, place: str) -> Response:
        found = _world().subreddits.get(name.lower())
        if found is None:
            return redirect(f"{PREFIX}/oauth/subreddits/search?q={name}")  # type: ignore[return-value]
        shown = _open(found)
        things = shown.new if place == "new" else shown.recent_comments
        return _page(things[: _world().options.listing_cap])

    @pages.get("/oauth/subreddits/search")
    def search() -> Response:
        others = [{"kind": "t5", "data": {"name": f"t5_{s.name}", "display_name": s.name}} for s in _subreddits()]
        return jsonify(_listing(others))

    @pages.get("/oauth/api/info")
    def info() -> Response:
        names = request.args.get("id", "").split(",")[:MOST]
        by_name = {thing["data"]["name"]: thing for s in _subreddits() if s.state == "public" for thing in s.things}
        return jsonify(_listing([by_name[name] for name in names if name in by_name]))


def _tree_pages(pages: Blueprint) -> None:
    @pages.get("/oauth/comments/<key>")
    @pages.get("/oauth/comments/<key>/_/<comment>")
    def comments(key: str, comment: str = "") -> Response:
        place = _owner(f"t3_{key}")
        limit = min(request.args.get("limit", 200, int), _world().options.tree_limit)
        tree = Tree(place, f"t3_{key}", _world().options.tree_depth)
        return jsonify([_listing([place.submission(f"t3_{key}")]), _listing(tree.top(limit, comment))])

    @pages.get("/oauth/api/morechildren")
    def more() -> Response:
        link = request.args.get("link_id", "")
        place, asked = _owner(link), request.args.get("children", "").split(",")[:MOST]
        things = Tree(place, link, _world().options.tree_depth).more(asked, _world().options.more_limit)
        return jsonify(json={"errors": [], "data": {"things": things}})


def _other_pages(pages: Blueprint) -> None:
    @pages.get("/oauth/user/<name>/about")
    def about(name: str) -> Response:
        profile = _world().profile(name)
        if profile is None:
            raise _Refusal(404, "Not Found")
        return jsonify(kind="t2", data=profile)


class _Refusal(Exception):
    """Ends a request with a status, and Reddit's reason for it."""

    def __init__(self, status: int, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.reason = status, message, reason


def _refusal(status: int, message: str, reason: str = "") -> Response:
    response = jsonify(message=message, error=status, **({"reason": reason} if reason else {}))
    response.status_code = status
    return response


def _world() -> World:
    found: World = g.world
    return found


def _subreddits() -> Iterable[Subreddit]:
    return _world().subreddits.values()


def _open(place: Subreddit) -> Subreddit:
    """The subreddit. Raises what Reddit says of one that is closed."""
    if place.state == "banned":
        raise _Refusal(404, "Not Found", "banned")
    if place.state != "public":
        raise _Refusal(403, "Forbidden", place.state)
    return place


def _owner(fullname: str) -> Subreddit:
    for place in _subreddits():
        if place.has(fullname):
            return _open(place)
    raise _Refusal(404, "Not Found")


def _page(things: list[Json]) -> Response:
    """A page of a listing: after a full name, or from the top when there is no such thing in it."""
    limit = min(max(request.args.get("limit", 25, int), 1), MOST)
    names = [thing["data"]["name"] for thing in things]
    after = request.args.get("after")
    if after and after not in names:
        return jsonify(_listing([]))
    start = page_start(names.index(after) + 1 if after else 0, limit)
    shown = things[start : start + limit]
    return jsonify(_listing(shown, shown[-1]["data"]["name"] if start + limit < len(things) else None))


def _listing(things: list[Json], after: str | None = None) -> Json:
    return {"kind": "Listing", "data": {"after": after, "dist": len(things), "before": None, "children": things}}
