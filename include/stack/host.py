"""The name by which Airflow's components reach one another."""

from __future__ import annotations


def localhost() -> str:
    """Airflow's ``hostname_callable``: a laptop's own name often resolves to nothing, or to another network."""
    return "localhost"
