"""docs/benchmarks.md, made of the kept results; what a benchmark measures is said by its module's docstring."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks._results import Result
from benchmarks.figures import number
from benchmarks.processes import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
FOLDER = Path(__file__).parent
CHAPTERS = {
    "What everything stands on": ("bulk_writer", "git_reader", "dag_file", "health"),
    "GitHub": ("github_costs", "github_first_load"),
    "Boost": ("boost_releases", "include_scan", "docs_pages", "dashboard", "dashboard_paint"),
    "Conversations": ("chat_costs", "slack_import", "discord_import", "reddit_import"),
    "Vectors and people": ("vector_sync", "identity_merging"),
    "At 1, 10 and 100 times the size": ("scale",),
}


def benchmarks() -> tuple[str, ...]:
    """The names of all benchmarks, in the order of the page."""
    return tuple(name for names in CHAPTERS.values() for name in names)


def write(results: Sequence[Result], page: Path = PAGE) -> None:
    """Renew the page."""
    page.write_text(render(results), encoding="utf-8")


def render(results: Sequence[Result]) -> str:
    """The page as text."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    environment.filters.update(cell=_cell, number=number)
    bounded = [(result, figure) for result in results for figure in result.figures if figure.bound]
    return environment.get_template("page.md.jinja").render(
        chapters=CHAPTERS,
        prose={name: prose(name) for name in benchmarks()},
        results={name: [result for result in results if result.benchmark == name] for name in benchmarks()},
        bounded=bounded,
        missed=[(result, figure) for result, figure in bounded if not figure.is_met],
        machines=_machines(results),
    )


def prose(name: str) -> tuple[str, str]:
    """The first line of a benchmark's docstring and the rest of it, without importing what it needs."""
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    first, _, rest = (ast.get_docstring(ast.parse(source)) or "").replace("``", "`").partition("\n")
    return first, rest.strip()


def _machines(results: Iterable[Result]) -> list[str]:
    return sorted({machine(result) for result in results})


def machine(result: Result) -> str:
    """The machine of a result in words."""
    made = result.machine
    return f"{made.cores} cores of {made.processor or 'an unknown processor'}, {made.memory_gib} GiB"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
