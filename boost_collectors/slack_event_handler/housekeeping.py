"""Files that are old enough to go."""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime, timedelta

from boost_collectors.core.context import RunContext
from boost_collectors.slack_event_handler.huddles import SLUG

logger = logging.getLogger(__name__)


def forget_old_files(context: RunContext) -> int:
    """Remove what was fetched of huddles more than SLACK_EVENTS_KEEP_DAYS ago; how many of them."""
    limit = context.clock() - timedelta(days=context.settings.slack_events_keep_days)
    removed = 0
    for folder in context.workspace.path(SLUG, "data").iterdir():
        if folder.is_dir() and datetime.fromtimestamp(folder.stat().st_mtime, UTC) < limit:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    if removed:
        logger.info("Removed the files of %d huddles", removed)
    return removed
