from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from boost_collectors.core.context import RunContext
from boost_collectors.core.database import Database
from boost_collectors.core.errors import CollectorError, NotFoundError
from boost_collectors.core.github import GitHubClient, GraphQLError
from boost_collectors.core.operations.github_ops import (
    fetch_file_content,
    get_remote_tree,
    list_remote_directory,
    upload_file,
    upload_folder_to_github,
)
from boost_collectors.core.settings import Settings
from boost_collectors.github_activity_tracker.export import detect_renames_from_dirs
from include.sandbox import Sandbox
from tests.core.github.small_github import Answer, SmallGitHub

TOKEN = "token-of-the-test-that-may-write"


@pytest.fixture
def server() -> Iterator[SmallGitHub]:
    with SmallGitHub.running() as server:
        server.users = {"token-one": "ann"}
        yield server


@pytest.fixture
def client(server: SmallGitHub, database: Database, make_settings: Callable[..., Settings]) -> Iterator[GitHubClient]:
    settings = make_settings(
        GITHUB_TOKEN="token-one", GITHUB_API_URL=server.url, GITHUB_QUOTA_RESERVE="0", HTTP_MAX_ATTEMPTS="1"
    )
    with GitHubClient.from_settings(settings, database, clock=server.clock) as client:
        yield client


def test_a_file_is_fetched(server: SmallGitHub, client: GitHubClient) -> None:
    entry = {"type": "file", "encoding": "base64", "content": base64.b64encode(b"text").decode()}
    server.play("/repos/o/r/contents/a.txt", Answer(body=entry))
    assert fetch_file_content("o", "r", "a.txt", client=client) == b"text"


def test_a_file_is_uploaded(server: SmallGitHub, client: GitHubClient, tmp_path: Path) -> None:
    (tmp_path / "local.txt").write_text("text")
    made = Answer(body={"commit": {"sha": "c"}})
    server.play("/repos/o/r/contents/d/a.txt", Answer(body={"type": "file", "sha": "old"}), made)
    assert upload_file("o", "r", "d/a.txt", tmp_path / "local.txt", client=client) == {"commit": {"sha": "c"}}
    sent = json.loads(server.seen[-1].body)
    assert sent == {"message": "Add local.txt", "content": "dGV4dA==", "branch": "main", "sha": "old"}


