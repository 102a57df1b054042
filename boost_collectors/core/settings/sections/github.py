"""Settings of the GitHub family and of what is published to GitHub."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator

from boost_collectors.core.settings.kinds import (
    BaseUrl,
    Flag,
    FolderUrl,
    Integer,
    LenientNumber,
    Location,
    Number,
    Section,
    Words,
    setting,
)

Tokens = Annotated[Words, AfterValidator(lambda tokens: tuple(dict.fromkeys(tokens)))]


class GitHubSection(Section):
    title: ClassVar[str] = "GitHub"

    github_token: str = setting("", "Token for reading and writing where no other is set.", secret=True)
    github_tokens_scraping: Tokens = setting(
        lambda fields: (fields["github_token"],) if fields["github_token"] else (),
        "Comma-separated tokens for reading, used in turn.",
        shown="<GITHUB_TOKEN>",
        secret=True,
    )
    github_token_write: str = setting(
        lambda fields: fields["github_token"],
        "Token for pushing to publish repositories, issues and comments.",
        shown="<GITHUB_TOKEN>",
        secret=True,
    )
    github_app_id: str = setting("", "App id (or client id) of a GitHub App that reads; blank means none.")
    github_app_private_key: str = setting(
        "", "Private key of that app in PEM form; \\n stands for a new line.", secret=True
    )
    github_app_pem_file: Location | None = setting(
        None, "File with that private key, when GITHUB_APP_PRIVATE_KEY is blank."
    )
    github_app_installation_id: Integer | None = setting(None, "Installation of that app whose quota is used.", ge=1)
    github_quota_reserve: Integer = setting(
        50,
        "Points that reading leaves untouched in each bucket of each token's owner, a tenth of the bucket at most.",
        ge=0,
    )
    github_api_url: BaseUrl = setting(
        "https://api.github.com", "Base URL of the GitHub API; of GitHub Enterprise https://<host>/api/v3."
    )
    github_git_url: BaseUrl = setting("https://github.com", "Base URL of GitHub repositories for git.")
    github_default_branch: str = setting("main", "Branch of the repository for Slack huddle notes.")
    github_sweep_days: int = setting(
        14,
        "Days until all issues and pull requests of a repository are compared with GitHub's to find deletions.",
        ge=1,
    )
    github_etag_redis_url: str = setting(
        "redis://localhost:6379/1",
        "Accepted from older .env files, without effect: ETags are stored in the project database.",
        secret=True,
    )
    git_author_name: str = setting("unknown", "Author name of published commits.")
    git_author_email: str = setting("unknown@noreply.github.com", "Author address of published commits.")


class BoostGitHubSection(Section):
    title: ClassVar[str] = "Boost on GitHub"

    boost_github_owner: str = setting("boostorg", "GitHub owner of the Boost repositories.")
    boost_library_tracker_repo_owner: str = setting(
        "", "Owner of the repository that issues and pull requests are published to; blank means no publishing."
    )
    boost_library_tracker_repo_name: str = setting("", "Name of that repository; blank means no publishing.")
    boost_library_tracker_repo_branch: str = setting("master", "Branch of that repository.")
    boost_library_usage_dashboard_publish_owner: str = setting(
        "", "Owner of the repository that the dashboard is published to; blank means no publishing."
    )
    boost_library_usage_dashboard_publish_repo: str = setting("", "Name of that repository; blank means no publishing.")
    boost_library_usage_dashboard_publish_branch: str = setting("", "Branch of that repository.")
    repo_count_languages: Words = setting((), "Comma-separated languages whose new repositories are counted by year.")
    boost_dashboard_activity_derivation_weight: LenientNumber = setting(
        0.4, "Weight of derivation in a library's activity score; a malformed number means the default."
    )
    boost_dashboard_activity_trend_weight: LenientNumber = setting(
        0.3, "Weight of the trend in that score; a malformed number means the default."
    )
    boost_dashboard_activity_momentum_weight: LenientNumber = setting(
        0.3, "Weight of momentum in that score; a malformed number means the default."
    )


class BoostDocsSection(Section):
    title: ClassVar[str] = "Boost documentation"

    boost_docs_url: FolderUrl = setting(
        "https://www.boost.org/doc/libs/", "Base URL of the documentation, a folder per release below it."
    )
    boost_docs_crawl_delay_seconds: Number = setting(0.3, "Pause after each page that is read from there.", ge=0)
    boost_archives_url: FolderUrl = setting(
        "https://archives.boost.io/release/", "Base URL of the release archives, with their checksums."
    )
    boost_archives_mirror_url: FolderUrl = setting(
        "https://downloads.sourceforge.net/project/boost/boost/", "Where else whole release archives are."
    )


class ClangGitHubSection(Section):
    title: ClassVar[str] = "Clang on GitHub"

    clang_github_owner: str = setting("llvm", "GitHub owner of the Clang repository.")
    clang_github_repo: str = setting("llvm-project", "Name of the Clang repository.")
    clang_github_context_repo_owner: str = setting(
        "", "Owner of the repository that Clang activity is published to; blank means no publishing."
    )
    clang_github_context_repo_name: str = setting("", "Name of that repository; blank means no publishing.")
    clang_github_context_repo_branch: str = setting("", "Branch of that repository.")


class Wg21DispatchSection(Section):
    title: ClassVar[str] = "WG21 papers: notice to GitHub"

    wg21_github_dispatch_enabled: Flag = setting(
        False, "Whether new papers start a GitHub workflow; needs the repository and the token."
    )
    wg21_github_dispatch_repo: str = setting("", "Repository of that workflow, as owner/name.")
    wg21_github_dispatch_token: str = setting("", "Token that may start it.", secret=True)
    wg21_github_dispatch_event_type: str = setting("wg21_papers_convert", "Event type the workflow listens to.")
