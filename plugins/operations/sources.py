"""What each collector's tables hold, and how fresh that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, column, func, literal, select, table, text, union_all
from sqlalchemy.orm import Session

from boost_collectors import registry
from boost_collectors.core.commands import CommandSpec
from boost_collectors.core.run_log import last_successes, latest_runs

COUNTED_BYTES = 200_000_000
"""A table up to this size is counted; the size of a larger one is what PostgreSQL last estimated."""

_CATALOG = text("""
SELECT c.relname AS name, c.reltuples::bigint AS estimate, pg_relation_size(c.oid) AS bytes,
       array_remove(array_agg(DISTINCT a.attname::text), NULL) AS indexed
FROM pg_class c
LEFT JOIN pg_index i ON i.indrelid = c.oid
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE c.relnamespace = to_regnamespace(current_schema())::oid AND c.relname = ANY(:names)
GROUP BY c.oid, c.relname, c.reltuples
""")


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its rows; ``exact`` unless it is so large that the number is an estimate."""

    name: str
    rows: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A collecting command: what its tables hold, the time of the newest item, and how its last runs ended."""

    command: str
    help: str
    tables: Sequence[Table]
    newest: str
    last_status: str
    last_run_at: datetime | None
    last_success_at: datetime | None

    @property
    def rows(self) -> int:
        """Rows of all its tables."""
        return sum(table.rows for table in self.tables)

    @property
    def exact(self) -> bool:
        """Whether all of them were counted."""
        return all(table.exact for table in self.tables)


@dataclass(frozen=True, slots=True)
class _Known:
    estimate: int
    small: bool
    indexed: frozenset[str]


def read(session: Session) -> list[Source]:
    """Every collecting command of the registry, in its order."""
    specs = [spec for spec in registry.COMMANDS.values() if spec.collects]
    known = _catalog(session, {name for spec in specs for name in _tables(spec)})
    rows = _rows(session, known)
    newest = _newest(session, specs, known)
    last = {run.command: run for run in latest_runs(session)}
    successes = last_successes(session)
    return [
        Source(
            command=spec.name,
            help=spec.help,
            tables=[rows[name] for name in spec.tables if name in rows],
            newest=newest.get(spec.name, ""),
            last_status=last[spec.name].status if spec.name in last else "",
            last_run_at=last[spec.name].started_at if spec.name in last else None,
            last_success_at=successes.get(spec.name),
        )
        for spec in specs
    ]


def _tables(spec: CommandSpec) -> Iterable[str]:
    return [*spec.tables, *([spec.window_column.partition(".")[0]] if spec.window_column else [])]


def _catalog(session: Session, names: set[str]) -> dict[str, _Known]:
    found = session.execute(_CATALOG, {"names": sorted(names)})
    return {row.name: _Known(max(row.estimate, 0), row.bytes <= COUNTED_BYTES, frozenset(row.indexed)) for row in found}


def _rows(session: Session, known: Mapping[str, _Known]) -> dict[str, Table]:
    found = {name: Table(name, entry.estimate, exact=False) for name, entry in known.items()}
    counting = [
        select(literal(name).label("name"), func.count().label("rows")).select_from(table(name))
        for name, entry in known.items()
        if entry.small
    ]
    if counting:
        found |= {row.name: Table(row.name, row.rows, exact=True) for row in session.execute(union_all(*counting))}
    return found


def _newest(session: Session, specs: Iterable[CommandSpec], known: Mapping[str, _Known]) -> dict[str, str]:
    """The greatest value of the column that a window bounds, to the minute, where that is quickly found."""
    queries = []
    for spec in specs:
        name, _, field = spec.window_column.partition(".")
        if name in known and (known[name].small or field in known[name].indexed):
            value = func.left(cast(func.max(column(field)), String), 16)
            queries.append(select(literal(spec.name).label("command"), value.label("newest")).select_from(table(name)))
    if not queries:
        return {}
    return {row.command: row.newest or "" for row in session.execute(union_all(*queries))}
