"""Notices to people, by Slack's and Discord's webhooks."""

from boost_collectors.core.notices.courier import Courier
from boost_collectors.core.notices.notice import Notice
from boost_collectors.core.notices.webhooks import (
    DeliveryFailed,
    DiscordWebhook,
    SlackWebhook,
    Webhook,
    configured_webhooks,
    post_discord,
    post_slack,
    tell,
)

__all__ = [
    "Courier",
    "DeliveryFailed",
    "DiscordWebhook",
    "Notice",
    "SlackWebhook",
    "Webhook",
    "configured_webhooks",
    "post_discord",
    "post_slack",
    "tell",
]
