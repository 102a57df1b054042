"""Hangs the health endpoint into the Airflow api-server.

Every Airflow process imports this file, so nothing happens here before the first request.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin


class HealthMount:
    """An ASGI app that builds the Flask app on the first request, in the api-server only."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if self._app is None:
            from a2wsgi import WSGIMiddleware

            from plugins.health.web import create_app

            self._app = WSGIMiddleware(create_app(), workers=8)
        # Airflow mounts us at /health; the blueprint wants to see the whole path, as it stands in the contract.
        await self._app(scope | {"root_path": scope["root_path"].removesuffix("/health")}, receive, send)


class HealthPlugin(AirflowPlugin):
    name = "health"
    fastapi_apps = [{"name": "health", "app": HealthMount(), "url_prefix": "/health"}]
