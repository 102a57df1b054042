"""The service's own answers, kept for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from boost_collectors.core.workspace import Workspace, safe_name, write_atomic


class RawArchive:
    """``<raw root>/boost_mailing_list_tracker/<list>/<id>.json``: the answer as it came, pretty-printed.

    A later answer that differs (an edit at the archive) stands beside the first as ``<id>.<n>.json``; nothing is ever
    overwritten.
    """

    def __init__(self, workspace: Workspace, list_name: str) -> None:
        self._workspace, self._list = workspace, list_name

    def save(self, msg_id: str, payload: Mapping[str, Any]) -> None:
        """Keep the answer unless the newest one kept is the same."""
        folder = self._workspace.raw_path("boost_mailing_list_tracker", safe_name(self._list))
        text = _pretty(payload)
        name, version = safe_name(msg_id or "unknown"), 1
        path = newest = folder / f"{name}.json"
        while path.exists():
            newest, version = path, version + 1
            path = folder / f"{name}.{version}.json"
        if newest == path or newest.read_text(encoding="utf-8") != text:
            write_atomic(path, text)


def _pretty(payload: Mapping[str, Any]) -> str:
    text = json.dumps(payload, ensure_ascii=False, indent=2)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can spell
        return json.dumps(payload, indent=2)
    return text
