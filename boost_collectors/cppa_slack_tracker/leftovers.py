"""Day files that the earlier system left in the workspace: stored before a channel is read, and then removed."""

from __future__ import annotations

import re
from pathlib import Path

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.workspace import read_json
from boost_collectors.cppa_slack_tracker import services
from boost_collectors.cppa_slack_tracker.intake import Intake
from boost_collectors.cppa_slack_tracker.raw_archive import SLUG

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.json")


def store_leftovers(
    context: RunContext, intake: Intake, team_folder: str, channel: services.ChannelRow, counts: Counts
) -> None:
    """Store the files ``<workspace>/cppa_slack_tracker/<workspace>/<channel>/YYYY-MM-DD.json``, oldest first.

    A file that holds no list is removed with a warning; one that is no JSON is kept, with an error in the log.
    """
    folder = context.workspace.root / SLUG / team_folder / channel.folder
    if not folder.is_dir():
        return
    for path in sorted(entry for entry in folder.iterdir() if _DAY.fullmatch(entry.name)):
        _store_file(context, intake, channel, path, counts)


def _store_file(context: RunContext, intake: Intake, channel: services.ChannelRow, path: Path, counts: Counts) -> None:
    try:
        messages = read_json(path)
    except (OSError, ValueError) as error:
        context.log.error("Workspace file %s is kept but cannot be read: %s", path, error)
        return
    if isinstance(messages, list):
        batch = intake.prepare((channel.id, item, "") for item in messages)
        with context.database.session() as session:
            intake.store(session, batch, only_newer=True)
        counts.add("leftover_files")
    else:
        context.log.warning("Workspace file %s holds no list of messages and is removed", path)
    path.unlink()
