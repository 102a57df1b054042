"""Archived issues and pull requests as documents for the vector store."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boost_collectors.core.operations.markdown import issue_json_to_md, pr_json_to_md
from boost_collectors.github_activity_tracker.conversion import time_of
from boost_collectors.github_activity_tracker.normalize import pull_request_for_markdown

logger = logging.getLogger(__name__)

Document = dict[str, Any]
"""``content``: the text; ``metadata``: what is searched by."""


def build_issue_document(path: Path | str, data: Mapping[str, Any], repo: str) -> Document | None:
    """The document of an issue in nested form; None when it has no details, no ``html_url`` or no text.

    ``path`` is the file it was read from; ``repo`` the repository's name without its owner.
    """
    info = _info(path, data, "issue_info")
    found = None if info is None else _document(info, "issue", repo, issue_json_to_md(data))
    if info is not None and found is not None:
        found["metadata"]["state_reason"] = _word(info.get("state_reason"))
    return found


def build_pr_document(path: Path | str, data: Mapping[str, Any], repo: str) -> Document | None:
    """The document of a pull request in nested form, as ``build_issue_document``; without ``state_reason``."""
    info = _info(path, data, "pr_info")
    return None if info is None else _document(info, "pr", repo, pr_json_to_md(pull_request_for_markdown(data)))


def _info(path: Path | str, data: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    info = data.get(name)
    if isinstance(info, Mapping):
        return info
    logger.warning("%s gives no document: its %s is no object", path, name)
    return None


def _document(info: Mapping[str, Any], kind: str, repo: str, markdown: str) -> Document | None:
    url = str(info.get("html_url") or "").strip()
    content = markdown.strip()
    if not url or not content:
        return None
    number = _number(info.get("number"))
    user = info.get("user")
    return {
        "content": content,
        "metadata": {
            "doc_id": url,
            "url": url,
            "source_ids": f"{repo}:{kind}:{number}",
            "type": kind,
            "number": number,
            "title": str(info.get("title") or "").strip(),
            "author": str(user.get("login") or "") if isinstance(user, Mapping) else "",
            "state": _word(info.get("state")),
            "created_at": _seconds(info.get("created_at")),
            "updated_at": _seconds(info.get("updated_at")),
            "closed_at": _seconds(info.get("closed_at")),
            "repo_name": repo,
        },
    }


def _number(value: object) -> int:
    try:
        return int(value) if isinstance(value, int | str) else -1
    except ValueError:
        return -1


def _word(value: object) -> str:
    return str(value or "").strip().lower()


def _seconds(value: object) -> float:
    moment = time_of(value) if isinstance(value, str) else None
    return moment.timestamp() if moment else 0.0
