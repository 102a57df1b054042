"""``python -m plugins.health.probe URL``: exit 0 only when the endpoint really answered that it is healthy.

An api-server whose health plugin failed to load answers any path with the UI's page and status 200, so a probe that
looks at the status alone is fooled. This one wants our JSON.
"""

from __future__ import annotations

import sys

import httpx


def probe(url: str, token: str = "", timeout: float = 5.0) -> str:
    """Why the deployment is not healthy; empty when it is."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(url, headers=headers, timeout=timeout)
    except httpx.HTTPError as error:
        return f"no answer: {type(error).__name__}"
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return f"status {answer.status_code} without JSON: the health plugin is not loaded"
    status = answer.json().get("status")
    return "" if answer.status_code == httpx.codes.OK and status == "healthy" else f"{answer.status_code} {status}"


def main() -> int:
    from boost_collectors.core.settings import Settings

    problem = probe(sys.argv[1], Settings.load().health_check_token)
    sys.stderr.write(f"{problem}\n" if problem else "")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
