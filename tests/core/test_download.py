"""Downloads that are cut, changed, or not what was announced."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from boost_collectors.core.download import download, file_sha256
from boost_collectors.core.errors import NetworkError, NotFoundError, TransientError
from boost_collectors.core.http import HttpClient
from boost_collectors.core.http_retry import RetryPolicy
from include.sandbox import Sandbox

PATH = "/release/1.86.0/source/boost_1_86_0.zip"


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    folder = tmp_path / "samples" / "boost_docs" / "archives"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def sandbox(archives: Path, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(samples=tmp_path / "samples", cache=tmp_path / "cache") as server:
        yield server


@pytest.fixture
def http() -> Iterator[HttpClient]:
    with HttpClient(policy=RetryPolicy(1)) as client:
        yield client


def served(archives: Path, size: int = 300_000) -> bytes:
    body = hashlib.shake_128(b"archive").digest(size)
    (archives / "boost_1_86_0.zip").write_bytes(body)
    return body


def ranges(sandbox: Sandbox) -> list[str | None]:
    return [request.headers.get("range") for request in sandbox.requests]


def test_a_whole_file_stands_alone(sandbox: Sandbox, http: HttpClient, archives: Path, tmp_path: Path) -> None:
    body = served(archives)
    target = tmp_path / "down" / "a.zip"
    target.parent.mkdir()
    download(http, sandbox.url + PATH, target, sha256=hashlib.sha256(body).hexdigest().upper())
    assert target.read_bytes() == body
    assert list(target.parent.iterdir()) == [target]
    assert file_sha256(target) == hashlib.sha256(body).hexdigest()


def test_a_cut_download_goes_on_where_it_ended(
    sandbox: Sandbox, http: HttpClient, archives: Path, tmp_path: Path
) -> None:
    body = served(archives)
    target = tmp_path / "a.zip"
    sandbox.faults.add("*.zip", "truncated")
    with pytest.raises(NetworkError):
        download(http, sandbox.url + PATH, target)
    assert not target.exists()
    download(http, sandbox.url + PATH, target)
    assert target.read_bytes() == body
    assert ranges(sandbox) == [None, "bytes=150000-"]
    assert sandbox.requests[-1].status == 206


def test_the_client_itself_goes_on_when_it_asks_again(sandbox: Sandbox, archives: Path, tmp_path: Path) -> None:
    body = served(archives)
    sandbox.faults.add("*.zip", "truncated", times=2)
    with HttpClient(policy=RetryPolicy(3), sleep=lambda _: None) as client:
        download(client, sandbox.url + PATH, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == body
    assert ranges(sandbox) == [None, "bytes=150000-", "bytes=225000-"]


def test_the_rest_of_another_file_is_not_put_behind_the_first_half(
    sandbox: Sandbox, http: HttpClient, archives: Path, tmp_path: Path
) -> None:
    served(archives)
    sandbox.faults.add("*.zip", "truncated")
    with pytest.raises(NetworkError):
        download(http, sandbox.url + PATH, tmp_path / "a.zip")
    other = served(archives, 200_000)
    download(http, sandbox.url + PATH, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == other


def test_a_part_of_another_address_is_not_continued(
    sandbox: Sandbox, http: HttpClient, archives: Path, tmp_path: Path
) -> None:
    body = served(archives)
    sandbox.faults.add("*.zip", "truncated")
    with pytest.raises(NetworkError):
        download(http, sandbox.url + PATH, tmp_path / "a.zip")
    download(http, sandbox.url + "/mirror/1.86.0/boost_1_86_0.zip", tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == body
    assert ranges(sandbox) == [None, None]


def test_a_file_that_only_missed_its_place_costs_no_request(
    sandbox: Sandbox, http: HttpClient, archives: Path, tmp_path: Path
) -> None:
    body = served(archives)
    sandbox.faults.add("*.zip", "truncated")
    with pytest.raises(NetworkError):
        download(http, sandbox.url + PATH, tmp_path / "a.zip")
    (tmp_path / "a.zip.part").write_bytes(body)  # as a process leaves it that is killed before the renaming
    sandbox.requests.clear()
    download(http, sandbox.url + PATH, tmp_path / "a.zip", sha256=hashlib.sha256(body).hexdigest())
    assert list(sandbox.requests) == []
    assert (tmp_path / "a.zip").read_bytes() == body


def test_a_file_that_is_not_the_announced_one_leaves_nothing(
    sandbox: Sandbox, http: HttpClient, archives: Path, tmp_path: Path
) -> None:
    served(archives)
    target = tmp_path / "down" / "a.zip"
    target.parent.mkdir()
    with pytest.raises(TransientError, match="not the file that was announced"):
        download(http, sandbox.url + PATH, target, sha256="0" * 64)
    with pytest.raises(NotFoundError):
        download(http, sandbox.url + PATH.replace("86", "87"), target)
    assert list(target.parent.iterdir()) == []


def test_memory_does_not_grow_with_the_file(sandbox: Sandbox, http: HttpClient, archives: Path, tmp_path: Path) -> None:
    size = 64_000_000
    with (archives / "boost_1_86_0.zip").open("wb") as file:
        file.truncate(size)
    download(http, sandbox.url + PATH, tmp_path / "warm.zip")
    tracemalloc.start()
    try:
        download(http, sandbox.url + PATH, tmp_path / "a.zip")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "a.zip").stat().st_size == size
    assert peak < size / 3