def test_an_upload_that_fails_is_none(
    server: SmallGitHub, client: GitHubClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert upload_file("o", "r", "a.txt", tmp_path / "missing", client=client) is None
    assert "missing" in caplog.text


def test_without_a_token_there_is_no_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_TOKEN", "GITHUB_TOKENS_SCRAPING", "GITHUB_TOKEN_WRITE"):
        monkeypatch.setenv(name, "")
    with pytest.raises(RuntimeError, match="no GitHub client for scraping"):
        fetch_file_content("o", "r", "a.txt")
    with pytest.raises(RuntimeError, match="no GitHub client for write"):
        upload_file("o", "r", "a.txt", tmp_path)


def test_a_tree(server: SmallGitHub, client: GitHubClient, caplog: pytest.LogCaptureFixture) -> None:
    tree = [{"path": "a", "type": "blob"}]
    server.play("/repos/o/r/git/ref/heads/main", Answer(body={"object": {"sha": "c"}}))
    server.play("/repos/o/r/git/commits/c", Answer(body={"tree": {"sha": "t"}}))
    server.play("/repos/o/r/git/trees/t", Answer(body={"tree": tree, "truncated": True}))
    with caplog.at_level(logging.WARNING):
        assert get_remote_tree("o", "r", "main", client=client) == tree
    assert "longer than GitHub lists" in caplog.text


def test_a_tree_of_an_unknown_branch(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/repos/o/r/git/ref/heads/none", Answer(404, {"message": "Not Found"}))
    assert get_remote_tree("o", "r", "none", client=client) == []


def folder(*entries: tuple[str, str]) -> Answer:
    listed = [{"path": path, "type": kind} for path, kind in entries]
    return Answer(body={"data": {"repository": {"object": {"entries": listed}}}})


def test_a_folder(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/graphql", folder(("d/a.md", "blob"), ("d/sub", "tree")), folder())
    assert list_remote_directory("o", "r", "main", "d/", client=client) == ["d/a.md"]
    assert json.loads(server.seen[-1].body)["variables"] == {"owner": "o", "name": "r", "expression": "main:d"}
    list_remote_directory("o", "r", "main", "", client=client)
    assert json.loads(server.seen[-1].body)["variables"]["expression"] == "main:"


def test_a_folder_that_is_not_there_is_empty_but_a_failed_listing_is_not(
    server: SmallGitHub, client: GitHubClient
) -> None:
    server.play("/graphql", Answer(body={"data": {"repository": {"object": None}}}))
    assert list_remote_directory("o", "r", "main", "d", client=client) == []
    server.play("/graphql", Answer(body={"data": {"repository": None}}))
    with pytest.raises(NotFoundError):
        list_remote_directory("o", "r", "main", "d", client=client)
    server.play("/graphql", Answer(body={"data": None, "errors": [{"message": "Something went wrong"}]}))
    with pytest.raises((GraphQLError, CollectorError)):
        detect_renames_from_dirs("o", "r", "main", ["d/#1 - a.md"], client=client)


def test_renames_by_one_listing_a_folder(server: SmallGitHub, client: GitHubClient) -> None:
    server.play("/graphql", folder(("d/#1 - old.md", "blob"), ("d/#2 - x.md", "blob"), ("d/#1 - new.md", "blob")))
    new = ["d/#1 - new.md"]
    assert detect_renames_from_dirs("o", "r", "main", new, client=client) == ["d/#1 - old.md"]
    assert detect_renames_from_dirs("o", "r", "main", [], client=client) == []


@pytest.fixture
def publishing(
    tmp_path: Path, make_settings: Callable[..., Settings], make_context: Callable[..., RunContext], database_url: str
) -> Iterator[RunContext]:
    recipes = tmp_path / "samples" / "git" / "pub"
    recipes.mkdir(parents=True)
    (recipes / "pages.yaml").write_text(f"push_token: {TOKEN}\ncommits: []\n", encoding="utf-8")
    with Sandbox(samples=tmp_path / "samples", cache=tmp_path / "cache") as sandbox:
        given = {"GITHUB_GIT_URL": f"{sandbox.url}/git", "GITHUB_TOKEN_WRITE": "wrong-token-of-the-settings"}
        yield make_context(settings=make_settings(DATABASE_URL=database_url, **given))


def test_a_folder_is_uploaded_by_one_push(publishing: RunContext, tmp_path: Path) -> None:
    source = tmp_path / "tree"
    (source / "d").mkdir(parents=True)
    (source / "d" / "a.md").write_text("a")
    (source / "d" / "._a.md").write_text("of another system")
    done = upload_folder_to_github(source, "pub", "pages", context=publishing, token=TOKEN)
    assert done["success"] is True
    assert done["message"].startswith("Uploaded 1 ")
    again = upload_folder_to_github(
        source, "pub", "pages", context=publishing, token=TOKEN, delete_paths=["gone.md"], branch="main"
    )
    assert again["message"].startswith("Uploaded 0 ")


def test_an_upload_never_raises(publishing: RunContext, tmp_path: Path) -> None:
    missing = upload_folder_to_github(tmp_path / "none", "pub", "pages", context=publishing)
    assert missing == {"success": False, "message": f"Not a directory: {tmp_path / 'none'}"}
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").write_text("a")
    refused = upload_folder_to_github(tmp_path / "tree", "pub", "pages", context=publishing)
    assert refused["success"] is False
    assert "Git push failed" in refused["message"]
    assert "Invalid GitHub owner" in upload_folder_to_github(tmp_path, "..", "x", context=publishing)["message"]
