"""A table is written only by its owner's services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.architecture.service_writes import find_writes


def test_no_table_is_written_outside_its_owners_services(pytestconfig: Any) -> None:
    assert find_writes(pytestconfig.rootpath / "boost_collectors") == []


HEAD = "from sqlalchemy import insert, update, delete, text\nfrom boost_collectors.thing.models import Thing\n"


@pytest.mark.parametrize(
    "code",
    [
        "session.execute(insert(Thing).values(a=1))",
        "session.execute(update(Thing).values(a=1).where(Thing.id == 2))",
        "session.execute(delete(Thing))",
        "session.add(Thing())",
        "session.delete(thing)",
        "session.execute(text('DELETE FROM thing'))",
        "table = Thing.__table__\nsession.execute(insert(table))",
    ],
)
def test_each_way_of_writing_is_seen(tmp_path: Path, code: str) -> None:
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "collector.py").write_text(HEAD + code + "\n")
    assert len(find_writes(tmp_path)) == 1
    (tmp_path / "thing" / "collector.py").rename(tmp_path / "thing" / "services.py")
    assert find_writes(tmp_path) == []


def test_services_may_not_write_what_belongs_to_others(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "services.py").write_text(HEAD + "session.execute(insert(Thing))\n")
    assert len(find_writes(tmp_path)) == 1


def test_reading_is_free(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    source = HEAD + "session.execute(select(Thing))\nseen = set()\nseen.add(1)\nvalues.update(a=1)\n"
    (tmp_path / "other" / "collector.py").write_text(source)
    assert find_writes(tmp_path) == []
