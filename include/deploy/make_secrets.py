"""``python -m include.deploy.make_secrets [FOLDER]``: the secrets that docker-compose.yaml mounts, made at random.

A file that is there is kept, so that running it again changes nothing. Only the owner may enter the folder; the files
in it are readable, because a container reads them as another user.
"""

from __future__ import annotations

import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path

FOLDER = Path("secrets")


def make_secrets(folder: Path) -> list[str]:
    """Write what is missing; returns the names of the new files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    made: list[str] = []
    for name, make in _SECRETS.items():
        path = folder / name
        if not path.exists():
            known = {other: (folder / other).read_text(encoding="utf-8").strip() for other in _SOURCES.get(name, ())}
            _write(path, make(known))
            made.append(name)
    return made


def _write(path: Path, content: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(content, encoding="utf-8")
    fresh.chmod(0o644)
    fresh.replace(path)


def _password(_: Mapping[str, str]) -> str:
    return secrets.token_urlsafe(24)


def _fernet_key(_: Mapping[str, str]) -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _signing_key(_: Mapping[str, str]) -> str:
    return secrets.token_urlsafe(64)


def _metadata_url(known: Mapping[str, str]) -> str:
    return f"postgresql+psycopg2://airflow:{known['airflow_db_password']}@postgres:5432/airflow"


def _broker_url(known: Mapping[str, str]) -> str:
    return f"redis://:{known['redis_password']}@redis:6379/0"


# A secret that contains others comes after them.
_SECRETS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "postgres_password": _password,
    "db_password": _password,
    "airflow_db_password": _password,
    "airflow_database_url": _metadata_url,
    "redis_password": _password,
    "celery_broker_url": _broker_url,
    "airflow_fernet_key": _fernet_key,
    "airflow_jwt_secret": _signing_key,
    "airflow_api_secret_key": _signing_key,
}
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "airflow_database_url": ("airflow_db_password",),
    "celery_broker_url": ("redis_password",),
}


def main(arguments: list[str]) -> int:
    """Make the secrets of the one folder named, or of ``secrets``; the exit code."""
    if len(arguments) > 1:
        sys.stderr.write("usage: python -m include.deploy.make_secrets [FOLDER]\n")
        return 2
    folder = Path(arguments[0]) if arguments else FOLDER
    made = make_secrets(folder)
    sys.stdout.write(f"{folder}: made {', '.join(made)}\n" if made else f"{folder}: everything is there\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
