"""Backups of the project database and the workspace, each proved by restoring it; docs/backups.md."""
