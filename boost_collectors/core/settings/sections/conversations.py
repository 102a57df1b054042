"""Settings of the sources where people talk: mailing lists, papers, Slack, Discord, Reddit, YouTube."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from boost_collectors.core.settings.kinds import (
    PROJECT_ROOT,
    BaseUrl,
    Flag,
    FolderUrl,
    Gate,
    Ids,
    Instant,
    Integer,
    LenientClampedCount,
    LenientCount,
    LenientId,
    Location,
    LowerWords,
    Number,
    ProfileLocation,
    Section,
    Words,
    setting,
    to_words,
    variable_of,
)

logger = logging.getLogger(__name__)

SLACK_SCOPES = (0, 1)
"""0: huddle transcripts, 1: the pull-request bot."""


def in_workspace(*segments: str) -> Any:
    """A default below the workspace's folder."""

    def default(fields: dict[str, Any]) -> Path:
        return Path(fields["workspace_dir"], *segments)

    return default


def check_teams(teams: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    team = info.data.get("slack_team_id")
    if team and team not in teams:
        raise ValueError("must include SLACK_TEAM_ID")
    return teams


def only_listed_teams(values: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    teams = info.data.get("slack_team_ids", ())
    for team in values:
        if team not in teams:
            logger.warning("%s_%s has no effect: %s is not in SLACK_TEAM_IDS", variable_of(info)[:-1], team, team)
    return {team: value for team, value in values.items() if team in teams}


def to_scopes(values: Any, info: ValidationInfo) -> Any:
    """The scopes of every listed team; items other than 0 and 1 are dropped, and nothing left means both."""
    return {team: _scopes_of(values.get(team, "")) for team in info.data.get("slack_team_ids", ())}


def _scopes_of(value: Any) -> tuple[int, ...]:
    words = [str(word) for word in to_words(value)]
    return tuple(scope for scope in SLACK_SCOPES if str(scope) in words) or SLACK_SCOPES


TeamIds = Annotated[Words, AfterValidator(check_teams)]
TeamTokens = Annotated[dict[str, str], AfterValidator(only_listed_teams)]
TeamScopes = Annotated[dict[str, tuple[int, ...]], BeforeValidator(to_scopes)]


class MailAndPapersSection(Section):
    title: ClassVar[str] = "Mailing lists and WG21 papers"

    mailing_list_api_url: BaseUrl = setting(
        "https://lists.boost.org/archives/api", "Base URL of the mailing lists' HyperKitty API."
    )
    boost_mailing_lists: Words = setting(
        ("boost-announce@lists.boost.org", "boost-users@lists.boost.org", "boost@lists.boost.org"),
        "Comma-separated addresses of the mailing lists.",
    )
    mailing_list_parallel_downloads: Integer = setting(6, "Messages downloaded at a time.", ge=1, le=64)
    mailing_list_reread_days: Integer = setting(
        1, "Messages of the last days that are read again, as they may have been edited.", ge=0, le=3650
    )
    wg21_papers_url: FolderUrl = setting(
        "https://www.open-std.org/jtc1/sc22/wg21/docs/papers/", "Base URL of the committee's papers."
    )


class SlackSection(Section):
    title: ClassVar[str] = "Slack"

    slack_team_id: str = setting("", "The workspace meant where none is named.")
    slack_team_ids: TeamIds = setting(
        lambda fields: (fields["slack_team_id"],) if fields["slack_team_id"] else (),
        "Comma-separated ids of the workspaces.",
        shown="<SLACK_TEAM_ID>",
    )
    slack_bot_tokens: TeamTokens = setting(
        {}, "Bot token of the workspace <team>, xoxb-…", variable="SLACK_BOT_TOKEN_<team>", secret=True
    )
    slack_app_tokens: TeamTokens = setting(
        {}, "App token of the workspace <team>, xapp-…", variable="SLACK_APP_TOKEN_<team>", secret=True
    )
    slack_team_scopes: TeamScopes = setting(
        {},
        "What is done for the workspace <team>: 0 is huddle transcripts, 1 the pull-request bot.",
        variable="SLACK_TEAM_SCOPE_<team>",
        shown="0,1",
        validate_default=True,
    )
    allow_internal_slack_tokens: Gate = setting(
        False, "Whether session tokens of a browser may be used. Only the word true opens this."
    )
    slack_internal_tokens_json: Location = setting(
        in_workspace("slack_event_handler", "slack_internal_tokens.json"),
        "File of the session tokens.",
        shown="<WORKSPACE_DIR>/slack_event_handler/slack_internal_tokens.json",
    )
    chrome_profile_path: ProfileLocation = setting(
        in_workspace("slack_event_handler", "chrome_profile"),
        "Browser profile that is logged in to Slack.",
        shown="<WORKSPACE_DIR>/slack_event_handler/chrome_profile",
    )
    github_slack_huddle_repo_owner: str = setting("", "Owner of the repository for huddle notes.")
    github_slack_huddle_repo_name: str = setting("", "Name of that repository.")
    slack_pr_bot_team: str = setting("", "Workspace of the pull-request bot.")
    slack_pr_bot_github_token: str = setting("", "GitHub token of the pull-request bot.", secret=True)
    slack_pr_bot_channel_name: str = setting("slack-bot", "Channel the pull-request bot listens to.")
    slack_pr_bot_comment_template: str = setting(
        "Automated comment from Slack bot.", "Text of the pull-request bot's comments."
    )
    slack_pr_bot_comments_max_per_window: Integer = setting(5, "Comments the bot may write in one window.", ge=0)
    slack_pr_bot_comments_window_seconds: Integer = setting(3600, "Length of that window in seconds.", ge=1)
    channel_join_interval_minutes: LenientCount = setting(
        15, "Minutes between two looks for channels to join; a malformed number or less than 1 means the default."
    )
    channel_join_public_only: Flag = setting(True, "Whether the bot joins public channels only.")
    channel_allowlist: LowerWords = setting((), "Comma-separated channel names or ids; when set, no other is joined.")
    channel_blocklist: LowerWords = setting((), "Comma-separated channel names or ids that are never joined.")


class DiscordSection(Section):
    title: ClassVar[str] = "Discord"

    discord_token: str = setting("", "Bot token, preferred to the user token.", secret=True)
    discord_user_token: str = setting(
        "", "User token for the exporter, while session tokens are not allowed.", secret=True
    )
    discord_server_id: LenientId = setting(None, "Id of the server; anything but digits counts as not set.")
    discord_channel_ids: Ids = setting((), "Comma-separated ids of its channels; blank means all.")
    allow_internal_discord_tokens: Gate = setting(
        False, "Whether session tokens of a browser may be used. Only the word true opens this."
    )
    discord_internal_tokens_json: Location = setting(
        in_workspace("discord_activity_tracker", "discord_internal_tokens.json"),
        "File of the session tokens.",
        shown="<WORKSPACE_DIR>/discord_activity_tracker/discord_internal_tokens.json",
    )
    discord_chrome_profile_path: ProfileLocation = setting(
        in_workspace("discord_activity_tracker", "chrome_profile"),
        "Browser profile that is logged in to Discord.",
        shown="<WORKSPACE_DIR>/discord_activity_tracker/chrome_profile",
    )
    discord_context_repo_path: Location = setting(
        in_workspace("discord_activity_tracker", "discord-cplusplus-together-context"),
        "Clone that the server's days are written to.",
        shown="<WORKSPACE_DIR>/discord_activity_tracker/discord-cplusplus-together-context",
    )
    discord_context_auto_commit: Flag = setting(False, "Whether what was written there is committed.")
    discord_chat_exporter_cli: str | None = setting(None, "Exporter program.")
    discord_chat_exporter_dotnet_dll: str | None = setting(
        None, "Exporter library, run by DISCORD_CHAT_EXPORTER_DOTNET."
    )
    discord_chat_exporter_dotnet: str | None = setting(None, "The .NET runtime that runs the library.")
    discord_chat_exporter_parallel: Integer = setting(1, "Channels exported at a time.", ge=1)
    discord_chat_exporter_include_vc: Flag = setting(False, "Whether voice channels are exported too.")
    discord_chat_exporter_macos_clear_quarantine: Flag = setting(
        False, "Whether macOS's quarantine mark is taken off the exporter."
    )
    discord_chat_exporter_sequential_export: Flag = setting(
        sys.platform == "darwin", "Whether channels are exported one by one.", shown="true on macOS, else false"
    )
    dotnet_gcconservememory: str = setting(
        "9", "Handed to the exporter unless set.", variable="DOTNET_GCConserveMemory"
    )
    dotnet_gchighmempercent: str = setting(
        "50", "Handed to the exporter unless set.", variable="DOTNET_GCHighMemPercent"
    )
    dotnet_system_globalization_invariant: str = setting("1", "Handed to the exporter unless set.")


class RedditSection(Section):
    title: ClassVar[str] = "Reddit"

    reddit_user_agent: str = setting("", "User agent of requests to Reddit, which insists on one.")
    reddit_client_id: str = setting("", "Id of the application; with its secret the preferred way in.", secret=True)
    reddit_client_secret: str = setting("", "Secret of the application.", secret=True)
    reddit_bearer_token: str = setting("", "Bearer token, used when there is no application.", secret=True)
    reddit_session_cookie: str = setting("", "Session cookie, used when there is neither.", secret=True)
    reddit_csrf_token: str = setting("", "CSRF token that goes with the cookie.", secret=True)
    request_interval: Number = setting(1.0, "Seconds between two requests to Reddit.", ge=0)
    rate_limit_low_watermark: Number = setting(2.0, "Requests left at which the Reddit collector waits.", ge=0)
    reddit_default_lookback_days: Integer = setting(30, "Days the first run reads.", ge=1)


class YouTubeSection(Section):
    title: ClassVar[str] = "YouTube"

    youtube_api_key: str = setting("", "Key of the YouTube Data API.", secret=True)
    youtube_default_published_after: Instant = setting(
        "", "ISO date or date-time where the first run starts; blank means 2015-01-01."
    )
    youtube_cookies_file: Location = setting(
        PROJECT_ROOT / "youtube_cookies.txt", "Cookies for fetching transcripts.", shown="youtube_cookies.txt"
    )
    youtube_max_query_pairs: LenientClampedCount = setting(
        30, "Searches in one run; less than 1 means 1, a malformed number the default."
    )
