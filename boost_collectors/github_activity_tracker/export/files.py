"""Writing archived issues and pull requests as Markdown files into a folder."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from boost_collectors.core.context import utc_now
from boost_collectors.core.operations.file_ops import write_text
from boost_collectors.core.operations.markdown import issue_json_to_md, pr_json_to_md
from boost_collectors.core.workspace import Workspace, read_json
from boost_collectors.github_activity_tracker.conversion import time_of
from boost_collectors.github_activity_tracker.export.paths import FOLDERS, file_name, item_path, number_prefix
from boost_collectors.github_activity_tracker.export.stale import detect_stale_titled_paths
from boost_collectors.github_activity_tracker.models import ExportKind
from boost_collectors.github_activity_tracker.normalize import pull_request_for_markdown
from boost_collectors.github_activity_tracker.workspace_paths import get_raw_source_issue_path, get_raw_source_pr_path

logger = logging.getLogger(__name__)

INFO = {ExportKind.ISSUE: "issue_info", ExportKind.PULL_REQUEST: "pr_info"}
"""The key of an item's own fields in its nested form."""


def render(kind: ExportKind, data: Mapping[str, Any]) -> str:
    """The Markdown page of an item in nested form."""
    return issue_json_to_md(data) if kind is ExportKind.ISSUE else pr_json_to_md(pull_request_for_markdown(data))


def write_md_files(
    owner: str,
    repo: str,
    issue_numbers: Iterable[int],
    pr_numbers: Iterable[int],
    output_dir: Path | str,
    folder_prefix: str = "",
    *,
    workspace: Workspace | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> dict[str, str]:
    """Write the pages of archived items; returns ``{path in the tree, with slashes: absolute path of the file}``.

    A number whose archive file is missing or damaged, or whose page cannot be written, is left out with a warning.
    Files of an earlier title go away. An item without a time of creation stays in the folder it is in already, else it
    goes to that of ``clock``.
    """
    base = Path(output_dir)
    wanted = [(ExportKind.ISSUE, get_raw_source_issue_path, number) for number in dict.fromkeys(issue_numbers)]
    wanted += [(ExportKind.PULL_REQUEST, get_raw_source_pr_path, number) for number in dict.fromkeys(pr_numbers)]
    written: dict[str, str] = {}
    for kind, archived_at, number in wanted:
        try:
            data = _nested(kind, read_json(archived_at(owner, repo, number, workspace=workspace)))
            path = _path(kind, number, data, base, folder_prefix, clock)
            written[path] = str(write_text(base / path, render(kind, data)))
        except (OSError, ValueError) as error:
            logger.warning("%s/%s: %s %d has no Markdown file: %s", owner, repo, kind.value, number, error)
    for path in detect_stale_titled_paths(base, written):
        (base / path).unlink(missing_ok=True)
    return written


def _nested(kind: ExportKind, data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ValueError("the archived file holds no object")
    nested = isinstance(data.get(INFO[kind]), Mapping)
    return data if nested else {**data, INFO[kind]: data}


def _path(
    kind: ExportKind,
    number: int,
    data: Mapping[str, Any],
    base: Path,
    prefix: str,
    clock: Callable[[], datetime],
) -> str:
    info = data[INFO[kind]]
    title, created = str(info.get("title") or ""), info.get("created_at")
    moment = time_of(created) if isinstance(created, str) else None
    if moment is not None:
        return item_path(kind, number, title, moment, prefix)
    present = next(_present(base / prefix / FOLDERS[kind], file_name(kind, number, title)), None)
    if present is not None:
        return present.relative_to(base).as_posix()
    return item_path(kind, number, title, clock(), prefix)


def _present(folder: Path, name: str) -> Iterator[Path]:
    """Where a file of the same number is, under its new name."""
    for path in sorted(folder.glob("*/*/*.md")):
        if number_prefix(path.name) == number_prefix(name):
            yield path.with_name(name)
