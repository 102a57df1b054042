"""Who may see our pages in the Airflow UI, and what others are told."""

from __future__ import annotations

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, HTTPException, Request

ALLOWED = [Depends(requires_access_view(AccessView.WEBSITE))]
"""The dependency of a page that is for whoever may see the Airflow UI."""


def refusal(request: Request, error: HTTPException, prefix: str) -> dict[str, str]:
    """What the page ``refused.html`` of the app that is mounted at ``/<prefix>`` shows.

    ``root`` leads from the address that was asked for to the app, ``login`` to the login; both hold below the path of a
    proxy.
    """
    root_path = str(request.scope.get("root_path", ""))
    path = str(request.scope.get("path", "")).removeprefix(root_path).lstrip("/")
    login = root_path.rstrip("/").removesuffix(prefix) + "auth/login/"
    return {"root": "../" * path.count("/"), "reason": str(error.detail), "login": login}
