"""DATABASE_URL and the DB_* parts as SQLAlchemy reads what becomes of them."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from boost_collectors.core.errors import ConfigurationError
from boost_collectors.core.settings import Settings

text = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs", "Cc", "Zs"]), min_size=1)


def url_of(**environ: str) -> str:
    url = Settings.load(environ, env_file=None).database_url
    assert url is not None
    return url


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://h:5433/d", "postgresql+psycopg://h:5433/d"),
        ("POSTGRESQL+PSYCOPG2://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgres://u:p@ss@h/d?sslmode=require", "postgresql+psycopg://u:p%40ss@h/d?sslmode=require"),
        ("postgres://u:p%2Fq@[::1]:5432/d", "postgresql+psycopg://u:p%2Fq@[::1]:5432/d"),
        ("postgres://u@%2Frun%2Fpg:5433/d", "postgresql+psycopg://u@/d?host=%2Frun%2Fpg&port=5433"),
        ("postgresql:///d?host=/run/pg", "postgresql+psycopg:///d?host=%2Frun%2Fpg"),
    ],
)
def test_urls(given_url: str, expected: str) -> None:
    assert url_of(DATABASE_URL=given_url) == expected
    assert url_of(DATABASE_URL=expected) == expected


@pytest.mark.parametrize(
    "wrong",
    ["sqlite:///x", "mysql://u:hunter22@h/d", "h/d", "postgres://", "postgres://h", "postgres://h:pört/d",
     "postgres://u:hunter22#x@h/d", "postgres://u:hunter22/x@h/d", "postgres://h/d?sslmode", "$OTHER"],
)  # fmt: skip
def test_anything_else_is_malformed_and_not_shown(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL") as caught:
        Settings.load({"DATABASE_URL": wrong}, env_file=None)
    assert "hunter22" not in str(caught.value)


@given(user=text, password=text, database=text)
def test_sqlalchemy_reads_back_every_part(user: str, password: str, database: str) -> None:
    quoted = "://".join(["postgres", ":".join(quote(part, safe="") for part in (user, password))])
    url = make_url(url_of(DATABASE_URL=f"{quoted}@db.example:5433/{quote(database, safe='')}"))
    assert (url.username, url.password, url.host, url.port, url.database) == (
        user, password, "db.example", 5433, database,
    )  # fmt: skip
    parts = make_url(url_of(DB_USER=f"x{user}", DB_PASSWORD=f"x{password}", DB_NAME=f"x{database}", DB_HOST="h"))
    assert (parts.username, parts.password, parts.database) == (f"x{user}", f"x{password}", f"x{database}")


def test_parts_take_their_own_defaults() -> None:
    assert url_of(DB_USER="u", DB_PASSWORD="p") == "postgresql+psycopg://u:p@localhost:5432/boost_dashboard"
    assert url_of(DB_NAME="boost_dashboard") == "postgresql+psycopg://localhost:5432/boost_dashboard"
    assert url_of(DB_HOST="/run/pg", DB_OPTIONS_SSLMODE="require") == (
        "postgresql+psycopg:///boost_dashboard?host=%2Frun%2Fpg&sslmode=require&port=5432"
    )


def test_bytes_that_are_no_utf8_reach_the_server_as_they_are() -> None:
    assert url_of(DB_PASSWORD="\udcff") == "postgresql+psycopg://:%FF@localhost:5432/boost_dashboard"


def test_parts_count_only_without_a_url() -> None:
    assert url_of(DATABASE_URL="postgres://h/d", DB_NAME="x", DB_HOST="y") == "postgresql+psycopg://h/d"
