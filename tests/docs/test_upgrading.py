"""The guide from the earlier system names every table, every command, and every setting that has no effect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from boost_collectors import registry

EARLIER_COMMANDS = {
    "backfill_300_file_commits",
    "backfill_clang_github_tracker",
    "backfill_discord_activity_tracker",
    "backfill_file_renames",
    "check_new_boost_release",
    "cleanup_workspace_orphans",
    "collect_boost_libraries",
    "extract_discord_tokens",
    "extract_slack_tokens",
    "fill_boost_files",
    "import_boost_dependencies",
    "import_boost_file_from_csv",
    "import_wg21_metadata_from_csv",
    "migrate",
    "migrate_workspace_layout",
    "run_boost_github_activity_tracker",
    "run_boost_library_docs_tracker",
    "run_boost_library_usage_dashboard",
    "run_boost_mailing_list_tracker",
    "run_boost_usage_tracker",
    "run_clang_github_tracker",
    "run_cppa_pinecone_sync",
    "run_cppa_slack_tracker",
    "run_cppa_user_tracker",
    "run_cppa_youtube_script_tracker",
    "run_discord_activity_tracker",
    "run_reddit_activity_tracker",
    "run_scheduled_collectors",
    "run_slack_event_handler",
    "run_update_created_repos_by_language",
    "run_update_db",
    "run_wg21_paper_tracker",
    "send_startup_notification",
}
# No browser's session is read any more.
GONE = {"extract_discord_tokens", "extract_slack_tokens"}


@pytest.fixture(scope="module")
def guide(pytestconfig: pytest.Config) -> str:
    return (pytestconfig.rootpath / "docs" / "upgrading.md").read_text(encoding="utf-8")


def _names(text: str) -> set[str]:
    return set(re.findall(r"`([\w-]+)`", text))


def test_every_table_is_there(guide: str, pytestconfig: pytest.Config) -> None:
    schema = (pytestconfig.rootpath / "migrations" / "sql" / "0001_earlier_schema.sql").read_text(encoding="utf-8")
    tables = set(re.findall(r'CREATE TABLE "?(\w+)"?', schema))
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", guide.partition("## Tables")[2], re.MULTILINE)
    assert {f"{prefix}_{name}" for prefix, names in rows for name in _names(names)} == tables
    assert f"All {len(tables)} tables" in guide


def test_every_command_is_there(guide: str) -> None:
    section = guide.partition("## Commands")[2].partition("## Environment")[0]
    assert EARLIER_COMMANDS - _names(section) == set()
    assert set(registry.COMMANDS) >= EARLIER_COMMANDS - GONE


def test_every_setting_without_effect_is_there(guide: str, pytestconfig: pytest.Config) -> None:
    settings = (Path(pytestconfig.rootpath) / "docs" / "settings.md").read_text(encoding="utf-8")
    idle = set(re.findall(r"^\| `(\w+)`.*Accepted from older \.env files", settings, re.MULTILINE))
    assert idle
    section = guide.partition("## Environment")[2].partition("## Schedule file")[0]
    assert idle - _names(section) == set()
