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
    if not teams:
        return values  # tokens without any workspace named: the commands say so
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

    slack_api_url: FolderUrl = setting("https://slack.com/api/", "Base URL of Slack's Web API.")
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
    slack_history_page_size: Integer = setting(
        999, "Messages asked for at a time; 15 for an app that Slack limits to that.", ge=1, le=999
    )
    slack_history_calls_per_minute: Integer = setting(
        50, "Calls of history and of replies in any minute, each; 1 for an app that Slack limits to that.", ge=1
    )
    slack_reread_days: Integer = setting(
        30, "Messages and threads of the last days that are read again for edits and deletions.", ge=0, le=36500
    )
    slack_reread_hours: Integer = setting(
        20, "Hours before they are read again; the newest page of a channel is read by every run.", ge=0
    )
    slack_reread_pages: Integer = setting(
        1, "Pages of a channel's older messages that are read again with them, in turn.", ge=0
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
    slack_pr_bot_team: str = setting(
        "", "GitHub organisation whose pull requests the bot comments on; blank means any."
    )
    slack_pr_bot_github_token: str = setting("", "GitHub token of the pull-request bot.", secret=True)
    slack_pr_bot_channel_name: str = setting("slack-bot", "Channel the pull-request bot listens to.")
    slack_pr_bot_comment_template: str = setting(
        "Automated comment from Slack bot.", "Text of the pull-request bot's comments."
    )
    slack_pr_bot_comments_max_per_window: Integer = setting(5, "Comments the bot may write in one window.", ge=0)
    slack_pr_bot_comments_window_seconds: Integer = setting(3600, "Length of that window in seconds.", ge=1)
    slack_huddle_delay_seconds: Integer = setting(
        30, "Seconds between the notes of a huddle and their collection: Slack goes on writing for a while.", ge=0
    )
    slack_events_workers: Integer = setting(2, "Jobs of the event handler that are done at a time.", ge=1, le=32)
    slack_events_lease_seconds: Integer = setting(
        120, "Seconds after which a job counts as abandoned when its worker gives no sign of life.", ge=1
    )
    slack_events_max_attempts: Integer = setting(8, "Failures after which a job is given up.", ge=1, le=50)
    slack_events_keep_days: Integer = setting(30, "Days that events, finished jobs and huddle files are kept.", ge=1)
    channel_join_interval_minutes: LenientCount = setting(
        15, "Minutes between two looks for channels to join; a malformed number or less than 1 means the default."
    )
    channel_join_public_only: Flag = setting(True, "Whether the bot joins public channels only.")
    channel_allowlist: LowerWords = setting((), "Comma-separated channel names or ids; when set, no other is joined.")
    channel_blocklist: LowerWords = setting((), "Comma-separated channel names or ids that are never joined.")


class DiscordSection(Section):
    title: ClassVar[str] = "Discord"

    discord_api_url: BaseUrl = setting("https://discord.com/api/v10", "Base URL of Discord's API.")
    discord_token: str = setting("", "Bot token.", secret=True)
    discord_user_token: str = setting("", "Ignored: Discord's terms allow bot tokens only.", secret=True)
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
    discord_reread_days: Integer = setting(
        30, "Days back to which messages are read again once a day, for edits, reactions and deletions.", ge=0, le=3650
    )
    discord_context_repo_path: Location = setting(
        in_workspace("discord_activity_tracker", "discord-cplusplus-together-context"),
        "Clone that the server's days are written to.",
        shown="<WORKSPACE_DIR>/discord_activity_tracker/discord-cplusplus-together-context",
    )
    discord_context_auto_commit: Flag = setting(False, "Whether what was written there is committed and pushed.")
    discord_chat_exporter_cli: str | None = setting(None, "Ignored: no exporter is run any more.")
    discord_chat_exporter_dotnet_dll: str | None = setting(None, "Ignored: no exporter is run any more.")
    discord_chat_exporter_dotnet: str | None = setting(None, "Ignored: no exporter is run any more.")
    discord_chat_exporter_parallel: Integer = setting(1, "Ignored: no exporter is run any more.", ge=1)
    discord_chat_exporter_include_vc: Flag = setting(False, "Whether the text of voice channels is read too.")
    discord_chat_exporter_macos_clear_quarantine: Flag = setting(False, "Ignored: no exporter is run any more.")
    discord_chat_exporter_sequential_export: Flag = setting(
        sys.platform == "darwin", "Ignored: no exporter is run any more.", shown="true on macOS, else false"
    )
    dotnet_gcconservememory: str = setting(
        "9", "Ignored: no exporter is run any more.", variable="DOTNET_GCConserveMemory"
    )
    dotnet_gchighmempercent: str = setting(
        "50", "Ignored: no exporter is run any more.", variable="DOTNET_GCHighMemPercent"
    )
    dotnet_system_globalization_invariant: str = setting("1", "Ignored: no exporter is run any more.")


class RedditSection(Section):
    title: ClassVar[str] = "Reddit"

    reddit_user_agent: str = setting("", "User agent of requests to Reddit, which insists on one.")
    reddit_client_id: str = setting("", "Id of the application; with its secret the preferred way in.", secret=True)
    reddit_client_secret: str = setting("", "Secret of the application.", secret=True)
    reddit_bearer_token: str = setting("", "Bearer token, used when there is no application.", secret=True)
    reddit_session_cookie: str = setting("", "Session cookie, used when there is neither.", secret=True)
    reddit_csrf_token: str = setting("", "CSRF token that goes with the cookie.", secret=True)
    request_interval: Number = setting(1.0, "Earlier name of REDDIT_REQUEST_INTERVAL.", ge=0)
    rate_limit_low_watermark: Number = setting(2.0, "Earlier name of REDDIT_RATE_LIMIT_LOW_WATERMARK.", ge=0)
    reddit_request_interval: Number = setting(
        lambda fields: fields["request_interval"],
        "Seconds between two requests to Reddit.",
        shown="<REQUEST_INTERVAL>",
        ge=0,
    )
    reddit_rate_limit_low_watermark: Number = setting(
        lambda fields: fields["rate_limit_low_watermark"],
        "Requests left at which the Reddit collector waits.",
        shown="<RATE_LIMIT_LOW_WATERMARK>",
        ge=0,
    )
    reddit_default_lookback_days: Integer = setting(30, "Days the first run reads.", ge=1)
    reddit_url: BaseUrl = setting("https://www.reddit.com", "Base URL of Reddit's site, which issues tokens.")
    reddit_oauth_url: BaseUrl = setting("https://oauth.reddit.com", "Base URL of Reddit's API.")
    reddit_subreddits: Words = setting(("cpp",), "Comma-separated names of the subreddits.")
    reddit_keywords: LowerWords = setting(
        (),
        "Comma-separated words; when set, only submissions and comments with one of them are kept, and comments on "
        "such submissions.",
    )
    reddit_read_profiles: Flag = setting(
        True, "Whether the profile of an author seen for the first time is asked for, one request each."
    )
    reddit_reread_days: Integer = setting(
        7,
        "Submissions and comments of the last days that are read again for scores, edits and removals.",
        ge=0,
        le=3650,
    )
    reddit_reread_hours: Integer = setting(20, "Hours before they are read again.", ge=0)
    reddit_reread_requests: Integer = setting(
        100, "Requests of one run for reading them again, of 100 items each; the next run goes on where it ended.", ge=1
    )


class YouTubeSection(Section):
    title: ClassVar[str] = "YouTube"

    youtube_api_key: str = setting("", "Key of the YouTube Data API.", secret=True)
    youtube_api_url: BaseUrl = setting("https://www.googleapis.com/youtube/v3", "Base URL of the YouTube Data API.")
    youtube_url: BaseUrl = setting("https://www.youtube.com", "Base URL of YouTube itself, which has the transcripts.")
    youtube_channels: Words = setting(
        (
            "CppCon=UCMlGfpWw-RUdWX_JbLCukXg",
            "Meeting C++=UCX9pk4YzHFcl3MsHIYBlEKg",
            "C++Now=UCEfngwe09zvd9KAL33YJSQQ",
            "Jason Turner=UCXTpTQHR7li1_HkUyAIUjkQ",
            "TheCherno=UCQ-W1KE9EYfdxhL6S4twUNw",
            "Bo Qian=UCEqgmyWChwmqyRdmnsS24Zw",
        ),
        "Comma-separated channels whose uploads are read, each as <title>=<id>.",
    )
    youtube_channel_words: LowerWords = setting(
        ("c++", "cpp"),
        "Of a channel's uploads, those with one of these in their title, description, tags or channel title are kept.",
    )
    youtube_searches: Words = setting(
        (
            *("Bjarne Stroustrup C++", "Herb Sutter C++", "Scott Meyers C++", "Andrei Alexandrescu C++"),
            *("Nicolai Josuttis C++", "Chandler Carruth C++", "Kate Gregory C++", "Jason Turner C++"),
            *("Sean Parent C++", "Jonathan Boccara C++", "C++ programming", "C++ tutorial", "C++ advanced"),
            *("modern C++", "C++20", "C++23", "C++ templates", "C++ STL", "C++ best practices", "C++ performance"),
            "Boost C++",
        ),
        "Comma-separated searches over all of YouTube.",
    )
    youtube_default_published_after: Instant = setting(
        "", "ISO date or date-time where the first run starts; blank means 2015-01-01."
    )
    youtube_cookies_file: Location = setting(
        PROJECT_ROOT / "youtube_cookies.txt", "Cookies for fetching transcripts.", shown="youtube_cookies.txt"
    )
    youtube_max_query_pairs: LenientClampedCount = setting(
        30, "Channels and searches in one run; less than 1 means 1, a malformed number the default."
    )
    youtube_daily_quota: Integer = setting(10_000, "Units of the Data API that the project may use a day.", ge=1)
    youtube_quota_reserve: Integer = setting(500, "Units of them that are left for others.", ge=0)
    youtube_request_interval: Number = setting(0.5, "Seconds between two requests to the Data API.", ge=0)
    youtube_reread_hours: Integer = setting(
        20, "Hours before a stored video is read again, for its statistics, edits and deletion.", ge=0
    )
    youtube_search_hours: Integer = setting(
        12, "Hours before a search is made again; a task that is repeated does not spend its units twice.", ge=0
    )
    youtube_reread_days: Integer = setting(
        7, "Days back that a search reads again, and days between two readings of all uploads of a channel.", ge=0
    )
    youtube_transcript_interval: Number = setting(2.0, "Seconds between the transcripts of two videos.", ge=0)
    youtube_transcripts_per_run: Integer = setting(
        200, "Transcripts asked for in one run; YouTube blocks who asks for many.", ge=0
    )
    youtube_block_hours: Integer = setting(
        6,
        "Hours without asking for transcripts after YouTube refused one; doubled each time, up to eight times that.",
        ge=1,
    )


class PeopleSection(Section):
    title: ClassVar[str] = "People"

    identity_merge_score: Number = setting(
        0.99, "From this probability on, profiles are merged into one person by themselves.", ge=0.5, le=1
    )
    identity_proposal_score: Number = setting(
        0.7, "From this probability on, two people are proposed to be one; below it nothing is done.", ge=0, le=1
    )
