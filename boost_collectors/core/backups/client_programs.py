"""PostgreSQL's own programs for dumping and restoring, from the binaries that come with the embedded server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from boost_collectors.core.database.server_account import client_binaries
from boost_collectors.core.errors import PermanentError

_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "username": "PGUSER",
    "password": "PGPASSWORD",
    "database": "PGDATABASE",
}
_OPTIONS = {"host": "PGHOST", "port": "PGPORT", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
_LONGEST_MESSAGE = 4000


def run(program: str, url: str, *arguments: str) -> None:
    """Run ``pg_dump`` or ``pg_restore`` on the database of a SQLAlchemy URL, whose password no process list shows.

    Raises PermanentError with what the program said when it fails.
    """
    done = subprocess.run(
        [str(client_binaries() / program), *arguments],
        env={"PATH": os.defpath, "HOME": str(Path.home()), "LC_ALL": "C.UTF-8", "TZ": "UTC", **_environment(url)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise PermanentError(f"{program} failed: {done.stderr.strip()[:_LONGEST_MESSAGE]}")


def _environment(url: str) -> dict[str, str]:
    parts = make_url(url)
    found = {variable: str(value) for name, variable in _VARIABLES.items() if (value := getattr(parts, name))}
    return found | {variable: str(parts.query[name]) for name, variable in _OPTIONS.items() if name in parts.query}
