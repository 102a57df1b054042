"""Cloning, pulling and pushing with a working tree.

A token travels in the environment of git alone, to GitHub's host alone: it is on no command line, in no clone's
configuration and in no error.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from boost_collectors.core.git import NETWORK_TIMEOUT, Git, GitCredentials, without_credentials
from boost_collectors.core.github.tokens import get_github_token
from boost_collectors.core.settings import Settings

PathLike = Path | str


def clone_repo(
    url_or_slug: str,
    dest_dir: PathLike,
    *,
    token: str | None = None,
    depth: int | None = None,
    settings: Settings | None = None,
) -> None:
    """Clone ``owner/name`` or a URL into a folder. The clone remembers the URL without any login.

    ``token`` is a reading one by default. Raises what ``Git.run`` raises, ValueError when no token is configured.
    """
    settings = settings or Settings.load()
    url = url_or_slug if "://" in url_or_slug else f"{settings.github_git_url.rstrip('/')}/{url_or_slug}"
    url = url if url.endswith(".git") else f"{url.rstrip('/')}.git"
    plain, credentials = _access(url, token, "scraping", settings)
    shallow = [f"--depth={depth}"] if depth else []
    git = Git(credentials=credentials, machine_config=True)
    git.run("clone", "--quiet", *shallow, "--", plain, str(dest_dir), timeout=NETWORK_TIMEOUT)


def push(
    repo_dir: PathLike,
    remote: str = "origin",
    branch: str | None = None,
    *,
    commit_message: str | None = None,
    add_paths: Sequence[PathLike] | None = None,
    token: str | None = None,
    git_user_name: str | None = None,
    git_user_email: str | None = None,
    settings: Settings | None = None,
) -> None:
    """Stage ``add_paths`` (everything by default), commit if that changed anything, and push.

    The given name and address are author's and committer's of this commit only. Raises what ``Git.run`` raises.
    """
    folder = Path(repo_dir)
    local = Git(folder, machine_config=True)
    local.run("add", "--all", *(("--", *map(str, add_paths)) if add_paths else ()))
    if not local.succeeds("diff", "--cached", "--quiet"):
        message = commit_message or f"Auto commit in {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        local.run(*_identity(git_user_name, git_user_email), "commit", "--quiet", "--no-gpg-sign", "-m", message)
    url, network = _remote(folder, remote, token, settings)
    network.run("push", "--quiet", url, branch or "HEAD", timeout=NETWORK_TIMEOUT)


def pull(
    repo_dir: PathLike,
    branch: str | None = None,
    *,
    remote: str = "origin",
    token: str | None = None,
    settings: Settings | None = None,
) -> None:
    """Check the branch out, if one is given, and bring it forward to the remote's. Raises what ``Git.run`` raises."""
    folder = Path(repo_dir)
    local = Git(folder)
    if branch:
        local.run("checkout", "--quiet", branch, "--")
    current = branch or local.run("symbolic-ref", "--short", "HEAD").decode().strip()
    url, network = _remote(folder, remote, token, settings)
    network.run("pull", "--quiet", "--ff-only", url, current, timeout=NETWORK_TIMEOUT)


def prepare_repo_for_pull(
    repo_dir: PathLike, *, remote: str = "origin", token: str | None = None, settings: Settings | None = None
) -> None:
    """Fetch all branches (those that are gone vanish here too) and drop what is not committed."""
    folder = Path(repo_dir)
    url, network = _remote(folder, remote, token, settings)
    heads = f"+refs/heads/*:refs/remotes/{remote}/*"
    network.run("fetch", "--quiet", "--prune", url, heads, timeout=NETWORK_TIMEOUT)
    local = Git(folder)
    local.run("clean", "--quiet", "-ffd")
    local.run("reset", "--quiet", "--hard")


def _identity(name: str | None, email: str | None) -> list[str]:
    given = {"user.name": name, "user.email": email}
    return [part for key, value in given.items() if value for part in ("-c", f"{key}={value}")]


def _remote(folder: Path, remote: str, token: str | None, settings: Settings | None) -> tuple[str, Git]:
    """The remote's URL without a login that an earlier version may have left there, and a git that may go there."""
    stored = Git(folder).run("remote", "get-url", "--push", "--", remote).decode().strip()
    url, credentials = _access(stored, token, "push", settings or Settings.load())
    return url, Git(folder, credentials=credentials, machine_config=True)


def _access(url: str, token: str | None, use: str, settings: Settings) -> tuple[str, GitCredentials | None]:
    plain, given = without_credentials(url)
    host = _host(settings.github_git_url)
    if _host(plain) != host:
        return plain, given
    return plain, GitCredentials(host, token or get_github_token(use, settings))


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
