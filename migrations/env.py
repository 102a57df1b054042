"""What Alembic runs around the revisions. The caller brings the connection, or names a URL with ``-x url=``."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from boost_collectors.core.database.migrations import VERSION_TABLE, all_tables
from boost_collectors.core.errors import CommandError


def run(connection: Connection) -> None:
    """Run the revisions on this connection, in the transaction that is open on it."""
    context.configure(
        connection=connection,
        target_metadata=all_tables(),
        version_table=VERSION_TABLE,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on_url() -> None:
    """The developer's way, for ``alembic -x url=… revision --autogenerate``."""
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise CommandError("say which database: alembic -x url=postgresql+psycopg://… COMMAND")
    engine = create_engine(url)
    with engine.begin() as connection:
        run(connection)
    engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    run_on_url()
else:
    run(given)
