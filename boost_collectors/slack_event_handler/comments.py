"""Comments on pull requests, each exactly once, with the bot's own GitHub token."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.github import GitHubClient
from boost_collectors.core.github.contents import create_issue_comment, get_pull_request
from boost_collectors.core.utils.datetime_parsing import format_utc_z
from boost_collectors.slack_event_handler.kinds import pull_of
from boost_collectors.slack_event_handler.services import Job

CLOCKS_MAY_DIFFER = timedelta(hours=1)


class MissingTokenError(ConfigurationError, ValueError):
    """SLACK_PR_BOT_GITHUB_TOKEN is not set."""


def post_comment(context: RunContext, job: Job) -> Mapping[str, Any]:
    """Write the comment of a job unless it is there; its ``url``, and whether it was ``found``.

    The comment ends in an invisible mark of the job, which is looked for first. Raises NotFoundError for no such pull
    request, and what GitHubClient raises.
    """
    pull, mark = pull_of(job), marker(job)
    with github_client(context) as client:
        # The names that GitHub uses now: the pull request may be named by those of a repository that was renamed.
        full_name = get_pull_request(client, pull.owner, pull.repo, pull.number)["base"]["repo"]["full_name"]
        owner, repo = full_name.split("/", 1)
        comment = _find(client, owner, repo, pull.number, mark, job.created_at - CLOCKS_MAY_DIFFER)
        found = comment is not None
        if comment is None:
            body = f"{context.settings.slack_pr_bot_comment_template}\n\n{mark}"
            comment = create_issue_comment(client, owner, repo, pull.number, body)
    return {"url": comment.get("html_url"), "found": found}


def marker(job: Job) -> str:
    """What a job's comment is known by; browsers do not show it."""
    return f"<!-- slack-job:{hashlib.sha256(job.key.encode()).hexdigest()[:40]} -->"


def github_client(context: RunContext) -> GitHubClient:
    """A client that writes with SLACK_PR_BOT_GITHUB_TOKEN. Raises MissingTokenError, a ValueError."""
    token = context.settings.slack_pr_bot_github_token.strip()
    if not token:
        raise MissingTokenError("pull requests cannot be commented on: SLACK_PR_BOT_GITHUB_TOKEN is not set")
    settings = context.settings.model_copy(update={"github_token_write": token})
    return GitHubClient.from_settings(settings, context.database, "write", clock=context.clock, stop=context.stop)


def _find(
    client: GitHubClient, owner: str, repo: str, number: int, mark: str, since: datetime
) -> Mapping[str, Any] | None:
    path = f"/repos/{owner}/{repo}/issues/{number}/comments"
    for page in client.pages(path, params={"since": format_utc_z(since)}):
        for comment in page.data:
            if mark in (comment.get("body") or ""):
                return dict(comment)
    return None
