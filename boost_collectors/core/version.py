"""The version of the running code."""

from importlib import metadata

FALLBACK_VERSION = "0.1.0"


def _installed_version() -> str:
    # A checkout that was never pip-installed (make demo, the Airflow image) has no metadata.
    try:
        return metadata.version("boost-data-collector")
    except metadata.PackageNotFoundError:
        return FALLBACK_VERSION


__version__ = _installed_version()
