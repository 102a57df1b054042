"""From DATABASE_URL or the DB_* parts to one URL that SQLAlchemy and psycopg understand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

DRIVER = "postgresql+psycopg"
SCHEMES = ("postgres", "postgresql", "pgsql")
DEFAULT_NAME, DEFAULT_HOST, DEFAULT_PORT = "boost_dashboard", "localhost", 5432
PARTS = ("db_name", "db_user", "db_password", "db_host", "db_port", "db_options_sslmode")


def normalise(value: Any) -> Any:
    """``postgres://…`` as ``postgresql+psycopg://…`` with every part quoted.

    A raw ``@`` in the password is understood, a percent-encoded one too. A host that is a folder (percent-encoded,
    or in ``?host=``) is a socket. Raises ValueError, without the value, for anything but a PostgreSQL URL.
    """
    if not isinstance(value, str):
        return value
    scheme, _, _ = value.partition("://")
    if scheme.lower().partition("+")[0] not in SCHEMES or "://" not in value:
        raise ValueError("must be a postgres:// or postgresql:// URL")
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _unreadable() from None
    if parts.fragment or not parts.path.strip("/"):
        raise _unreadable()
    return _compose(
        user=unquote(parts.username or ""),
        password=None if parts.password is None else unquote(parts.password),
        host=unquote(host or ""),
        port=port,
        database=unquote(parts.path[1:]),
        query=query,
    )


def from_parts(fields: Mapping[str, Any]) -> str | None:
    """The URL that the DB_* settings describe, or None when none of them is set."""
    if not any(fields.get(part) for part in PARTS):
        return None
    sslmode = fields.get("db_options_sslmode")
    return _compose(
        user=fields.get("db_user") or "",
        password=fields.get("db_password") or None,
        host=fields.get("db_host") or DEFAULT_HOST,
        port=fields.get("db_port") or DEFAULT_PORT,
        database=fields.get("db_name") or DEFAULT_NAME,
        query=[("sslmode", sslmode)] if sslmode else [],
    )


def _unreadable() -> ValueError:
    return ValueError(
        "cannot be read as scheme://user:password@host:port/database?option=value; "
        "write / ? # in a password as %2F %3F %23"
    )


def _compose(
    *, user: str, password: str | None, host: str, port: int | None, database: str, query: list[tuple[str, str]]
) -> str:
    if host.startswith("/"):
        query, host = [("host", host), *query], ""
        if port is not None:
            query, port = [*query, ("port", str(port))], None
    login = _quoted(user) + ("" if password is None else ":" + _quoted(password))
    address = f"[{host}]" if ":" in host else host
    where = address if port is None else f"{address}:{port}"
    options = "?" + urlencode(query) if query else ""
    return f"{DRIVER}://{login}{'@' if login else ''}{where}/{_quoted(database)}{options}"


def _quoted(text: str) -> str:
    # An environment variable may hold bytes that are no UTF-8; Python hands those over as surrogates.
    return quote(text, safe="", errors="surrogateescape")
