"""The clean-up when a stack starts, if a setting asks for it."""

from __future__ import annotations

import logging
from dataclasses import asdict

from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace_orphans.json_cache import (
    JsonCacheStats,
    cleanup_github_activity_tracker_json_cache,
)

logger = logging.getLogger(__name__)


def clean_up_at_start(settings: Settings) -> JsonCacheStats | None:
    """Clean the JSON cache for real; returns what was done, None when it is off or failed. Never raises."""
    if not settings.workspace_orphan_cleanup_enabled:
        return None
    try:
        stats = clean_json_cache(settings, execute=True)
    except Exception:
        logger.exception("The workspace could not be cleaned up at the start")
        return None
    logger.info("Workspace cleaned up: %s", asdict(stats))
    return stats


def clean_json_cache(settings: Settings, *, execute: bool) -> JsonCacheStats:
    """:func:`cleanup_github_activity_tracker_json_cache` as the settings say."""
    return cleanup_github_activity_tracker_json_cache(
        settings.workspace_dir,
        execute,
        settings.workspace_orphan_use_quarantine_for_invalid_json,
        settings.workspace_orphan_json_stale_max_age_seconds,
        settings.workspace_orphan_invalid_json_grace_seconds,
    )
