"""The notes of a huddle: fetched with a session, written as Markdown, published to a repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from boost_collectors.core.adapters import SlackWebApiAdapter
from boost_collectors.core.context import RunContext
from boost_collectors.core.errors import AuthenticationError, ConfigurationError, SourceError, TransientError
from boost_collectors.core.operations.file_ops import sanitize_filename, write_text
from boost_collectors.core.operations.huddles import (
    PACIFIC,
    HuddleNotes,
    generate_transcript_from_json,
    parse_html_summary,
    write_huddle_transcript_md,
)
from boost_collectors.core.publishing import PublishTarget, publish
from boost_collectors.core.workspace import safe_name, write_json
from boost_collectors.slack_event_handler.access import Workspace, checked
from boost_collectors.slack_event_handler.services import Job
from boost_collectors.slack_event_handler.sessions import load_session

SLUG = "slack_event_handler"
FOLDER = "slack_huddles"
"""Folder of the repository that the pages are published to."""

_PAGE = "huddle_summary.html"
_NOT_READY = frozenset({"file_not_found", "file_not_ready"})


def publish_huddle(workspace: Workspace, job: Job) -> Mapping[str, Any]:
    """Fetch, write and publish the notes of a job; the ``github_url`` of the page.

    Done twice it publishes nothing the second time. What was fetched stays in ``data/<file>/`` of the workspace for a
    while. Raises ConfigurationError for what is not set, and what Slack's API, the download and publishing raise.
    """
    context, file_id = workspace.context, str(job.payload["file"])
    target = publish_target(context)
    answer = transcript(workspace, file_id)
    folder = context.workspace.path(SLUG, "data", safe_name(file_id))
    write_json(folder / "result.json", answer)
    file = answer.get("file") or {}
    html = _download(workspace, file)
    write_text(folder / sanitize_filename(str(file.get("name") or _PAGE)), html)
    page = write_huddle_transcript_md(folder, _notes(workspace, job, html, answer))
    if page is None:
        raise TransientError(f"the notes of {file_id} cannot be written to {folder}")
    path = f"{FOLDER}/{page.name}"
    publish(context, target, {path: page}, message=f"Add huddle transcript: {page.name}")
    return {"github_url": f"https://github.com/{target.owner}/{target.repo}/blob/{target.branch}/{path}"}


def publish_target(context: RunContext) -> PublishTarget:
    """The branch that pages are published to. Raises ConfigurationError naming the settings when they are not set."""
    settings = context.settings
    owner, name = settings.github_slack_huddle_repo_owner, settings.github_slack_huddle_repo_name
    if not owner or not name:
        raise ConfigurationError(
            "huddles are published nowhere: set GITHUB_SLACK_HUDDLE_REPO_OWNER and GITHUB_SLACK_HUDDLE_REPO_NAME"
        )
    return PublishTarget(owner, name, settings.github_default_branch)


def transcript(workspace: Workspace, file_id: str) -> Mapping[str, Any]:
    """``files.info`` of the notes, with what was said.

    A session that is refused is read anew once: somebody may have renewed it. Raises AuthenticationError when it is
    refused still, TransientError for notes that are not there yet, SourceError for any other refusal.
    """
    session = load_session(workspace.context, workspace.team_id)
    try:
        return _ask(workspace, session.token, session.cookie, file_id)
    except AuthenticationError as error:
        renewed = load_session(workspace.context, workspace.team_id)
        if renewed == session:
            path = workspace.context.settings.slack_internal_tokens_json
            raise AuthenticationError(
                f"{error}; the session of {workspace.team_id} in {path} must be renewed"
            ) from None
        try:
            return _ask(workspace, renewed.token, renewed.cookie, file_id)
        except AuthenticationError as again:
            raise AuthenticationError(f"the session of {workspace.team_id} is still invalid: {again}") from None


def _ask(workspace: Workspace, token: str, cookie: str, file_id: str) -> Mapping[str, Any]:
    context = workspace.context
    api = SlackWebApiAdapter.from_settings(
        context.settings, token, stop=context.stop, clock=context.clock, cookie=f"d={cookie}"
    )
    answer = api.files_info_with_transcript(file_id)
    if answer.get("error") in _NOT_READY:
        raise TransientError(f"Slack has no notes {file_id} yet: {answer['error']}")
    return checked(answer)


def _download(workspace: Workspace, file: Mapping[str, Any]) -> str:
    """The page of the notes. The bot's token is sent to Slack and nowhere else."""
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if not url:
        raise SourceError("Slack names no address of the notes")
    if not _is_slacks(url, workspace.context.settings.slack_api_url):
        raise SourceError(f"the notes are at {urlsplit(url).hostname}, which is not Slack's")
    return workspace.context.http.get(url, headers={"Authorization": f"Bearer {workspace.bot_token}"}).text


def _is_slacks(url: str, api_url: str) -> bool:
    asked, api = urlsplit(url), urlsplit(api_url)
    if (asked.scheme, asked.netloc) == (api.scheme, api.netloc):
        return True
    return asked.scheme == "https" and (asked.hostname or "").endswith((".slack.com", ".slack-files.com"))


def _notes(workspace: Workspace, job: Job, html: str, answer: Mapping[str, Any]) -> HuddleNotes:
    told = parse_html_summary(html, today=_day(job))
    said = generate_transcript_from_json(answer)
    people = dict.fromkeys([*told["attendee_ids"], *(entry["user_id"] for entry in said)])
    channel = told["channel_id"]
    return HuddleNotes(
        html=html,
        channel_id=channel,
        channel=_channel_name(workspace, channel) if channel else "huddle",
        datetime=told["datetime_formatted"],
        attendee_ids=told["attendee_ids"],
        transcript=said,
        names=_names(workspace, people),
    )


def _day(job: Job) -> Any:
    """The day of the message, so that a repeated job makes the same page."""
    try:
        moment = datetime.fromtimestamp(float(job.payload["ts"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        moment = job.created_at
    return moment.astimezone(PACIFIC).date()


def _channel_name(workspace: Workspace, channel_id: str) -> str:
    channel = workspace.api.conversations_info(channel_id).get("channel") or {}
    return str(channel.get("name") or channel_id)


def _names(workspace: Workspace, user_ids: Iterable[str]) -> dict[str, str]:
    return {user_id: _name(workspace, user_id) for user_id in user_ids}


def _name(workspace: Workspace, user_id: str) -> str:
    user = workspace.api.users_info(user_id).get("user") or {}
    profile = user.get("profile") or {}
    named = (profile.get("display_name"), user.get("real_name"), user.get("name"))
    return next((str(name) for name in named if name), user_id)
