"""People and their accounts, and what was decided about which accounts are one person's."""

from boost_collectors.cppa_user_tracker.models.merging import (
    DecisionKind,
    IdentityDecision,
    IdentityDecisionPart,
    IdentityProposal,
)
from boost_collectors.cppa_user_tracker.models.profiles import (
    BaseProfile,
    DiscordProfile,
    Email,
    GithubAccount,
    GithubAccountType,
    Identity,
    MailingListProfile,
    ProfileType,
    RedditUser,
    SlackUser,
    TempProfileIdentityRelation,
    TmpIdentity,
    WG21PaperAuthorProfile,
    YoutubeSpeaker,
)

__all__ = [
    "BaseProfile",
    "DecisionKind",
    "DiscordProfile",
    "Email",
    "GithubAccount",
    "GithubAccountType",
    "Identity",
    "IdentityDecision",
    "IdentityDecisionPart",
    "IdentityProposal",
    "MailingListProfile",
    "ProfileType",
    "RedditUser",
    "SlackUser",
    "TempProfileIdentityRelation",
    "TmpIdentity",
    "WG21PaperAuthorProfile",
    "YoutubeSpeaker",
]
