"""What tells the demo from the real thing: folder, environment, sources."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from boost_collectors.core.settings import Settings
from boost_collectors.core.settings.environment import read_env_file
from include.sandbox.git import publishing
from include.stack.airflow import PROJECT
from include.stack.errors import StackError
from include.stack.ports import is_free

UP_PORT = 8080
# What a process needs of its user's environment; all else could be a setting of the real sources.
NEUTRAL = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "XDG_RUNTIME_DIR", "PYTHONPATH")
NEUTRAL_PREFIXES = ("LC_", "SSL_CERT_", "PYTHON")


@dataclass(frozen=True)
class Profile:
    """A way of running the stack.

    ``environment`` is what its processes are given besides Airflow's configuration. ``api_port`` is where the UI must
    listen, None for any free port. ``sandbox``: the sources are played by the sandbox server, which serves the folder
    ``data`` too.
    """

    kind: str
    root: Path
    environment: Mapping[str, str]
    api_port: int | None = None
    sandbox: bool = False
    data: Path | None = None
    dags: Path = PROJECT / "dags"
    airflow_settings: Path = PROJECT / "airflow_settings.yaml"
    airflow_overrides: Mapping[str, str] = field(default_factory=dict)


def demo_profile(
    environ: Mapping[str, str] = os.environ, *, port: int | None = None, data: Path | None = None
) -> Profile:
    """The sandbox's sources, in ``<WORKSPACE_DIR>/demo``. Nothing of ``.env`` or of the shell's settings is used."""
    root = Settings.load(environ).workspace_dir / "demo"
    blank = dict.fromkeys(read_env_file(PROJECT / ".env"), "")
    neutral = {name: text for name, text in environ.items() if name in NEUTRAL or name.startswith(NEUTRAL_PREFIXES)}
    ours = {"WORKSPACE_DIR": str(root), "LOG_DIR": str(root / "logs"), "VECTOR_STORE": "local"}
    environment = {**blank, **neutral, **publishing(), **ours}
    return Profile("demo", root, environment, api_port=port, sandbox=True, data=data)


def up_profile(environ: Mapping[str, str] = os.environ, *, port: int | None = None) -> Profile:
    """The real sources with the user's settings, in ``WORKSPACE_DIR``.

    Airflow's own variables may stand in the environment or in ``.env``; they win over ours. The UI listens on 8080
    when that is free.
    """
    settings = Settings.load(environ)
    in_file = {name: entry.text for name, entry in read_env_file(PROJECT / ".env").items()}
    overrides = {name: text for name, text in (in_file | dict(environ)).items() if name.startswith("AIRFLOW__")}
    api_port = port or (UP_PORT if is_free(UP_PORT) else None)
    return Profile("up", settings.workspace_dir, dict(environ), api_port=api_port, airflow_overrides=overrides)


def check_port(profile: Profile) -> None:
    """Raise StackError when the port that was asked for is taken."""
    if profile.api_port and not is_free(profile.api_port):
        raise StackError(f"Port {profile.api_port} is taken by another program.")
