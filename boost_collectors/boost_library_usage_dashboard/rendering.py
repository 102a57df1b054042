"""Rendering: from the data file to the pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from boost_collectors.boost_library_usage_dashboard import data_file, theme
from boost_collectors.boost_library_usage_dashboard.index_page import index_page, language_charts
from boost_collectors.boost_library_usage_dashboard.library_page import TABLES, library_page
from boost_collectors.boost_library_usage_dashboard.names import page_names
from boost_collectors.boost_library_usage_dashboard.site import Site
from boost_collectors.boost_library_usage_dashboard.tables import DataTable, safe_json


def render(folder: Path) -> Site:
    """Bring the pages of a folder up to date with its data file.

    Raises FileNotFoundError without a data file, CommandError for one that cannot be used.
    """
    data = data_file.DataFile(folder / data_file.NAME)
    site = Site(folder)
    _Pages(data, site).put_all()
    site.finish()
    return site


class _Pages:
    def __init__(self, data: data_file.DataFile, site: Site) -> None:
        self._data, self._site = data, site
        self._environment = theme.environment()
        self._names = page_names(data.names)
        self._files = {library: f"{name}.html" for library, name in self._names.items()}

    def put_all(self) -> None:
        for name in theme.ASSETS:
            self._site.put(f"assets/{name}", theme.asset(name))
        self._put_index()
        self._put_languages()
        template = self._environment.get_template("library.html")
        for library, data in self._data.libraries():
            name = self._names[library]
            values = library_page(library, data, self._files)
            sources = {table: self._rows_of(values[table], f"{name}/{table}.js", "../") for table in TABLES}
            self._site.put(f"libraries/{name}.html", template.render(values, root="../", sources=sources))

    def _put_index(self) -> None:
        values = index_page(self._data, {library: f"libraries/{file}" for library, file in self._files.items()})
        source = self._rows_of(values["overview"], "overview.js", "")
        self._site.put(
            "index.html", self._environment.get_template("index.html").render(values, overview_source=source)
        )

    def _put_languages(self) -> None:
        charts = language_charts(self._data)
        if not charts:
            return
        self._site.put("languages.html", self._environment.get_template("languages.html").render(charts=charts))
        draw: Any = getattr(self._environment.get_template("parts.html").module, "chart")  # noqa: B009
        fragments = {name: str(draw(chart)) for name, chart in charts}
        self._site.put("data/languages.js", _script("data/languages.js", fragments))

    def _rows_of(self, table: DataTable, name: str, root: str) -> str:
        """The address of the table's rows, as seen from a page; empty when they stand in the page itself."""
        if not table.is_separate:
            return ""
        path = f"data/{name}"
        self._site.put(path, _script("/".join(path.split("/")[-2:]), table.rows))
        return f"{root}{path}"


def _script(name: str, value: Any) -> str:
    # The script waits for the last two parts of the address it asked for.
    return f"boostDashboard({json.dumps(name)},{safe_json(value)});\n"
