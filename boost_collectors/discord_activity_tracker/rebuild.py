"""Messages out of the archive of raw days: rows made anew without asking Discord."""

from __future__ import annotations

from boost_collectors.core.context import RunContext
from boost_collectors.core.counts import Counts
from boost_collectors.core.errors import SourceError
from boost_collectors.discord_activity_tracker.export_file import ExportFile
from boost_collectors.discord_activity_tracker.files import SLUG
from boost_collectors.discord_activity_tracker.importing import FileImporter


def rebuild(context: RunContext) -> Counts:
    """Store the messages of every day that is kept, as an import of an export does.

    Raises SourceError naming files that cannot be read, after all others were stored.
    """
    counts, problems = Counts(), list[str]()
    importer = FileImporter(context, counts)
    for path in sorted((context.workspace.raw_root / SLUG).glob("*/*/*.json")):
        try:
            importer.run(path, ExportFile(path).envelope())
        except (SourceError, ValueError, OSError) as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise SourceError(f"{len(problems)} raw files are not whole: {'; '.join(problems[:5])}")
    return counts
