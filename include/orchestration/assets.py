"""The tables as Airflow assets: each successful task tells which tables it wrote, and the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from airflow.sdk import Asset

ASSET_GROUP = "tables"


@cache
def table_assets(tables: tuple[str, ...]) -> tuple[Asset, ...]:
    """One asset per table, named as the table, so that a DAG of somebody else can be scheduled on it."""
    return tuple(Asset(name=table, group=ASSET_GROUP) for table in tables)


def annotate(events: Any, outlets: Iterable[Any], extra: Mapping[str, Any]) -> None:
    """Attach what a run did to the events of its assets."""
    for asset in outlets:
        events[asset].extra = dict(extra)
