"""Which names a new collector may have."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from boost_collectors import registry
from boost_collectors.core.errors import CommandError

# Its tables and indexes begin with it, and PostgreSQL cuts names at 63 characters.
LONGEST = 30
_LABEL = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = frozenset(
    {
        *("admin", "auth", "config", "contenttypes", "core", "django", "environ", "manage", "messages", "migrations"),
        *("sessions", "settings", "staticfiles", "test", "tests", "urls", "wsgi"),
        # Names of the project's own packages and of the sandbox's modules.
        *("airflow", "boost_collectors", "dags", "deploy", "include", "plugins", "registry", "runner", "scaffold"),
        *("disturbance", "faults", "recording", "sandbox", "server", "shelf"),
    }
)


def check_name(name: str, root: Path) -> None:
    """Raise CommandError unless a collector of that name can be made in the project at ``root``."""
    if not _LABEL.fullmatch(name) or len(name) > LONGEST or name.endswith("_") or "__" in name:
        raise CommandError(
            f"app_label {name!r} must begin with a lower-case letter, go on with lower-case letters, digits and single "
            f"underscores, and have {LONGEST} characters at most"
        )
    if name in _RESERVED or keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise CommandError(f"app_label {name!r} is reserved")
    if name in sys.stdlib_module_names or (find_spec(name) is not None and not (root / name).exists()):
        raise CommandError(f"app_label {name!r} is reserved: a Python package has that name")
    if f"run_{name}" in registry.COMMANDS:
        raise CommandError(f"run_{name} is a command already (INSTALLED_APPS): choose another app_label")


def check_target(name: str, paths: list[Path], root: Path) -> None:
    """Raise CommandError when something of the new collector is there already."""
    folder = root / "boost_collectors"
    if not (folder / "registry.py").is_file():
        raise CommandError(f"--path {root}: this is no checkout of the project, it has no boost_collectors/registry.py")
    if any(path.name.casefold() == name.casefold() for path in folder.iterdir() if path.is_dir()):
        raise CommandError(f"boost_collectors/{name} already exists (INSTALLED_APPS): choose another app_label")
    there = [path for path in paths if path.exists()]
    if there:
        raise CommandError(f"{there[0].relative_to(root)} already exists: nothing was written")
