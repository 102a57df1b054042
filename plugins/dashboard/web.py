"""The HTTP side of the dashboard: who may see the pages, and which files are pages."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from boost_collectors.boost_library_usage_dashboard import theme
from boost_collectors.boost_library_usage_dashboard.places import index_file
from boost_collectors.core.settings import Settings
from plugins.login import ALLOWED, refusal

PAGE = re.compile(r"[^/]+\.html|libraries/[^/]+\.html|(?:assets|data)/.+\.(?:css|js)")
# Asked for anew each time, so that a logout counts at once; what has not changed is not sent again.
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'",
}
_TEMPLATES = theme.environment(Path(__file__).parent / "templates")


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app that is mounted at ``/dashboard``; without settings it reads the environment's.

    All of it is for whoever may see the Airflow UI, but for the stylesheet and the scripts, which hold nothing.
    """
    folder = index_file(settings or Settings.load()).parent
    files = StaticFiles(directory=folder, check_dir=False)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/", dependencies=ALLOWED)
    def root() -> Response:
        return RedirectResponse("index.html")

    app.mount("/assets", StaticFiles(directory=theme.FOLDER / "assets"), name="assets")

    @app.get("/{path:path}", dependencies=ALLOWED)
    async def page(path: str, request: Request) -> Response:
        if not PAGE.fullmatch(path) or not (folder / path).is_file():
            return _told(
                "missing.html", HTTPStatus.NOT_FOUND, root="../" * path.count("/"), made=(folder / "index.html")
            )
        answer = await files.get_response(path, request.scope)
        answer.headers.update(HEADERS)
        return answer

    app.add_exception_handler(HTTPException, _refusal)
    return app


def _told(template: str, status: int, **values: Any) -> Response:
    return HTMLResponse(_TEMPLATES.get_template(template).render(**values), status, HEADERS)


def _refusal(request: Request, error: Exception) -> Response:
    """A refusal as a page with the way to the login."""
    assert isinstance(error, HTTPException)
    return _told("refused.html", error.status_code, **refusal(request, error, "dashboard"))
