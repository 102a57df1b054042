"""Single things of a repository by REST: files, tags, issues and pull requests to be made."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from boost_collectors.core.context import utc_now
from boost_collectors.core.errors import NotFoundError, SourceError
from boost_collectors.core.github.answers import RestAnswer
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc, parse_iso_datetime

RAW = "application/vnd.github.raw+json"


class Reader(Protocol):
    """What is read with: a GitHubClient."""

    def rest(
        self, path: str, *, params: dict[str, Any] | None = None, etag: str | None = None, accept: str | None = None
    ) -> RestAnswer: ...


class Writer(Reader, Protocol):
    """What is written with: a GitHubClient for writing."""

    def send(self, method: str, path: str, payload: Any = None) -> RestAnswer: ...


def get_repository_info(client: Reader, owner: str, name: str) -> dict[str, Any]:
    """``GET /repos/{owner}/{name}``. Raises NotFoundError."""
    return _object(client.rest(_repository(owner, name)))


def list_contents(client: Reader, owner: str, name: str, path: str = "", ref: str | None = None) -> Any:
    """``GET …/contents/{path}``: a list for a folder, an object for a file."""
    return client.rest(_contents(owner, name, path), params=_at(ref)).data


def get_file_content(
    client: Reader, owner: str, name: str, path: str, ref: str | None = None
) -> tuple[bytes, str | None]:
    """A file's bytes and the encoding that GitHub sent them in; ``b""`` for an empty file.

    A file above a megabyte, which GitHub lists without content, is asked for again as it is. Raises ValueError for a
    directory, NotFoundError, SourceError for content that cannot be decoded.
    """
    entry = list_contents(client, owner, name, path, ref)
    if isinstance(entry, list):
        raise ValueError(f"{owner}/{name}: {path} is a directory, not a file")
    encoding = entry.get("encoding")
    if encoding == "none" and entry.get("size"):
        return client.rest(_contents(owner, name, path), params=_at(ref), accept=RAW).data, encoding
    return _decoded(f"{owner}/{name}: {path}", entry.get("content") or "", encoding), encoding


def get_file_sha(client: Reader, owner: str, name: str, path: str, ref: str | None = None) -> str | None:
    """The hash of a file's blob, None for a directory and for what is not there."""
    try:
        entry = list_contents(client, owner, name, path, ref)
    except NotFoundError:
        return None
    return entry.get("sha") if isinstance(entry, dict) else None


def create_or_update_file(
    client: Writer,
    owner: str,
    name: str,
    path: str,
    content: str,
    message: str,
    branch: str = "main",
    sha: str | None = None,
) -> Any:
    """``PUT …/contents/{path}`` with base64 ``content``; ``sha`` is the blob that is replaced."""
    payload = {"message": message, "content": content, "branch": branch, **({"sha": sha} if sha else {})}
    return client.send("PUT", _contents(owner, name, path), payload).data


def delete_file(client: Writer, owner: str, name: str, path: str, message: str, branch: str = "main") -> Any:
    """``DELETE …/contents/{path}`` on a branch; None when there is no such file."""
    sha = get_file_sha(client, owner, name, path, branch)
    if sha is None:
        return None
    return client.send("DELETE", _contents(owner, name, path), {"message": message, "sha": sha, "branch": branch}).data


def create_pull_request(
    client: Writer, owner: str, name: str, title: str, head: str, base: str, body: str = ""
) -> dict[str, Any]:
    """``POST …/pulls``."""
    payload = {"title": title, "head": head, "base": base, "body": body}
    return _object(client.send("POST", f"{_repository(owner, name)}/pulls", payload))


def get_pull_request(client: Reader, owner: str, name: str, number: int) -> dict[str, Any]:
    """``GET …/pulls/{number}``. Raises NotFoundError."""
    return _object(client.rest(f"{_repository(owner, name)}/pulls/{number}"))


def create_issue(client: Writer, owner: str, name: str, title: str, body: str = "") -> dict[str, Any]:
    """``POST …/issues``."""
    return _object(client.send("POST", f"{_repository(owner, name)}/issues", {"title": title, "body": body}))


def create_issue_comment(client: Writer, owner: str, name: str, number: int, body: str) -> dict[str, Any]:
    """``POST …/issues/{number}/comments``."""
    return _object(client.send("POST", f"{_repository(owner, name)}/issues/{number}/comments", {"body": body}))


def get_tag_sha(client: Reader, owner: str, name: str, tag: str) -> str | None:
    """The object that a tag names (``GET …/git/ref/tags/{tag}``): a commit, or the tag itself if it is annotated."""
    data = client.rest(f"{_repository(owner, name)}/git/ref/tags/{quote(tag)}").data
    return data["object"]["sha"] if data else None


def get_tag_published_at(client: Reader, owner: str, name: str, sha: str) -> datetime | None:
    """When a commit was authored, else committed (``GET …/git/commits/{sha}``); now for a blank date, None for none."""
    data = client.rest(f"{_repository(owner, name)}/git/commits/{quote(sha, safe='')}").data or {}
    signature = data.get("author") or data.get("committer")
    if not signature:
        return None
    return ensure_aware_utc(parse_iso_datetime(signature.get("date"))) or utc_now()


def _repository(owner: str, name: str) -> str:
    return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"


def _contents(owner: str, name: str, path: str) -> str:
    return f"{_repository(owner, name)}/contents" + (f"/{quote(path.strip('/'))}" if path.strip("/") else "")


def _at(ref: str | None) -> dict[str, Any] | None:
    return {"ref": ref} if ref else None


def _object(answer: RestAnswer) -> dict[str, Any]:
    return answer.data if isinstance(answer.data, dict) else {}


def _decoded(what: str, content: str, encoding: str | None) -> bytes:
    try:
        packed = "".join(content.split())
        return base64.b64decode(packed, validate=True) if encoding in ("base64", None) else content.encode()
    except (binascii.Error, ValueError):
        raise SourceError(f"{what}: the content is not the base64 that GitHub says it is") from None
