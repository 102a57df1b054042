"""Mailings made for a test, and the collector pointed at them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from boost_collectors import registry
from include.sandbox.github import TAKEN
from tests.bench import CollectorBench

BASE = "https://www.open-std.org/jtc1/sc22/wg21/docs/papers"
REPOSITORY, TOKEN = "made-up/conversions", "not-a-real-token"
DISPATCH = {
    "WG21_GITHUB_DISPATCH_ENABLED": "yes",
    "WG21_GITHUB_DISPATCH_REPO": REPOSITORY,
    "WG21_GITHUB_DISPATCH_TOKEN": TOKEN,
}


class Site:
    """The mailings that the sandbox serves; a change is seen by the next request."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._path = folder / "papers.json"
        self._mailings: dict[str, list[dict[str, Any]]] = {}
        self._write()

    def mailing(self, date: str, *files: str) -> None:
        """A mailing with a paper per file name."""
        self._mailings.setdefault(date, [])
        for file in files:
            self.paper(date, file)
        self._write()

    def paper(self, mailing: str, /, *files: str, **fields: Any) -> None:
        """A paper of a mailing, with one or more links in its row."""
        given = {"title": f"About {files[0]}", "authors": ["Mila Aster"], "date": f"{mailing}-05", "subgroup": "SG1"}
        self._mailings.setdefault(mailing, []).append({"files": list(files), **given, **fields})
        self._write()

    def change(self, mailing: str, place: int = 0, /, **fields: Any) -> None:
        self._mailings[mailing][place] |= fields
        self._write()

    def remove(self, date: str) -> None:
        del self._mailings[date]
        self._write()

    def _write(self) -> None:
        self._path.write_text(json.dumps(self._mailings), encoding="utf-8")


class Bench(CollectorBench):
    """The collector on mailings of the test's own."""

    spec = registry.find("run_wg21_paper_tracker")

    def __init__(self, site: Site, cache: Path, *args: Any) -> None:
        super().__init__(*args)
        self.site = site
        self._cache = cache

    @property
    def stored(self) -> set[str]:
        """Ids of the stored papers."""
        return set(self.rows("SELECT paper_id FROM wg21_paper_tracker_wg21paper"))

    @property
    def statuses(self) -> dict[str, str]:
        return dict(self.rows("SELECT mailing_date, download_status FROM wg21_paper_tracker_wg21mailing"))

    @property
    def pages(self) -> list[tuple[str, int]]:
        """The year pages that the last run asked for, with the status of the answers."""
        asked = [(request.path.rstrip("/").rpartition("/")[2], request.status) for request in self.sandbox.requests]
        return [(year, status) for year, status in asked if year.isdecimal()]

    @property
    def waiting(self) -> list[tuple[str, str]]:
        """The announcements in the outbox, without the site's base."""
        query = "SELECT url, kind FROM wg21_paper_tracker_dispatch WHERE sent_at IS NULL ORDER BY id"
        return [(url.removeprefix(f"{BASE}/"), kind) for url, kind in self.rows(query)]

    @property
    def taken(self) -> list[dict[str, Any]]:
        """The events that GitHub took, oldest first."""
        path = self._cache / "github" / TAKEN
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
