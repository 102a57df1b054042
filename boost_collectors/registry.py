"""Every command by name. Reading this imports no collector; ``CommandSpec.load`` does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.errors import CommandError

_PREPROCESSOR = re.compile(r"--preprocessor[ =](?:boost_collectors\.)?(\w+)\.")

_SPECS = (
    CommandSpec(
        name="run_boost_github_activity_tracker",
        target="boost_collectors.github_activity_tracker.collector:BoostGithubActivityCommand",
        help="Collect commits, issues, pull requests and accounts of the Boost repositories from git and GitHub's API.",
        pool="git",
        tables=(
            "github_activity_tracker_githubrepository",
            "github_activity_tracker_githubrepository_licenses",
            "github_activity_tracker_language",
            "github_activity_tracker_license",
            "github_activity_tracker_repolanguage",
            "github_activity_tracker_gitcommit",
            "github_activity_tracker_githubfile",
            "github_activity_tracker_gitcommitfilechange",
            "github_activity_tracker_issue",
            "github_activity_tracker_issue_assignees",
            "github_activity_tracker_issuecomment",
            "github_activity_tracker_issuelabel",
            "github_activity_tracker_pullrequest",
            "github_activity_tracker_pullrequest_assignees",
            "github_activity_tracker_pullrequestcomment",
            "github_activity_tracker_pullrequestlabel",
            "github_activity_tracker_pullrequestreview",
            "github_activity_tracker_pullrequestthread",
            "github_activity_tracker_pullrequestverdict",
        ),
        window_column="github_activity_tracker_gitcommit.committed_at",
        mapped=True,
    ),
    CommandSpec(
        name="run_clang_github_tracker",
        target="boost_collectors.clang_github_tracker.collector:ClangGithubCommand",
        help="Collect commits, issues and pull requests of the LLVM project from git and GitHub's API.",
        pool="git",
        tables=(
            "clang_github_tracker_commit",
            "clang_github_tracker_issue_item",
            "github_activity_tracker_githubrepository",
            "github_activity_tracker_issue",
            "github_activity_tracker_issuecomment",
            "github_activity_tracker_issuelabel",
            "github_activity_tracker_pullrequest",
            "github_activity_tracker_pullrequest_assignees",
            "github_activity_tracker_pullrequestlabel",
            "github_activity_tracker_pullrequestreview",
            "github_activity_tracker_pullrequestthread",
            "github_activity_tracker_pullrequestverdict",
        ),
        window_column="clang_github_tracker_commit.committed_at",
    ),
    CommandSpec(
        name="run_boost_library_docs_tracker",
        target="boost_collectors.boost_library_docs_tracker.collector:BoostLibraryDocsCommand",
        help="Collect the documentation pages of the Boost libraries by release, as Markdown.",
        pool="boost_docs",
        tables=(
            "boost_library_docs_tracker_boostdoccontent",
            "boost_library_docs_tracker_boostlibrarydocumentation",
        ),
        history=False,
        mapped=True,
    ),
    CommandSpec(
        name="run_boost_usage_tracker",
        target="boost_collectors.boost_usage_tracker.collector:BoostUsageCommand",
        help="Find the public repositories that use Boost, and which of their files include which header.",
        pool="github_search",
        tables=(
            "boost_usage_tracker_boostexternalrepository",
            "boost_usage_tracker_boostusage",
            "boost_usage_tracker_boostmissingheadertmp",
            "boost_usage_tracker_boostdeclaration",
            "github_activity_tracker_githubrepository",
            "github_activity_tracker_githubfile",
        ),
        window_column="github_activity_tracker_githubrepository.repo_pushed_at",
        mapped=True,
    ),
    CommandSpec(
        name="collect_boost_libraries",
        target="boost_collectors.boost_library_tracker.collector:BoostLibrariesCommand",
        help="Collect libraries, headers, dependencies, authors and maintainers of every Boost release from git.",
        pool="git",
        tables=(
            "boost_library_tracker_boostlibraryrepository",
            "boost_library_tracker_boostlibrary",
            "boost_library_tracker_boostfile",
            "boost_library_tracker_boostversion",
            "boost_library_tracker_boostlibraryversion",
            "boost_library_tracker_boostdependency",
            "boost_library_tracker_dependencychangelog",
            "boost_library_tracker_boostlibrarycategory",
            "boost_library_tracker_boostlibrarycategoryrelationship",
            "boost_library_tracker_boostlibraryrolerelationship",
        ),
        window_column="boost_library_tracker_boostversion.version_created_at",
        mapped=True,
    ),
    CommandSpec(
        name="run_update_created_repos_by_language",
        target="boost_collectors.boost_usage_tracker.created_repos:CreatedReposCommand",
        help="Count the repositories created at GitHub in each year, by language.",
        pool="github_search",
        tables=("github_activity_tracker_createdreposbylanguage",),
        history=False,
    ),
    CommandSpec(
        name="run_boost_library_usage_dashboard",
        target="boost_collectors.boost_library_usage_dashboard.collector:DashboardCommand",
        help="Write the dashboard of who uses which Boost library, and publish it.",
        reads=(
            "boost_library_tracker_boostdependency",
            "boost_library_tracker_boostfile",
            "boost_library_tracker_boostlibrary",
            "boost_library_tracker_boostlibraryversion",
            "boost_library_tracker_boostversion",
            "boost_usage_tracker_boostexternalrepository",
            "boost_usage_tracker_boostusage",
            "cppa_user_tracker_identity",
            "github_activity_tracker_createdreposbylanguage",
            "github_activity_tracker_gitcommit",
            "github_activity_tracker_gitcommitfilechange",
            "github_activity_tracker_githubfile",
            "github_activity_tracker_githubrepository",
            "github_activity_tracker_language",
        ),
        history=False,
    ),
    CommandSpec(
        name="run_boost_mailing_list_tracker",
        target="boost_collectors.boost_mailing_list_tracker.collector:BoostMailingListCommand",
        help="Collect the messages of the Boost mailing lists from their HyperKitty archives.",
        pool="mailing_list",
        tables=("boost_mailing_list_tracker_mailinglistmessage", "boost_mailing_list_tracker_messagelist"),
        window_column="boost_mailing_list_tracker_mailinglistmessage.sent_at",
        replay="boost_collectors.boost_mailing_list_tracker.rebuild:rebuild",
    ),
    CommandSpec(
        name="run_cppa_slack_tracker",
        target="boost_collectors.cppa_slack_tracker.collector:SlackTrackerCommand",
        help="Collect members, channels and messages of Slack workspaces.",
        pool="slack",
        tables=(
            "cppa_slack_tracker_slackteam",
            "cppa_slack_tracker_slackchannel",
            "cppa_slack_tracker_slackmessage",
            "cppa_slack_tracker_slackreaction",
            "cppa_slack_tracker_slackfile",
            "cppa_slack_tracker_slackchannelmembership",
            "cppa_slack_tracker_slackchannelmembershipchangelog",
        ),
        window_column="cppa_slack_tracker_slackmessage.slack_message_created_at",
    ),
    CommandSpec(
        name="run_slack_event_handler",
        target="boost_collectors.slack_event_handler.collector:SlackEventHandlerCommand",
        help="Listen to Slack: publish huddle notes, comment on pull requests. A service of its own.",
        collects=False,
    ),
    CommandSpec(
        name="run_wg21_paper_tracker",
        target="boost_collectors.wg21_paper_tracker.collector:Wg21PaperCommand",
        help="Collect the mailings and papers of the C++ committee (WG21) from open-std.org.",
        pool="wg21",
        tables=(
            "wg21_paper_tracker_wg21mailing",
            "wg21_paper_tracker_wg21paper",
            "wg21_paper_tracker_wg21paperauthor",
        ),
        window_column="wg21_paper_tracker_wg21mailing.mailing_date",
    ),
    CommandSpec(
        name="run_discord_activity_tracker",
        target="boost_collectors.discord_activity_tracker.collector:DiscordActivityCommand",
        help="Collect the channels, threads and messages of the Discord server with a bot token.",
        pool="discord",
        tables=(
            "discord_activity_tracker_discordserver",
            "discord_activity_tracker_discordchannel",
            "discord_activity_tracker_discordmessage",
            "discord_activity_tracker_discordreaction",
        ),
        window_column="discord_activity_tracker_discordmessage.message_created_at",
        replay="boost_collectors.discord_activity_tracker.rebuild:rebuild",
        requires=("DISCORD_TOKEN|DISCORD_USER_TOKEN", "DISCORD_SERVER_ID"),
    ),
    CommandSpec(
        name="run_cppa_youtube_script_tracker",
        target="boost_collectors.cppa_youtube_script_tracker.collector:YoutubeTrackerCommand",
        help="Collect videos about C++ from YouTube: statistics, speakers, tags and transcripts.",
        pool="youtube",
        tables=(
            "cppa_youtube_script_tracker_youtubechannel",
            "cppa_youtube_script_tracker_youtubevideo",
            "cppa_youtube_script_tracker_youtubevideospeaker",
            "cppa_youtube_script_tracker_cppatags",
            "cppa_youtube_script_tracker_youtubevideotags",
        ),
        window_column="cppa_youtube_script_tracker_youtubevideo.published_at",
        requires=("YOUTUBE_API_KEY",),
    ),
    CommandSpec(
        name="run_reddit_activity_tracker",
        target="boost_collectors.reddit_activity_tracker.collector:RedditActivityCommand",
        help="Collect the submissions of subreddits with their whole trees of comments.",
        pool="reddit",
        tables=("reddit_activity_tracker_redditsubmission", "reddit_activity_tracker_redditcomment"),
        window_column="reddit_activity_tracker_redditcomment.written_at",
        replay="boost_collectors.reddit_activity_tracker.rebuild:rebuild",
        requires=("REDDIT_USER_AGENT", "REDDIT_CLIENT_ID|REDDIT_BEARER_TOKEN|REDDIT_SESSION_COOKIE"),
    ),
    CommandSpec(
        name="backfill_discord_activity_tracker",
        target="boost_collectors.discord_activity_tracker.backfill:DiscordBackfillCommand",
        help="Import DiscordChatExporter's JSON files from the drop folder.",
        collects=False,
    ),
    CommandSpec(
        name="import_wg21_metadata_from_csv",
        target="boost_collectors.wg21_paper_tracker.csv_import:ImportWg21MetadataCommand",
        help="Import WG21 paper metadata from a CSV file.",
        collects=False,
    ),
    CommandSpec(
        name="backfill_300_file_commits",
        target="boost_collectors.github_activity_tracker.file_backfill:Backfill300FileCommitsCommand",
        help="Complete the files of commits that GitHub's API had cut off at 300.",
        collects=False,
    ),
    CommandSpec(
        name="backfill_file_renames",
        target="boost_collectors.github_activity_tracker.rename_backfill:BackfillFileRenamesCommand",
        help="Link renamed files to their former paths, out of archived commits.",
        collects=False,
    ),
    CommandSpec(
        name="backfill_clang_github_tracker",
        target="boost_collectors.clang_github_tracker.backfill:BackfillClangCommand",
        help="Fill the Clang tracker's tables from archived files.",
        collects=False,
    ),
    CommandSpec(
        name="check_new_boost_release",
        target="boost_collectors.boost_library_tracker.release_command:CheckNewBoostReleaseCommand",
        help="Exit with 0 if Boost has a release that is not stored, 1 if not, 2 if that cannot be told.",
        collects=False,
    ),
    CommandSpec(
        name="import_boost_dependencies",
        target="boost_collectors.boost_library_tracker.dependency_import:ImportBoostDependenciesCommand",
        help="Import which Boost library needs which, of chosen releases.",
        collects=False,
    ),
    CommandSpec(
        name="fill_boost_files",
        target="boost_collectors.boost_library_tracker.file_fill:FillBoostFilesCommand",
        help="Give the files of Boost repositories with one library to it.",
        collects=False,
    ),
    CommandSpec(
        name="import_boost_file_from_csv",
        target="boost_collectors.boost_library_tracker.file_csv:ImportBoostFileFromCsvCommand",
        help="Import from a CSV file which Boost library a file belongs to.",
        collects=False,
    ),
    CommandSpec(
        name="run_update_db",
        target="boost_collectors.boost_usage_tracker.update_db:UpdateDbCommand",
        help="Import repositories, files and usages of Boost from CSV files, and GitHub accounts from JSON files.",
        collects=False,
    ),
    CommandSpec(
        name="migrate_workspace_layout",
        target="boost_collectors.github_activity_tracker.layout:MigrateWorkspaceLayoutCommand",
        help="Move staged GitHub files of the oldest layout to where they are looked for now.",
        collects=False,
    ),
    CommandSpec(
        name="run_cppa_pinecone_sync",
        target="boost_collectors.cppa_pinecone_sync.collector:PineconeSyncCommand",
        help="Bring one kind of documents into the vector index, as far as they changed.",
        pool="pinecone",
        requires=("PINECONE_API_KEY|PINECONE_PRIVATE_API_KEY|VECTOR_STORE=local",),
        collects=False,
    ),
    CommandSpec(
        name="sync_cppa_slack_documents",
        target="boost_collectors.cppa_slack_tracker.document_sync:SlackDocumentsCommand",
        help="Bring the conversations of every stored Slack workspace into the vector index, as far as they changed.",
        pool="pinecone",
        reads=(
            "cppa_slack_tracker_slackteam",
            "cppa_slack_tracker_slackchannel",
            "cppa_slack_tracker_slackmessage",
        ),
        requires=("PINECONE_API_KEY|VECTOR_STORE=local",),
        collects=False,
    ),
    CommandSpec(
        name="sync_boost_library_documents",
        target="boost_collectors.boost_library_docs_tracker.document_sync:LibraryDocumentsCommand",
        help="Bring the documentation of the Boost libraries into the vector index, as far as it changed.",
        pool="pinecone",
        reads=("boost_library_docs_tracker_boostdoccontent", "boost_library_docs_tracker_boostlibrarydocumentation"),
        requires=("PINECONE_API_KEY|VECTOR_STORE=local",),
        collects=False,
    ),
    CommandSpec(
        name="audit_pinecone_sync",
        target="boost_collectors.cppa_pinecone_sync.audit:PineconeAuditCommand",
        help="Compare a namespace of the vector index with the ledger of what was sent.",
        pool="pinecone",
        requires=("PINECONE_API_KEY|PINECONE_PRIVATE_API_KEY|VECTOR_STORE=local",),
        collects=False,
    ),
    CommandSpec(
        name="search",
        target="boost_collectors.cppa_pinecone_sync.search_command:SearchCommand",
        help="Search the documents in the vector index by meaning and by words.",
        collects=False,
    ),
    CommandSpec(
        name="run_cppa_user_tracker",
        target="boost_collectors.cppa_user_tracker.collector:UserTrackerCommand",
        help="Find out which profiles are one person's: merge what is certain, propose what is likely.",
        tables=(
            "cppa_user_tracker_identity",
            "cppa_user_tracker_tmpidentity",
            "cppa_user_tracker_tempprofileidentityrelation",
            "cppa_user_tracker_identityproposal",
            "cppa_user_tracker_identitydecision",
            "cppa_user_tracker_identitydecisionpart",
        ),
        history=False,
        remote=False,
    ),
    CommandSpec(
        name="list_identity_proposals",
        target="boost_collectors.cppa_user_tracker.maintenance:ListIdentityProposalsCommand",
        help="Show which people may be one, and why.",
        collects=False,
    ),
    CommandSpec(
        name="accept_identity_proposal",
        target="boost_collectors.cppa_user_tracker.maintenance:AcceptIdentityProposalCommand",
        help="Decide that people are one.",
        collects=False,
    ),
    CommandSpec(
        name="reject_identity_proposal",
        target="boost_collectors.cppa_user_tracker.maintenance:RejectIdentityProposalCommand",
        help="Decide that people are not one, for good.",
        collects=False,
    ),
    CommandSpec(
        name="list_identity_decisions",
        target="boost_collectors.cppa_user_tracker.maintenance:ListIdentityDecisionsCommand",
        help="Show who decided what about people, when and why.",
        collects=False,
    ),
    CommandSpec(
        name="undo_identity_decision",
        target="boost_collectors.cppa_user_tracker.maintenance:UndoIdentityDecisionCommand",
        help="Take a decision about people back, and restore what was before.",
        collects=False,
    ),
    CommandSpec(
        name="run_scheduled_collectors",
        target="boost_collectors.runner.command:RunScheduledCollectorsCommand",
        help="Run the tasks of the schedule file that are due.",
        collects=False,
    ),
    CommandSpec(
        name="send_startup_notification",
        target="boost_collectors.runner.startup_notice:SendStartupNotificationCommand",
        help="Tell the configured Slack and Discord webhooks that the stack was started, and in what state it is.",
        collects=False,
    ),
    CommandSpec(
        name="backup",
        target="boost_collectors.core.backups.commands:BackupCommand",
        help="Back up the project database, and prove it by restoring it into a scratch database.",
        collects=False,
    ),
    CommandSpec(
        name="restore",
        target="boost_collectors.core.backups.commands:RestoreCommand",
        help="Restore the project database, and the workspace, from a backup.",
        collects=False,
    ),
    CommandSpec(
        name="cleanup_workspace_orphans",
        target="boost_collectors.core.workspace_orphans.command:CleanupWorkspaceOrphansCommand",
        help="List or delete temporary and broken files that killed processes left in the workspace.",
        collects=False,
    ),
    CommandSpec(
        name="replay",
        target="boost_collectors.runner.replay:ReplayCommand",
        help="Make a collector's rows anew from the answers that its source gave, without asking the source.",
        collects=False,
    ),
    CommandSpec(
        name="startcollector",
        target="boost_collectors.scaffold.command:StartCollectorCommand",
        help="Make a new collector with all its files, tables, sandbox, documentation and tests.",
        collects=False,
    ),
    CommandSpec(
        name="migrate",
        target="boost_collectors.core.database.commands:MigrateCommand",
        help="Bring the project database to the newest schema.",
        collects=False,
    ),
    CommandSpec(
        name="adopt",
        target="boost_collectors.core.database.commands:AdoptCommand",
        help="Take over a database of the earlier system: check it, stamp it, add what is new.",
        collects=False,
    ),
    CommandSpec(
        name="grant_roles",
        target="boost_collectors.core.database.commands:GrantRolesCommand",
        help="Give a role that collects, and one that only reads, the least that they need.",
        collects=False,
    ),
)

COMMANDS: dict[str, CommandSpec] = {spec.name: spec for spec in _SPECS}


def find(name: str) -> CommandSpec:
    """The command of that name. Raises CommandError with the nearest name when there is none."""
    spec = COMMANDS.get(name)
    if spec is None:
        near = get_close_matches(name, COMMANDS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise CommandError(f"Unknown command: {name!r}{hint}")
    return spec


def tables_read(spec: CommandSpec, arguments: Sequence[str] = ()) -> tuple[str, ...]:
    """What a call works on: its ``reads``, or what the collector fills whose ``--preprocessor`` the arguments name."""
    if spec.reads:
        return spec.reads
    match = _PREPROCESSOR.search(" ".join(arguments))
    if match is None:
        return ()
    folder = f"boost_collectors.{match[1]}."
    owned = (table for each in _SPECS if each.target.startswith(folder) for table in each.tables)
    return tuple(dict.fromkeys(table for table in owned if table.startswith(f"{match[1]}_")))
