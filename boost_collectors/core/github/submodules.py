"""The submodules that a ``.gitmodules`` file names, as the earlier system read them."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from boost_collectors.core.errors import NotFoundError, SourceError
from boost_collectors.core.github.contents import Reader, get_file_content

logger = logging.getLogger(__name__)

KIND = "boost_org_module"
_RELATIVE_URL = re.compile(r"url\s*=\s*\.\./(?P<name>[^/\s]+?)(?:\.git)?/?")


def parse_submodules(text: str, default_owner: str | None = None) -> list[dict[str, str | None]]:
    """A record a submodule: ``repo_type``, ``owner`` and, for a URL ``../x.git``, ``repo_url`` and ``repo_name``."""
    records: list[dict[str, str | None]] = []
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("[submodule"):
            records.append({"repo_type": KIND, "owner": default_owner})
        found = _RELATIVE_URL.fullmatch(line)
        if found and records:
            name = found["name"]
            records[-1] |= {"repo_url": f"https://github.com/boostorg/{name}.git", "repo_name": name}
    return records


def get_submodules_from_file(path: Path | str, default_owner: str | None = None) -> list[dict[str, str | None]]:
    """The submodules of a file on disk; none for a file that is missing or cannot be read."""
    try:
        return parse_submodules(Path(path).read_text(encoding="utf-8"), default_owner)
    except (OSError, UnicodeError):
        return []


def get_submodules(
    client: Reader, owner: str, name: str, local_file: Path | str | None = None
) -> list[dict[str, str | None]]:
    """The submodules of a repository: of the local file if that has any, else of ``.gitmodules`` on GitHub.

    None when there is no such file; an unreachable or refusing GitHub raises as the client does.
    """
    local = get_submodules_from_file(local_file, owner) if local_file else []
    if local:
        return local
    try:
        content, _ = get_file_content(client, owner, name, ".gitmodules")
        return parse_submodules(content.decode("utf-8"), owner)
    except (NotFoundError, ValueError):
        return []
    except SourceError as error:
        logger.warning("The submodules of %s/%s cannot be read: %s", owner, name, error)
        return []
