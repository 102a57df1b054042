"""The shapes, at run time by the guards and at checking time by mypy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from boost_collectors.core.protocols import (
    require_activity_record,
    require_incremental_state,
    require_tracker_result,
)

SHAPES: list[tuple[Callable[[object], object], str, dict[str, Any]]] = [
    (
        require_tracker_result,
        "TrackerResult",
        {"success": True, "counts": {}, "errors": (), "duration_seconds": None},
    ),
    (
        require_activity_record,
        "ActivityRecord",
        {
            "source_system": None,
            "external_id": "",
            "occurred_at": None,
            "activity_type": None,
            "actor_external_id": "",
            "source_url": None,
            "summary": "",
        },
    ),
    (
        require_incremental_state,
        "IncrementalState",
        {"checkpoint_token": None, "human_readable_marker": None, "extras": {}},
    ),
]


@pytest.mark.parametrize(("require", "name", "members"), SHAPES)
def test_any_object_with_the_members_fits(
    require: Callable[[object], object], name: str, members: dict[str, Any]
) -> None:
    value = SimpleNamespace(**members)
    assert require(value) is value


@pytest.mark.parametrize(("require", "name", "members"), SHAPES)
def test_what_lacks_a_member_or_is_a_dict_does_not(
    require: Callable[[object], object], name: str, members: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match=f"{name}.* dict"):
        require(members)
    for missing in members:
        rest = {key: value for key, value in members.items() if key != missing}
        with pytest.raises(TypeError, match=f"{name}.* SimpleNamespace"):
            require(SimpleNamespace(**rest))


IMPORTS = """
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from boost_collectors.core.activity_types import ActivityType, ActorExternalId, SourceSystem
from boost_collectors.core.protocols import ActivityRecord, TrackerResult
"""

SAMPLES = {
    "well_shaped": """
@dataclass(frozen=True)
class Record:
    source_system: SourceSystem
    external_id: str
    occurred_at: datetime | None
    activity_type: ActivityType
    actor_external_id: ActorExternalId
    source_url: str | None
    summary: str

@dataclass(frozen=True)
class Result:
    success: bool
    counts: Mapping[str, int]
    errors: tuple[str, ...]
    duration_seconds: float | None

def records(record: Record) -> ActivityRecord:
    return record

def results(result: Result) -> TrackerResult:
    return result
""",
    "typed_as_text": """
@dataclass(frozen=True)
class Record:
    source_system: str
    external_id: str
    occurred_at: str
    activity_type: str
    actor_external_id: str
    source_url: str
    summary: str

def records(record: Record) -> ActivityRecord:
    return record
""",
    "bare_text": """
def results() -> TrackerResult:
    return "done"
""",
}


def test_the_type_checker_tells_them_apart(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    for name, body in SAMPLES.items():
        (tmp_path / f"{name}.py").write_text(IMPORTS + body)
    command = "import sys; from mypy import api; out, err, _ = api.run(sys.argv[1:]); print(out + err)"
    options = ["--strict", "--config-file=", "--follow-imports=silent", f"--cache-dir={tmp_path / 'cache'}"]
    done = subprocess.run(
        [sys.executable, "-c", command, *options, *(str(tmp_path / f"{name}.py") for name in SAMPLES)],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
        check=True,
    )
    wrong = {name for name in SAMPLES if f"{name}.py" in done.stdout}
    assert wrong == {"typed_as_text", "bare_text"}, done.stdout
    assert "ActivityRecord" in done.stdout
    assert "TrackerResult" in done.stdout
