"""Files, tags and submodules of one repository."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from boost_collectors.core.errors import NetworkError, SourceError
from boost_collectors.core.github import contents
from boost_collectors.core.github.client import GitHubClient
from boost_collectors.core.github.submodules import get_submodules, get_submodules_from_file, parse_submodules
from tests.core.github.small_github import Answer, SmallGitHub

GITMODULES = """
# comment
[submodule "x.github.io"]
    path = libs/x
    url = ../x.github.io.git
[submodule "other"]
    url = https://elsewhere.example/other.git
"""
X = {
    "repo_type": "boost_org_module",
    "owner": "boostorg",
    "repo_url": "https://github.com/boostorg/x.github.io.git",
    "repo_name": "x.github.io",
}
OTHER = {"repo_type": "boost_org_module", "owner": "boostorg"}


@pytest.fixture
def client(server: SmallGitHub, make_client: Callable[..., GitHubClient]) -> GitHubClient:
    server.users = {"token-one": "ann"}
    return make_client("token-one", HTTP_MAX_ATTEMPTS="1")


def file(text: bytes, **given: object) -> Answer:
    entry = {"type": "file", "encoding": "base64", "content": base64.encodebytes(text).decode(), "sha": "abc"}
    return Answer(body={**entry, **given})


def test_a_file(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r/contents/a%20b/c.txt", file(b"Gr\xfc\xdfe"))
    assert contents.get_file_content(client, "o", "r", "a b/c.txt", ref="main") == (b"Gr\xfc\xdfe", "base64")
    assert server.seen[-1].path.endswith("?ref=main")
    assert contents.get_file_sha(client, "o", "r", "a b/c.txt") == "abc"


def test_a_file_that_github_lists_without_content(server: SmallGitHub, client: GitHubClient) -> None:
    raw = Answer(body=b"big", headers={"Content-Type": "application/vnd.github.raw+json; charset=utf-8"})
    server.play("/repos/o/r/contents/big", file(b"", encoding="none", size=3), raw)
    assert contents.get_file_content(client, "o", "r", "big") == (b"big", "none")


def test_no_content_a_directory_and_nonsense(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r/contents/empty", file(b""))
    server.play("/repos/o/r/contents/folder", Answer(body=[]))
    server.play("/repos/o/r/contents/bad", file(b"", content="!"))
    server.play("/repos/o/r/contents/none", Answer(404))
    assert contents.get_file_content(client, "o", "r", "empty") == (b"", "base64")
    with pytest.raises(ValueError, match="directory, not a file"):
        contents.get_file_content(client, "o", "r", "folder")
    with pytest.raises(SourceError, match="base64"):
        contents.get_file_content(client, "o", "r", "bad")
    assert contents.get_file_sha(client, "o", "r", "folder") is None
    assert contents.get_file_sha(client, "o", "r", "none") is None


def test_writing(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r/contents/f", file(b"old"))
    contents.create_or_update_file(client, "o", "r", "f", "bmV3", "message", sha="abc")
    contents.delete_file(client, "o", "r", "f", "gone", branch="b")
    contents.create_issue_comment(client, "o", "r", 7, "text")
    contents.create_pull_request(client, "o", "r", "t", "head", "base")
    contents.create_issue(client, "o", "r", "t")
    written = [(asked.method, json.loads(asked.body)) for asked in server.seen if asked.method != "GET"]
    assert written == [
        ("PUT", {"message": "message", "content": "bmV3", "branch": "main", "sha": "abc"}),
        ("DELETE", {"message": "gone", "sha": "abc", "branch": "b"}),
        ("POST", {"body": "text"}),
        ("POST", {"title": "t", "head": "head", "base": "base", "body": ""}),
        ("POST", {"title": "t", "body": ""}),
    ]
    server.play("/repos/o/r/contents/f", Answer(404))
    assert contents.delete_file(client, "o", "r", "f", "gone") is None


def test_tags(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r/git/ref/tags/v1", Answer(body={"object": {"sha": "abc"}}))
    server.play("/repos/o/r/git/commits/abc", Answer(body={"committer": {"date": "2024-01-02T03:04:05Z"}}))
    server.play("/repos/o/r/git/commits/def", Answer(body={}))
    assert contents.get_tag_sha(client, "o", "r", "v1") == "abc"
    assert contents.get_tag_published_at(client, "o", "r", "abc") == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert contents.get_tag_published_at(client, "o", "r", "def") is None


def test_submodules_keep_a_git_inside_the_name() -> None:
    assert parse_submodules(GITMODULES, "boostorg") == [X, OTHER]
    assert parse_submodules("") == []


def test_submodules_of_a_repository(server: SmallGitHub, client: GitHubClient, tmp_path: Path) -> None:
    local = tmp_path / ".gitmodules"
    assert get_submodules_from_file(local) == []
    server.play("/repos/boostorg/boost/contents/.gitmodules", file(GITMODULES.encode()))
    assert get_submodules(client, "boostorg", "boost", local) == [X, OTHER]
    asked = len(server.seen)
    local.write_text(GITMODULES)
    assert get_submodules(client, "boostorg", "boost", local) == [X, OTHER]
    assert len(server.seen) == asked


@pytest.mark.parametrize("answer", [Answer(404), Answer(body=[]), file(b"", content="!"), file(b"\xff")])
def test_no_submodules(server: SmallGitHub, client: GitHubClient, answer: Answer) -> None:
    server.play("/repos/o/r/contents/.gitmodules", answer)
    assert get_submodules(client, "o", "r") == []


def test_an_error_page_is_not_an_empty_list(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r/contents/.gitmodules", Answer(502, b"<html>"))
    with pytest.raises(NetworkError):
        get_submodules(client, "o", "r")
