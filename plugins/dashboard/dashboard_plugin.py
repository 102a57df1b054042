"""Hangs the dashboard into the Airflow UI's navigation.

Every Airflow process imports this file, so nothing happens here before the first request.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin


class DashboardMount:
    """An ASGI app that builds the pages' app on the first request, in the api-server only."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if self._app is None:
            from plugins.dashboard.web import create_app

            self._app = create_app()
        await self._app(scope, receive, send)


class DashboardPlugin(AirflowPlugin):
    name = "dashboard"
    fastapi_apps = [{"name": "dashboard", "app": DashboardMount(), "url_prefix": "/dashboard"}]
    # The address is relative, so that it also holds behind a proxy that puts Airflow below a path.
    external_views = [
        {
            "name": "Boost usage",
            "href": "dashboard/index.html",
            "destination": "nav",
            "url_route": "boost-usage",
            "nav_top_level": True,
        },
    ]
