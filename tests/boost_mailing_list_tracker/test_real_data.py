"""Two real archives, counted independently of the collector."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from boost_collectors import registry
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings
from include.sandbox import Sandbox

R_DEVEL, R_PACKAGES = "r-devel@r-project.org", "r-package-devel@r-project.org"
MBOXES = {R_DEVEL: "r-devel_2003-01.mbox", R_PACKAGES: "r-package-devel_2026q3.mbox"}
DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def settings(database_url: str, make_settings: Any) -> Any:
    if not (DATA / "mailing-list").is_dir():
        pytest.skip(f"there is no folder of real data at {DATA}")
    with Sandbox(DATA) as sandbox:
        yield make_settings(
            **sandbox.environment(), DATABASE_URL=database_url, BOOST_MAILING_LISTS=f"{R_DEVEL},{R_PACKAGES}"
        )


def _ids(list_name: str) -> set[bytes]:
    mbox = (DATA / "mailing-list" / "mbox" / MBOXES[list_name]).read_bytes()
    return set(re.findall(rb"^Message-ID:\s*(\S+)", mbox, re.MULTILINE))


def test_every_message_of_the_real_archives_is_stored_once(settings: Settings, database: Database) -> None:
    spec = registry.find("run_boost_mailing_list_tracker")
    result = execute(spec, Request(), settings=settings)
    assert result is not None
    assert result.success
    with database.engine.connect() as connection:
        query = "SELECT list_name, count(*) FROM boost_mailing_list_tracker_messagelist GROUP BY 1"
        stored = {row[0]: row[1] for row in connection.exec_driver_sql(query)}
        messages = connection.exec_driver_sql(
            "SELECT count(*), count(sent_at) FROM boost_mailing_list_tracker_mailinglistmessage"
        ).one()
    assert stored == {name: len(_ids(name)) for name in MBOXES}
    distinct = len(_ids(R_DEVEL) | _ids(R_PACKAGES))
    assert tuple(messages) == (distinct, distinct)
    second = execute(spec, Request(), settings=settings)
    assert second is not None
    assert (second.counts["messages_inserted"], second.counts["messages_updated"]) == (0, 0)
