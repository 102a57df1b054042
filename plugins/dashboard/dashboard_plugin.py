"""Hangs the dashboard into the Airflow UI's navigation.

Every Airflow process imports this file, so nothing happens here before the first request.
"""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from plugins.lazy_mount import LazyMount


class DashboardPlugin(AirflowPlugin):
    name = "dashboard"
    fastapi_apps = [{"name": "dashboard", "app": LazyMount("plugins.dashboard.web"), "url_prefix": "/dashboard"}]
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
