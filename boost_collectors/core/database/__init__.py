"""PostgreSQL: the declarative base, the connection, the embedded default server, the bulk writer."""

from boost_collectors.core.database.base import Base
from boost_collectors.core.database.database import Database

__all__ = ["Base", "Database"]
