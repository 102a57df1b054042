"""The names of channel and message types: those of DiscordChatExporter, and for types it does not name, Discord's."""

from __future__ import annotations

CHANNEL_KINDS = {
    0: "GuildTextChat",
    2: "GuildVoiceChat",
    4: "GuildCategory",
    5: "GuildNews",
    10: "GuildNewsThread",
    11: "GuildPublicThread",
    12: "GuildPrivateThread",
    13: "GuildStageVoice",
    14: "GuildDirectory",
    15: "GuildForum",
    16: "GuildMedia",
}
TEXT_TYPES = frozenset({0, 5})
PRIVATE_THREAD_TYPES = frozenset({0})
"""Where threads may be private too."""
VOICE_TYPES = frozenset({2, 13})
FORUM_TYPES = frozenset({15, 16})
THREAD_TYPES = frozenset({10, 11, 12})
CATEGORY_TYPE = 4
THREAD_KINDS = frozenset(CHANNEL_KINDS[number] for number in THREAD_TYPES)
THREAD_CREATED = "ThreadCreated"

MESSAGE_KINDS = {
    0: "Default",
    1: "RecipientAdd",
    2: "RecipientRemove",
    3: "Call",
    4: "ChannelNameChange",
    5: "ChannelIconChange",
    6: "ChannelPinnedMessage",
    7: "GuildMemberJoin",
    8: "GuildBoost",
    9: "GuildBoostTier1",
    10: "GuildBoostTier2",
    11: "GuildBoostTier3",
    12: "ChannelFollowAdd",
    14: "GuildDiscoveryDisqualified",
    15: "GuildDiscoveryRequalified",
    16: "GuildDiscoveryGracePeriodInitialWarning",
    17: "GuildDiscoveryGracePeriodFinalWarning",
    18: THREAD_CREATED,
    19: "Reply",
    20: "ChatInputCommand",
    21: "ThreadStarterMessage",
    22: "GuildInviteReminder",
    23: "ContextMenuCommand",
    24: "AutoModerationAction",
    25: "RoleSubscriptionPurchase",
    26: "InteractionPremiumUpsell",
    27: "StageStart",
    28: "StageEnd",
    29: "StageSpeaker",
    31: "StageTopic",
    32: "GuildApplicationPremiumSubscription",
    36: "GuildIncidentAlertModeEnabled",
    37: "GuildIncidentAlertModeDisabled",
    38: "GuildIncidentReportRaid",
    39: "GuildIncidentReportFalseAlarm",
    44: "PurchaseNotification",
    46: "PollResult",
}


def message_kind(value: object) -> str:
    """The name of a message type given as number, as digits or as a name already; ``Default`` when not given."""
    if isinstance(value, str) and not value.isdigit():
        return value or MESSAGE_KINDS[0]
    number = int(value) if isinstance(value, int | str) else 0
    return MESSAGE_KINDS.get(number, str(number))


def channel_kind(value: object) -> str:
    """The name of a channel type given as number; the number as text when it is unknown."""
    return CHANNEL_KINDS.get(value, str(value)) if isinstance(value, int) else str(value or "")
