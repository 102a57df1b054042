"""The data file: written only when it differs, read library by library, and refused by name when it is odd."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.boost_library_usage_dashboard import data_file
from boost_collectors.boost_library_usage_dashboard.data_file import DataFile
from boost_collectors.core.errors import CommandError

LIBRARIES = [("asio", {"text": "é \u2028 {" * 9}), ("empty", {}), ("other", {"a": [1, 2]})]


def _write(path: Path, stamp: str, **members: Any) -> bool:
    return data_file.write(path, stamp, iter(LIBRARIES), lambda: members)


def test_it_is_json_and_read_back_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / data_file.NAME
    assert _write(path, "now", repos_by_version=[], n=12)
    assert json.loads(path.read_text(encoding="utf-8"))["n"] == 12
    assert "é" in path.read_text(encoding="utf-8")
    for chunk in (1, 7, 1 << 20):
        monkeypatch.setattr(data_file, "_CHUNK", chunk)
        data = DataFile(path)
        assert (data.stamp, data.members["n"], data.names) == ("now", 12, ["asio", "other"])
        assert dict(data.libraries()) == {name: value for name, value in LIBRARIES if value}


def test_the_same_data_keeps_the_file_and_its_stamp(tmp_path: Path) -> None:
    path = tmp_path / data_file.NAME
    assert _write(path, "earlier", n=1)
    before = path.stat()
    assert not _write(path, "later", n=1)
    assert path.stat() == before
    assert data_file.stamp_of(path) == "earlier"
    assert _write(path, "later", n=2)
    assert data_file.stamp_of(path) == "later"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / data_file.NAME
    _write(path, "earlier", n=1)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON compliant"):
        _write(path, "later", n=float("nan"))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "nonsense", '{"a": 1', '{"a": 1} x', '{"a" 1}', "{1: 2}", '{"a": 1,}', '{"metrics_by_library": null}',
        '{"top_repositories": {"top20_by_stars": null}}', '{"libraries_page_data": {"asio": {}', "\udcff",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / data_file.NAME
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CommandError, match=r"dashboard_data\.json"):
        DataFile(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="not found"):
        DataFile(tmp_path / data_file.NAME)
