"""Secrets out of files: ``DATABASE_URL_FILE=/run/secrets/database_url`` instead of ``DATABASE_URL``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import known_variables

SUFFIX = "_FILE"


def with_secret_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with each ``NAME_FILE`` of a secret setting, or of one of Airflow's, replaced by what it holds.

    White space around the content is dropped. A blank ``NAME_FILE`` counts as not set. Raises ConfigurationError when
    the file cannot be read, is empty, or ``NAME`` is set too.
    """
    found = dict(environ)
    for name in [name for name in environ if name.endswith(SUFFIX) and _is_ours(name.removesuffix(SUFFIX))]:
        path = found.pop(name).strip()
        if path:
            found[name.removesuffix(SUFFIX)] = _content(name, Path(path), environ)
    return found


def _is_ours(name: str) -> bool:
    return name in AIRFLOW_SECRETS or any(
        name == variable.name or (variable.prefix is not None and name.startswith(variable.prefix))
        for variable in known_variables()
        if variable.secret
    )


# A list, because Airflow has options that end in FILE themselves, such as the file of its passwords.
AIRFLOW_SECRETS = frozenset(
    {
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__CELERY__BROKER_URL",
        "AIRFLOW__CELERY__RESULT_BACKEND",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__SENTRY__SENTRY_DSN",
        "AIRFLOW__SMTP__SMTP_PASSWORD",
    }
)


def _content(name: str, path: Path, environ: Mapping[str, str]) -> str:
    target = name.removesuffix(SUFFIX)
    if environ.get(target, "").strip():
        raise ConfigurationError(f"{target} and {name} are both set; keep one of them")
    try:
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(f"{name}={path}: cannot be read: {reason}") from error
    if not content:
        raise ConfigurationError(f"{name}={path}: the file is empty")
    return content
