"""The links between the pages of a list: reading them, and refusing those that lead elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from requests.utils import parse_header_links


def parse_links(headers: Mapping[str, str]) -> dict[str, str]:
    """URL by relation (``next``, ``last``, …) of the Link header; empty when there is none."""
    value = headers.get("link") or ""
    found = parse_header_links(value) if value.strip() else []
    return {link["rel"]: link["url"] for link in found if link.get("rel") and link.get("url")}


def guarded_path(url: str, base_url: str) -> str:
    """Path and query, below the API's root, of an absolute URL of the API at ``base_url``.

    Raises ValueError for a URL that leads anywhere else: the token would go with it.
    """
    given, base = urlsplit(url), urlsplit(base_url)
    if not given.hostname:
        raise ValueError("pagination URL: missing host")
    if given.scheme != base.scheme:
        raise ValueError(f"pagination URL: only {base.scheme} is allowed, not {given.scheme or 'none'}")
    if _place(given) != _place(base) or given.username or given.password:
        raise ValueError(f"pagination URL: the host is outside {base.hostname}")
    root = base.path.rstrip("/")
    if not given.path.startswith(f"{root}/") or ".." in unquote(given.path).split("/"):
        raise ValueError(f"pagination URL: the path is outside {base_url}")
    path = given.path.removeprefix(root)
    return f"{path}?{given.query}" if given.query else path


def _place(parts: SplitResult) -> tuple[str | None, int | None]:
    return parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
