"""What collectors may ask of the identity hub: the only writers of its tables.

``ensure_…`` functions take any number of accounts and answer with profile ids, in a handful of statements however many
they are; ``get_or_create_…`` functions do the same for one and answer with the row. Both may be called again and again,
and from many processes at once: an account gets one profile. The session comes first and is never committed here.
"""

from boost_collectors.cppa_user_tracker.services.chat import (
    SeenDiscordProfile,
    SlackUserPayload,
    SlackUserProfile,
    ensure_discord_profiles,
    ensure_slack_users,
    get_or_create_discord_profile,
    get_or_create_slack_user,
)
from boost_collectors.cppa_user_tracker.services.decisions import (
    Decision,
    accept_profiles,
    accept_proposal,
    decisions,
    reject_profiles,
    reject_proposal,
    undo_decision,
)
from boost_collectors.cppa_user_tracker.services.emails import (
    add_email,
    ensure_email,
    ensure_emails,
    find_email,
    remove_email,
    update_email,
)
from boost_collectors.cppa_user_tracker.services.github import (
    SeenGithubAccount,
    account_from_address,
    ensure_git_authors,
    ensure_github_accounts,
    ensure_unknown_github_accounts,
    get_github_account_by_username,
    get_or_create_github_account,
    get_or_create_owner_account,
    get_or_create_unknown_github_account,
    github_logins,
    store_github_accounts,
)
from boost_collectors.cppa_user_tracker.services.grouping import group
from boost_collectors.cppa_user_tracker.services.identities import (
    add_temp_profile_identity_relation,
    create_identity,
    create_tmp_identity,
    get_or_create_identity,
    remove_temp_profile_identity_relation,
)
from boost_collectors.cppa_user_tracker.services.media import (
    FetchRedditProfile,
    SeenRedditUser,
    ensure_reddit_users,
    ensure_youtube_speakers,
    get_or_create_reddit_user,
    get_or_create_youtube_speaker,
    is_reddit_nobody,
    known_reddit_users,
    resolve_reddit_user_from_author_data,
    with_reddit_profile,
)
from boost_collectors.cppa_user_tracker.services.merging import (
    last_decision,
    lock_identities,
    still_valid,
    write_merges,
)
from boost_collectors.cppa_user_tracker.services.names import (
    ensure_mailing_list_profiles,
    ensure_wg21_author_profiles,
    get_mailing_list_profile_by_id,
    get_mailing_list_profiles_by_ids,
    get_or_create_mailing_list_profile,
    get_or_create_wg21_paper_author_profile,
)
from boost_collectors.cppa_user_tracker.services.planning import planned_merges, planned_proposals
from boost_collectors.cppa_user_tracker.services.proposals import (
    Proposal,
    count_waiting_proposals,
    replace_proposals,
    waiting_proposals,
)
from boost_collectors.cppa_user_tracker.services.shown import ShownProfile, shown_profiles
from boost_collectors.cppa_user_tracker.services.workbench import batches, opened

__all__ = [
    "Decision",
    "FetchRedditProfile",
    "Proposal",
    "SeenDiscordProfile",
    "SeenGithubAccount",
    "SeenRedditUser",
    "ShownProfile",
    "SlackUserPayload",
    "SlackUserProfile",
    "accept_profiles",
    "accept_proposal",
    "account_from_address",
    "add_email",
    "add_temp_profile_identity_relation",
    "batches",
    "count_waiting_proposals",
    "create_identity",
    "create_tmp_identity",
    "decisions",
    "ensure_discord_profiles",
    "ensure_email",
    "ensure_emails",
    "ensure_git_authors",
    "ensure_github_accounts",
    "ensure_mailing_list_profiles",
    "ensure_reddit_users",
    "ensure_slack_users",
    "ensure_unknown_github_accounts",
    "ensure_wg21_author_profiles",
    "ensure_youtube_speakers",
    "find_email",
    "get_github_account_by_username",
    "get_mailing_list_profile_by_id",
    "get_mailing_list_profiles_by_ids",
    "get_or_create_discord_profile",
    "get_or_create_github_account",
    "get_or_create_identity",
    "get_or_create_mailing_list_profile",
    "get_or_create_owner_account",
    "get_or_create_reddit_user",
    "get_or_create_slack_user",
    "get_or_create_unknown_github_account",
    "get_or_create_wg21_paper_author_profile",
    "get_or_create_youtube_speaker",
    "github_logins",
    "group",
    "is_reddit_nobody",
    "known_reddit_users",
    "last_decision",
    "lock_identities",
    "opened",
    "planned_merges",
    "planned_proposals",
    "reject_profiles",
    "reject_proposal",
    "remove_email",
    "remove_temp_profile_identity_relation",
    "replace_proposals",
    "resolve_reddit_user_from_author_data",
    "shown_profiles",
    "still_valid",
    "store_github_accounts",
    "undo_decision",
    "update_email",
    "waiting_proposals",
    "with_reddit_profile",
    "write_merges",
]
