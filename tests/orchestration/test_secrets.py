"""Our settings as Airflow connections and variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from include.orchestration import secrets
from include.orchestration.secrets import DATABASE_CONNECTION, GITHUB_CONNECTION, SettingsBackend


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[SettingsBackend]:
    """The backend in a process whose environment has a database, a token and a proxy of GitHub's API."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:p%40ss@db.example.org:5433/data?sslmode=require")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_" + "x" * 36)
    monkeypatch.setenv("GITHUB_API_URL", "https://github.example.org/api/v3")
    monkeypatch.setenv("PINECONE_API_KEY", " ")
    secrets.forget()
    yield SettingsBackend()
    secrets.forget()


def test_the_database_is_a_connection_that_airflow_can_read(backend: SettingsBackend) -> None:
    connection: Any = backend.get_connection(DATABASE_CONNECTION)
    assert connection.conn_type == "postgres"
    assert (connection.host, connection.port, connection.login) == ("db.example.org", 5433, "me")
    assert (connection.password, connection.schema) == ("p@ss", "data")
    assert connection.extra_dejson == {"sslmode": "require"}


def test_github_is_a_connection_with_its_token(backend: SettingsBackend) -> None:
    connection: Any = backend.get_connection(GITHUB_CONNECTION)
    assert connection.conn_type == "http"
    assert connection.password == "ghp_" + "x" * 36
    assert (connection.schema, connection.host) == ("https", "github.example.org/api/v3")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("github_token", "ghp_" + "x" * 36),
        ("pinecone_api_key", None),  # blank is unset
        ("http_timeout_seconds", None),  # not a secret: no reason to look it up here
        ("PATH", None),
        ("no_such_setting", None),
    ],
)
def test_secret_settings_are_variables(backend: SettingsBackend, key: str, value: str | None) -> None:
    assert backend.get_variable(key) == value


def test_other_connections_are_left_to_airflow(backend: SettingsBackend) -> None:
    assert backend.get_connection("somebody_elses") is None


def test_what_is_not_set_is_left_to_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "GITHUB_TOKEN", "DB_NAME", "DB_HOST", "DB_USER", "DB_PASSWORD"):
        monkeypatch.setenv(name, "")
    secrets.forget()
    backend = SettingsBackend()
    assert backend.get_connection(DATABASE_CONNECTION) is None
    assert backend.get_connection(GITHUB_CONNECTION) is None
    secrets.forget()


@pytest.mark.airflow
def test_airflow_asks_it_first(
    backend: SettingsBackend, airflow_metadata: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.configuration import ensure_secrets_loaded
    from airflow.models import Variable

    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", "include.orchestration.secrets.SettingsBackend")
    monkeypatch.setenv("AIRFLOW_VAR_GITHUB_TOKEN", "from somewhere else")
    assert type(ensure_secrets_loaded()[0]) is SettingsBackend
    assert Variable.get("github_token") == "ghp_" + "x" * 36
