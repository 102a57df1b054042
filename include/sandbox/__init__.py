"""A local HTTP server that plays every source: for ``make demo``, for tests, and for what real sources rarely do.

In a test, in the same process::

    with Sandbox() as sandbox:
        settings = make_settings(**sandbox.environment())
        sandbox.faults.add("/wg21/*", "status", status=429, retry_after=1)
        ...
        assert [request.path for request in sandbox.requests] == [...]

As a process of its own: ``python -m include.sandbox --port 8099``.

**A source** is a module of this folder with two functions, listed in :data:`include.sandbox.server.SOURCES`::

    def blueprint(shelf: Shelf) -> Blueprint:
        pages = Blueprint("weather", __name__, url_prefix="/weather")

        @pages.get("/days")
        def days() -> Response:
            rows = json.loads((shelf.samples / "days.json").read_text())
            start = page_start(50 * request.args.get("page", default=0, type=int), 50)
            return jsonify(rows[start : start + 50])

        return pages

    def environment(base_url: str) -> dict[str, str]:
        return {"WEATHER_API_URL": f"{base_url}/weather"}

``page_start`` is where repeated and shifted pages come in; all other faults happen around the blueprints, which need
not know of them. Data is read per request, so that a test may change its folder between two runs.
"""

from include.sandbox.faults import Fault, Faults, page_start
from include.sandbox.recording import Recorded
from include.sandbox.server import Sandbox
from include.sandbox.shelf import Shelf

__all__ = ["Fault", "Faults", "Recorded", "Sandbox", "Shelf", "page_start"]
