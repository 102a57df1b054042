"""``python -m include.deploy.entrypoint COMMAND …``: what every container runs first.

Reads secrets out of files, gives Airflow our Celery settings, gives up root where a container was allowed to start as
root, and becomes the command.
"""

from __future__ import annotations

import grp
import os
import pwd
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import Settings
from include.deploy.celery import celery_settings, uses_celery
from include.deploy.secret_files import with_secret_files

USER = "app"


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """What the command is given. Raises ConfigurationError naming the variable that is wrong."""
    given = with_secret_files(inherited)
    if not uses_celery(given):
        return given
    ours = celery_settings(Settings.load(given))
    return ours | {name: text for name, text in given.items() if text or name not in ours}


def give_up_root(environ: Mapping[str, str], user: str = USER) -> None:
    """Make the writable folders the application user's and become that user.

    Of WORKSPACE_DIR only the folder itself, which may be huge. Raises ConfigurationError unless ALLOW_ROOT_ENTRYPOINT
    is true: images start as the application user by themselves.
    """
    settings = Settings.load(environ)
    if not settings.allow_root_entrypoint:
        raise ConfigurationError(
            f"The container started as root. Start it as user {user}, or set ALLOW_ROOT_ENTRYPOINT=true to let it mend "
            f"the owners of WORKSPACE_DIR and LOG_DIR and go on as {user}."
        )
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        raise ConfigurationError(f"ALLOW_ROOT_ENTRYPOINT: this machine has no user {user!r} to go on as") from None
    for folder in (settings.workspace_dir, settings.log_dir):
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, account.pw_uid, account.pw_gid)
    for path in settings.log_dir.rglob("*"):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    os.setgroups([group.gr_gid for group in grp.getgrall() if user in group.gr_mem])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def main(command: Sequence[str]) -> int:
    """Become the command; returns only when that is impossible: 1 for a wrong setting, 2 without a command."""
    if not command:
        sys.stderr.write("usage: python -m include.deploy.entrypoint COMMAND [ARGUMENT …]\n")
        return 2
    try:
        given = environment(os.environ)
        if os.geteuid() == 0:
            give_up_root(given)
    except ConfigurationError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    if home := given.get("AIRFLOW_HOME"):
        Path(home).mkdir(parents=True, exist_ok=True)
    try:
        os.execvpe(command[0], list(command), given)  # noqa: S606 - becoming the command is the point
    except OSError as error:
        sys.stderr.write(f"Error: {command[0]}: {error.strerror}\n")
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
