"""The real metadata and headers of Boost 1.81.0 through git: as many rows as the files themselves say."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.sandbox.git_releases import START, PublishedRelease
from tests.boost_library_tracker.conftest import LibraryBench

META = Path(__file__).resolve().parents[3] / "shared" / "data" / "boost-meta"
TAG = "boost-1.81.0"
ROOT = "boost/"
pytestmark = pytest.mark.skipif(not META.is_dir(), reason="the real data folder is not there")


def _module_paths() -> list[str]:
    lines = (META / "gitmodules-boost-1.81.0.txt").read_text().splitlines()
    return [line.partition("=")[2].strip() for line in lines if line.strip().startswith("path")]


def _files() -> dict[str, bytes]:
    """Metadata and headers by their path in the superproject. Headers keep only their ``#include`` lines."""
    found = {str(path.relative_to(META / TAG)): path.read_bytes() for path in (META / TAG).rglob("libraries.json")}
    with tarfile.open(META / f"{TAG}-headers.tar.xz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                lines = [line for line in content.read().splitlines(keepends=True) if b"include" in line]
                found[member.name.removeprefix(ROOT)] = b"".join(lines)
    return found


def _modules(files: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    paths = sorted((path for path in _module_paths() if path.startswith("libs/")), key=len, reverse=True)
    modules: dict[str, dict[str, bytes]] = {path: {"LICENSE": b"BSL-1.0\n"} for path in paths}
    for name, content in files.items():
        owner = next(path for path in paths if name.startswith(f"{path}/"))
        modules[owner][name.removeprefix(f"{owner}/")] = content
    return modules


def _records(files: dict[str, bytes]) -> list[Any]:
    roots = [json.loads(content) for name, content in files.items() if name.endswith("meta/libraries.json")]
    return [entry for root in roots for entry in (root if isinstance(root, list) else [root])]


def test_a_real_release_has_as_many_rows_as_its_files_say(bench: Callable[..., LibraryBench]) -> None:
    files = _files()
    modules = _modules(files)
    gitmodules = "".join(
        f'[submodule "{path.removeprefix("libs/").replace("/", "_")}"]\n\tpath = {path}\n'
        f"\turl = ../{path.removeprefix('libs/').replace('/', '_')}.git\n"
        for path in modules
    )
    published = {path.removeprefix("libs/"): content for path, content in modules.items()}
    run = bench([PublishedRelease(TAG, START, published, gitmodules.encode())])
    counts = run.collect()

    records = _records(files)
    assert len(records) == 171
    assert counts["library_versions_inserted"] == len(records)
    assert {key for _, _, key in run.libraries(TAG)} == {record["key"] for record in records}
    headers = [name for path in modules for name in modules[path] if name.startswith("include/")]
    assert len(headers) > 14_000
    assert run.rows("SELECT count(*) FROM boost_library_tracker_boostfile") == [len(headers)]
    assert counts.get("headers_without_library", 0) == 0
    categories = {category for record in records for category in _as_list(record["category"])}
    assert set(run.rows("SELECT name FROM boost_library_tracker_boostlibrarycategory")) == categories
    assert counts["requests"] == 0
    assert ("asio", "system") in run.dependencies(TAG)
    assert ("config", "mpl") not in run.dependencies(TAG)
    found = run.headers()
    for header, library in (
        ("include/boost/asio.hpp", "asio"),
        ("include/boost/utility/enable_if.hpp", "Enable If"),
        ("include/boost/numeric/ublas/vector.hpp", "uBLAS"),
        ("include/boost/logic/tribool.hpp", "Tribool"),
        ("include/boost/geometry/index/rtree.hpp", "Geometry Index"),
    ):
        assert found[header] == library


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
