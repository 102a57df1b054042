"""The index page, kept with what the site said about its version: an hourly run need not download it again."""

from __future__ import annotations

from pathlib import Path

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import SourceError
from boost_collectors.core.workspace import read_json, write_json
from boost_collectors.wg21_paper_tracker.source import Mailing, parse_index

SLUG = "wg21_paper_tracker"


def read_index(context: RunContext, url: str) -> list[Mailing]:
    """The mailings that the site lists. Raises SourceError when the page links none, and as the request does."""
    path = context.workspace.root / SLUG / "index.json"
    kept = _kept(path, url)
    response = context.http.get_if_changed(url, kept.get("etag"), kept.get("last_modified"))
    if response is None:
        return parse_index(kept["html"])
    mailings = parse_index(response.text)
    if not mailings:
        raise SourceError(f"{url} links no mailing at all")
    if not context.dry_run:
        etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
        write_json(path, {"url": url, "etag": etag, "last_modified": modified, "html": response.text})
    return mailings


def _kept(path: Path, url: str) -> dict[str, str]:
    # Page and validators are one file, so that a second worker's copy cannot vouch for an older page of ours.
    try:
        kept = read_json(path)
    except (OSError, ValueError):
        return {}
    whole = isinstance(kept, dict) and kept.get("url") == url and isinstance(kept.get("html"), str)
    return kept if whole else {}
