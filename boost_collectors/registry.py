"""Every command by name. Reading this imports no collector; ``CommandSpec.load`` does."""

from __future__ import annotations

from difflib import get_close_matches

from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.errors import CommandError

_SPECS = (
    CommandSpec(
        name="run_boost_github_activity_tracker",
        target="boost_collectors.github_activity_tracker.collector:BoostGithubActivityCommand",
        help="Collect commits, files and authors of the Boost repositories from git.",
        pool="git",
        tables=(
            "github_activity_tracker_githubrepository",
            "github_activity_tracker_gitcommit",
            "github_activity_tracker_githubfile",
            "github_activity_tracker_gitcommitfilechange",
        ),
        window_column="github_activity_tracker_gitcommit.committed_at",
        mapped=True,
    ),
    CommandSpec(
        name="run_boost_mailing_list_tracker",
        target="boost_collectors.boost_mailing_list_tracker.collector:BoostMailingListCommand",
        help="Collect the messages of the Boost mailing lists from their HyperKitty archives.",
        pool="mailing_list",
        tables=("boost_mailing_list_tracker_mailinglistmessage", "boost_mailing_list_tracker_messagelist"),
        window_column="boost_mailing_list_tracker_mailinglistmessage.sent_at",
    ),
    CommandSpec(
        name="run_wg21_paper_tracker",
        target="boost_collectors.wg21_paper_tracker.collector:Wg21PaperCommand",
        help="Collect the mailings and papers of the C++ committee (WG21) from open-std.org.",
        pool="wg21",
        tables=(
            "wg21_paper_tracker_wg21mailing",
            "wg21_paper_tracker_wg21paper",
            "wg21_paper_tracker_wg21paperauthor",
        ),
        window_column="wg21_paper_tracker_wg21mailing.mailing_date",
    ),
    CommandSpec(
        name="import_wg21_metadata_from_csv",
        target="boost_collectors.wg21_paper_tracker.csv_import:ImportWg21MetadataCommand",
        help="Import WG21 paper metadata from a CSV file.",
        collects=False,
    ),
    CommandSpec(
        name="run_scheduled_collectors",
        target="boost_collectors.runner.command:RunScheduledCollectorsCommand",
        help="Run the tasks of the schedule file that are due.",
        collects=False,
    ),
    CommandSpec(
        name="migrate",
        target="boost_collectors.core.database.commands:MigrateCommand",
        help="Bring the project database to the newest schema.",
        collects=False,
    ),
    CommandSpec(
        name="adopt",
        target="boost_collectors.core.database.commands:AdoptCommand",
        help="Take over a database of the earlier system: check it, stamp it, add what is new.",
        collects=False,
    ),
)

COMMANDS: dict[str, CommandSpec] = {spec.name: spec for spec in _SPECS}


def find(name: str) -> CommandSpec:
    """The command of that name. Raises CommandError with the nearest name when there is none."""
    spec = COMMANDS.get(name)
    if spec is None:
        near = get_close_matches(name, COMMANDS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise CommandError(f"Unknown command: {name!r}{hint}")
    return spec
