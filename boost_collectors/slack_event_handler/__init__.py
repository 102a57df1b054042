"""What Slack tells as it happens, by Socket Mode: huddle notes to be published, pull requests to be commented on."""
