"""Where the dashboard is."""

from __future__ import annotations

from pathlib import Path

from boost_collectors.core.settings import Settings

SLUG = "boost_library_usage_dashboard"


def index_file(settings: Settings) -> Path:
    """The first page; it need not be there yet."""
    return settings.workspace_dir / SLUG / "index.html"
