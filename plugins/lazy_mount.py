"""An app of the api-server that is built when it is first asked for: every Airflow process imports the plugins."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class LazyMount:
    """An ASGI app that is what ``create_app`` of a module returns; the module is imported at the first request."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._app: Any = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if self._app is None:
            self._app = import_module(self._module).create_app()
        await self._app(scope, receive, send)
