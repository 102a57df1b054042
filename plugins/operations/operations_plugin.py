"""Hangs the operations page into the Airflow UI's navigation.

Every Airflow process imports this file, so nothing happens here before the first request.
"""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from plugins.lazy_mount import LazyMount


class OperationsPlugin(AirflowPlugin):
    name = "operations"
    fastapi_apps = [{"name": "operations", "app": LazyMount("plugins.operations.web"), "url_prefix": "/operations"}]
    # The address is relative, so that it also holds behind a proxy that puts Airflow below a path.
    external_views = [
        {"name": "Operations", "href": "operations/", "destination": "nav", "url_route": "operations"},
    ]
