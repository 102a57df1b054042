"""``check_new_boost_release``: is there a release of which nothing is stored yet? The answer is the exit code."""

from __future__ import annotations

import click

from boost_collectors.boost_library_tracker import services
from boost_collectors.boost_library_tracker.progress import Progress
from boost_collectors.boost_library_tracker.release_check import REPOSITORY, TagRef, remote_releases
from boost_collectors.core.commands import BaseCommand
from boost_collectors.core.errors import CollectorError, CommandError
from boost_collectors.core.git import Git
from boost_collectors.core.git_hosting import Hosting
from boost_collectors.core.options import Options

NO_NEW_RELEASE, NOT_KNOWN = 1, 2


class CheckNewBoostReleaseCommand(BaseCommand):
    """0: there is a new release; 1: there is none; 2: the tags could not be read."""

    options = Options

    def execute(self, options: Options) -> None:  # noqa: ARG002 - the command has no flags
        """Say which releases are new. Raises CommandError with the exit code when there is none, or no answer."""
        try:
            releases = self._releases()
        except CollectorError as error:
            message = f"The releases of Boost could not be read: {error}"
            raise CommandError(message, returncode=NOT_KNOWN) from error
        new = self._new(releases)
        if not new:
            raise CommandError("No new Boost release", returncode=NO_NEW_RELEASE)
        click.echo(f"New Boost release: {', '.join(ref.tag for ref in new)}")

    def _releases(self) -> list[TagRef]:
        hosting = Hosting.of(self.context.settings)
        git = Git(credentials=hosting.credentials, stop=self.context.stop, machine_config=True)
        return remote_releases(git, hosting.repository(REPOSITORY))

    def _new(self, releases: list[TagRef]) -> list[TagRef]:
        with self.context.database.session() as session:
            stored = {release.version for release in services.stored_releases(session)}
            progress = Progress.load(session)
        return [ref for ref in releases if ref.tag not in stored and not progress.broken(ref)]
