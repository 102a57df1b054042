"""Our settings as Airflow connections and variables, so that both ways of configuring work.

Set ``AIRFLOW__SECRETS__BACKEND=include.orchestration.secrets.SettingsBackend``. Then hooks and templates find the
project database as connection ``boost_database``, GitHub as ``github_default``, and each secret setting as a variable
named in lower case (``github_token``). Unset ones are looked up where Airflow looks next: AIRFLOW_CONN_* and
AIRFLOW_VAR_* in the environment, then its own database.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from airflow.secrets.base_secrets import BaseSecretsBackend

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings

DATABASE_CONNECTION = "boost_database"
GITHUB_CONNECTION = "github_default"


class SettingsBackend(BaseSecretsBackend):
    """Answers from the settings (environment and ``.env``), read once per process."""

    def get_conn_value(self, conn_id: str) -> str | None:
        """The connection as a URI or JSON text; None for an id or setting that is not ours or not set."""
        build = _CONNECTIONS.get(conn_id)
        return build(_settings()) if build else None

    def get_variable(self, key: str) -> str | None:
        """The secret setting of that lower-case name; None unless it is one, holds a text and is set."""
        return _secret_texts().get(key)


def forget() -> None:
    """Read the settings anew at the next question."""
    _settings.cache_clear()
    _secret_texts.cache_clear()


@lru_cache(maxsize=1)
def _settings() -> Settings:
    # Airflow makes a backend in every process, also in those that never ask for one of our values.
    from boost_collectors.core.settings import Settings

    return Settings.load()


@lru_cache(maxsize=1)
def _secret_texts() -> dict[str, str]:
    from boost_collectors.core.settings import known_variables

    values = {variable.field: getattr(_settings(), variable.field) for variable in known_variables() if variable.secret}
    return {field: value for field, value in values.items() if isinstance(value, str) and value}


def _database(settings: Settings) -> str | None:
    # Airflow knows the hook by the scheme and must not see SQLAlchemy's driver in it.
    url = settings.database_url
    return urlunsplit(urlsplit(url)._replace(scheme="postgres")) if url else None


def _github(settings: Settings) -> str | None:
    if not settings.github_token:
        return None
    host = urlsplit(settings.github_api_url)
    return json.dumps(
        {"conn_type": "http", "schema": host.scheme, "host": host.netloc + host.path, "password": settings.github_token}
    )


_CONNECTIONS: dict[str, Callable[[Settings], str | None]] = {
    DATABASE_CONNECTION: _database,
    GITHUB_CONNECTION: _github,
}
