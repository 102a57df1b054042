"""``migrate``, ``adopt`` and ``grant_roles``: the commands that change the database's schema, and who may use it."""

from __future__ import annotations

import click
from pydantic import Field

from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.database.adoption import Adoption, adopt
from boost_collectors.core.database.migrations import VERSION_TABLE, Upgrade, all_tables, upgrade
from boost_collectors.core.database.roles import grant
from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Options

__all__ = ["AdoptCommand", "GrantRolesCommand", "MigrateCommand", "upgrade"]


class MigrateCommand(BaseCommand):
    """Bring the project database to the newest schema; harmless when it is there."""

    options = Options

    def execute(self, options: Options) -> None:  # noqa: ARG002 - has no options
        """Upgrade and say what was done. Raises ConfigurationError when the database must be adopted first."""
        click.echo(describe_upgrade(upgrade(self.context.database.url)))


class AdoptCommand(BaseCommand):
    """Take over a database of the earlier system."""

    options = Options

    def execute(self, options: Options) -> None:  # noqa: ARG002 - has no options
        """Check, stamp, upgrade, and say what became of every table. Raises ConfigurationError with all differences."""
        adoption = adopt(self.context.database.url)
        for note in adoption.notes:
            click.echo(f"Note: {note}")
        click.echo(describe_upgrade(adoption.upgrade))
        if adoption.tables:
            click.echo(describe_rows(adoption))


class RolesOptions(Options):
    collector: str = Field("", description="The role that collects: reads and writes rows, changes no table.")
    reader: str = Field("", description="The role that only reads, of analysts for instance.")


class GrantRolesCommand(BaseCommand):
    """Give roles of the database the least that they need."""

    options = RolesOptions

    def execute(self, options: Options) -> None:
        """Grant, and print the statements. Raises CommandError for a role that cannot be limited or is not there."""
        assert isinstance(options, RolesOptions)
        if not (options.collector or options.reader):
            raise CommandError("grant_roles: name a role by --collector or --reader")
        tables = [*all_tables().tables, VERSION_TABLE]
        for statement in grant(self.context.database, tables, collector=options.collector, reader=options.reader):
            click.echo(f"{statement};")


def describe_upgrade(done: Upgrade) -> str:
    """What an upgrade did, in a few lines."""
    if not done.applied:
        return f"The database is at revision {done.after}, the newest: nothing to do."
    steps = [f"  {revision}  {what}" for revision, what in done.applied]
    return "\n".join([f"Upgraded the database from {done.before or 'empty'} to revision {done.after}:", *steps])


def describe_rows(adoption: Adoption) -> str:
    """The rows of each table before and after; duplicates that were merged are kept in ``core_mergedrow``."""
    width = max(len(name) for name in adoption.tables)
    lines = [f"{'table':<{width}} {'before':>12} {'merged':>12} {'after':>12}"]
    lines += [
        f"{name:<{width}} {rows.before:>12} {rows.merged:>12} {rows.after:>12}"
        for name, rows in adoption.tables.items()
    ]
    return "\n".join([*lines, "Nothing was lost: before = merged + after in every table."])
