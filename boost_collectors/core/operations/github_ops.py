"""Files of a GitHub repository without a working tree: by the API where one is read, by one push where many change."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CollectorError, NotFoundError
from boost_collectors.core.github import contents, get_github_client
from boost_collectors.core.publishing import PublishTarget, publish

if TYPE_CHECKING:
    from boost_collectors.core.github import GitHubClient

logger = logging.getLogger(__name__)

_SKIPPED = "._"
"""How names of files begin that systems of Apple leave beside others."""

_DIRECTORY = """
query($owner: String!, $name: String!, $expression: String!) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    object(expression: $expression) { ... on Tree { entries { path type } } }
  }
}
"""


def fetch_file_content(
    owner: str, repo: str, path: str, ref: str | None = None, *, client: GitHubClient | None = None
) -> bytes:
    """A file's bytes. Raises RuntimeError without a client and a token to make one, and what reads raise."""
    with _using(client, "scraping") as reader:
        return contents.get_file_content(reader, owner, repo, path, ref)[0]


def upload_file(
    owner: str,
    repo: str,
    dest_path: str,
    local: Path | str,
    commit_message: str | None = None,
    branch: str = "main",
    *,
    client: GitHubClient | None = None,
) -> Any:
    """Create or replace one file by the API; its answer, or None, with an error in the log, when that failed.

    Raises RuntimeError without a client and a token to make one.
    """
    source = Path(local)
    message = commit_message or f"Add {source.name}"
    with _using(client, "write") as writer:
        try:
            content = base64.b64encode(source.read_bytes()).decode("ascii")
            sha = contents.get_file_sha(writer, owner, repo, dest_path, branch)
            return contents.create_or_update_file(writer, owner, repo, dest_path, content, message, branch, sha)
        except (CollectorError, OSError) as error:
            logger.error("%s/%s: %s was not uploaded: %s", owner, repo, dest_path, error)
            return None


def get_remote_tree(
    owner: str, repo: str, branch: str = "master", *, client: GitHubClient | None = None
) -> list[dict[str, Any]]:
    """All entries of a branch (``path``, ``type``, ``sha`` …); none, with an error in the log, when they cannot be had.

    GitHub lists at most 100,000; a warning says when there are more.
    """
    base = f"/repos/{quote(owner, safe='')}/{quote(repo, safe='')}/git"
    try:
        with _using(client, "scraping") as reader:
            head = reader.rest(f"{base}/ref/heads/{quote(branch)}").data["object"]["sha"]
            tree = reader.rest(f"{base}/commits/{head}").data["tree"]["sha"]
            listing = reader.rest(f"{base}/trees/{tree}", params={"recursive": "1"}).data
    except (CollectorError, RuntimeError, KeyError, TypeError) as error:
        logger.error("%s/%s: the tree of %s could not be listed: %s", owner, repo, branch, error)
        return []
    if listing.get("truncated"):
        logger.warning("%s/%s: the tree of %s is longer than GitHub lists", owner, repo, branch)
    return list(listing.get("tree") or ())


def list_remote_directory(
    owner: str, repo: str, branch: str, dir_path: str, *, client: GitHubClient | None = None
) -> list[str]:
    """The paths of a folder's files, not of those in its sub-folders, by one GraphQL query; none for no such folder.

    A listing that fails raises: taken for an empty folder it would leave old files for ever. Raises GraphQLError and
    what reads raise, NotFoundError for no such repository, RuntimeError without a client and a token to make one.
    """
    variables = {"owner": owner, "name": repo, "expression": f"{branch}:{dir_path.strip('/')}"}
    with _using(client, "scraping") as reader:
        repository = reader.graphql(_DIRECTORY, variables).get("repository")
    if repository is None:
        raise NotFoundError(f"{owner}/{repo} is not there or may not be seen")
    entries = (repository.get("object") or {}).get("entries") or ()
    return [entry["path"] for entry in entries if entry["type"] == "blob"]


def upload_folder_to_github(
    local_folder: Path | str,
    owner: str,
    repo: str,
    commit_message: str = "Upload files",
    branch: str = "main",
    *,
    context: RunContext,
    delete_paths: Iterable[str] | None = None,
    token: str | None = None,
) -> dict[str, Any]:
    """Every file below a folder, and removals, in one commit and one push.

    Never raises: ``{"success": bool, "message": str}``. Nothing to change, no commit; that is a success too.
    """
    folder = Path(local_folder)
    if not folder.is_dir():
        return {"success": False, "message": f"Not a directory: {folder}"}
    try:
        target = PublishTarget(owner, repo, branch)
        result = publish(context, target, _files(folder), message=commit_message, stale=delete_paths or (), token=token)
    except (CollectorError, OSError) as error:
        return {"success": False, "message": str(error)}
    return {"success": True, "message": f"Uploaded {result.files_changed} changed files to {target.key}"}


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(_SKIPPED):
            yield path.relative_to(folder).as_posix(), path


@contextmanager
def _using(client: GitHubClient | None, use: str) -> Iterator[GitHubClient]:
    """The given client, or one of our own that is closed after the block."""
    if client is not None:
        yield client
        return
    own = get_github_client(use)
    if own is None:
        raise RuntimeError(f"there is no GitHub client for {use}: no token is configured")
    with own:
        yield own
