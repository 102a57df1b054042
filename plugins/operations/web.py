"""The HTTP side of the operations page: who may see it, and which page is which."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from boost_collectors.core.database import Database
from boost_collectors.core.settings import Settings
from plugins.health.cache import SingleFlight
from plugins.login import ALLOWED, refusal
from plugins.operations import board, pages, run_rows

FOLDER = Path(__file__).parent
CACHE_SECONDS = 2.0
HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'self'; frame-ancestors 'self'"}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app that is mounted at ``/operations``; without settings it reads the environment's.

    Its pages are for whoever may see the Airflow UI. The stylesheet is for anybody.
    """
    given = settings or Settings.load()
    database = Database.from_settings(given)
    overview = SingleFlight(lambda: board.read(database, given), CACHE_SECONDS, CACHE_SECONDS)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/", dependencies=ALLOWED)
    def operations() -> Response:
        return _page("board.html", board=overview.get())

    @app.get("/runs/", dependencies=ALLOWED)
    def runs(command: str = "", run_id: str = "", group: str = "", unit: str = "") -> Response:
        asked = run_rows.Asked(command=command, run_id=run_id, group=group, unit=unit)
        with database.session() as session:
            return _page("runs.html", asked=asked, runs=run_rows.find(session, asked))

    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.add_exception_handler(HTTPException, _refusal)
    return app


def _page(template: str, status: int = HTTPStatus.OK, **values: Any) -> Response:
    return HTMLResponse(pages.render(template, **values), status, HEADERS)


def _refusal(request: Request, error: Exception) -> Response:
    """A refusal as a page with the way to the login."""
    assert isinstance(error, HTTPException)
    return _page("refused.html", error.status_code, **refusal(request, error, "operations"))
