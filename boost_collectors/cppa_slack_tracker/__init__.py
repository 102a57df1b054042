"""Messages, channels and members of the Slack workspaces."""
