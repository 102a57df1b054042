"""The ground floor: collector contract, settings, database, HTTP, workspace, logging. Imports no other room."""

from boost_collectors.core.version import __version__

__all__ = ["__version__"]
