"""Publishing files to a branch of a GitHub repository by one commit and one push.

    result = publish(
        context,
        PublishTarget("cppalliance", "boost-activity", "master"),
        {"boost/issues/2024/2024-03/#7 - Typo.md": b"# #7 - Typo [Open]\\n"},
        stale=["boost/issues/2024/2024-03/#7 - Tpyo.md"],
        message="chore: update Boost issues/PRs markdown",
    )

Nothing to change, no commit. A branch that moved meanwhile gets the same changes on top of its new head. The token
travels in the environment of git alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import CommandError, TransientError
from boost_collectors.core.git import GitCredentials
from boost_collectors.core.locks import hold
from boost_collectors.core.publish_clone import BranchMoved, Content, PublishClone, Signature, failing_as
from boost_collectors.core.publish_paths import PublishTarget

__all__ = ["Content", "Files", "PublishResult", "PublishTarget", "Stale", "publish"]

WORKSPACE = "publish"
"""Folder of the workspace that holds the clones, one per target."""

ATTEMPTS = 5
"""How often a commit is put on a new head before the run leaves it to the next one."""

Files = Mapping[str, Content] | Iterable[tuple[str, Content]]
"""Path in the repository and content: bytes, or the path of a file to copy. An iterable is read once, as it comes."""

Stale = Iterable[str] | Callable[[Iterator[str]], Iterable[str]]
"""Paths to remove, or what chooses them from the paths that the branch has. Given files are never removed."""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """``commit``: the branch's new head, None if there was nothing to change. ``files_changed``: removed ones too."""

    commit: str | None = None
    files_changed: int = 0


def publish(
    context: RunContext,
    target: PublishTarget,
    files: Files,
    *,
    message: str,
    stale: Stale = (),
    token: str | None = None,
    create_branch: bool = False,
) -> PublishResult:
    """Bring files to the target's branch, and take stale ones away.

    The repository must have the branch, unless it is empty: then this makes it. With ``create_branch`` a missing one
    begins at the default branch. Author and committer are those of the settings, and so is the token unless another
    one is given. ``stale`` is asked before the first file is read. Raises CommandError for what needs a person (names,
    token, rights), NetworkError, TransientError or RateLimited for what a later try may bring, AlreadyRunning when
    another run publishes to the target.
    """
    clone = _clone(context, target, token, create_branch)
    with hold(context.database, WORKSPACE, [target.key]):
        clone.prepare()
        head = clone.fetch_head()
        gone = stale(clone.paths(head)) if callable(stale) else stale
        given = files.items() if isinstance(files, Mapping) else files
        by = _signature(context)
        commit = clone.commit(head, given, gone, message, by)
        if commit is None and clone.begins_branch:
            commit = head
        return _pushed(clone, head, commit, message, by)


def _pushed(clone: PublishClone, head: str | None, commit: str | None, message: str, by: Signature) -> PublishResult:
    for _ in range(ATTEMPTS):
        if commit is None:
            return PublishResult()
        try:
            clone.push(commit)
            return PublishResult(commit, clone.changed(commit, head))
        except BranchMoved:
            moved = clone.fetch_head()
            commit, head = clone.reapply(commit, head, moved, message, by), moved
    raise TransientError(f"Git push failed: the branch moved {ATTEMPTS} times while it was being published to")


def _clone(context: RunContext, target: PublishTarget, token: str | None, create_branch: bool) -> PublishClone:
    settings = context.settings
    token = token or settings.github_token_write
    if not token:
        raise CommandError("No write token: set GITHUB_TOKEN_WRITE or GITHUB_TOKEN")
    base = settings.github_git_url.rstrip("/")
    with failing_as("Could not prepare clone"):
        folder = context.workspace.path(WORKSPACE, target.owner, target.repo) / _folder_name(target.branch)
    url = f"{base}/{target.owner}/{target.repo}.git"
    credentials = GitCredentials(f"{urlsplit(base).scheme}://{urlsplit(base).netloc}", token)
    return PublishClone(folder, url, target.branch, credentials, context.stop, create_branch=create_branch)


def _folder_name(branch: str) -> str:
    # A branch may hold slashes, and two may differ in case alone.
    return hashlib.sha256(branch.encode()).hexdigest()[:16] + ".git"


def _signature(context: RunContext) -> Signature:
    settings = context.settings
    return Signature(settings.git_author_name, settings.git_author_email, context.clock())
