"""The look of all our pages: templates, stylesheet and scripts, for whoever makes pages beside the dashboard's.

A page extends ``base.html`` and needs the files of ``ASSETS`` below ``assets/`` of its ``root``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from boost_collectors.boost_library_usage_dashboard.queries import STARS

FOLDER = Path(__file__).parent
ASSETS = ("dashboard.css", "dashboard.js", "theme.js")


def environment(*more: Path) -> Environment:
    """The templates of this folder, and of others before them. Everything is escaped; a missing name is an error."""
    loaders = [FileSystemLoader(folder) for folder in (*more, FOLDER / "templates")]
    made = Environment(
        loader=ChoiceLoader(loaders), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals |= {"stars": STARS, "root": ""}
    return made


@cache
def asset(name: str) -> bytes:
    """The content of one of ``ASSETS``."""
    return (FOLDER / "assets" / name).read_bytes()


def sources() -> Iterable[Path]:
    """Every file that the pages are made from, code included."""
    return sorted(path for path in FOLDER.rglob("*") if path.suffix in (".py", ".html", ".css", ".js"))
