"""REST: commits, tags, references and files, from the git sandbox's repositories."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request

from include.sandbox.github.clock import seconds
from include.sandbox.github.gate import ApiError, Gate, Paged, not_found, page_bounds, paged
from include.sandbox.github.history import GitObject, GitRef, Signature
from include.sandbox.github.ids import node_id
from include.sandbox.github.model import SITE
from include.sandbox.github.repository import Repository
from include.sandbox.github.rest_repositories import find_repository

MAX_FILES = 300
STATES = {"A": "added", "D": "removed"}
LICENSE_FILES = ("LICENSE_1_0.txt", "LICENSE", "LICENSE.txt", "LICENSE.md")


class GitJson:
    """Commits, tags and files of one repository as JSON."""

    def __init__(self, gate: Gate, owner: str, name: str) -> None:
        self.repository: Repository = find_repository(gate, owner, name)
        self.histories, self._render, self._world = gate.github.histories, gate.render, gate.github.world
        self.url = f"{self._render.root}/repos/{self.repository.full_name}"

    def object(self, name: str, kind: str = "commit") -> GitObject:
        """The object of this name; 404 (422 for what can be no hash) where it is not."""
        found = self.histories.object(self.repository, name)
        if found is None or found.kind != kind:
            raise not_found()
        return found

    def git_commit(self, commit: GitObject) -> dict[str, Any]:
        """The bare git side, as ``/git/commits/<sha>`` has it."""
        tree = commit.header("tree")
        return self._git_part(commit) | {
            "sha": commit.oid,
            "node_id": node_id("Commit", self.repository.id, commit.oid),
            "url": f"{self.url}/git/commits/{commit.oid}",
            "html_url": f"{SITE}{self.repository.path}/commit/{commit.oid}",
            "tree": {"sha": tree, "url": f"{self.url}/git/trees/{tree}"},
            "parents": [self._parent(oid) | {"url": f"{self.url}/git/commits/{oid}"} for oid in commit.parents],
        }

    def commit(self, commit: GitObject) -> dict[str, Any]:
        """A commit as it stands in lists, with the accounts of author and committer."""
        tree = commit.header("tree")
        part = self._git_part(commit) | {
            "url": f"{self.url}/git/commits/{commit.oid}",
            "tree": {"sha": tree, "url": f"{self.url}/git/trees/{tree}"},
            "comment_count": 0,
        }
        return {
            "sha": commit.oid,
            "node_id": node_id("Commit", self.repository.id, commit.oid),
            "commit": part,
            "url": f"{self.url}/commits/{commit.oid}",
            "html_url": f"{SITE}{self.repository.path}/commit/{commit.oid}",
            "comments_url": f"{self.url}/commits/{commit.oid}/comments",
            "author": self._account(commit.signature("author")),
            "committer": self._account(commit.signature("committer")),
            "parents": [self._parent(oid) | {"url": f"{self.url}/commits/{oid}"} for oid in commit.parents],
        }

    def full_commit(self, commit: GitObject) -> dict[str, Any]:
        """With statistics and a page of at most 300 files."""
        changes = self.histories.changes(self.repository, commit.oid)
        start, size = page_bounds()
        size = MAX_FILES if "per_page" not in request.args else size
        added, deleted = sum(row[2] for row in changes), sum(row[3] for row in changes)
        stats = {"total": added + deleted, "additions": added, "deletions": deleted}
        files = [self._file(commit, *row) for row in changes[start : start + size]]
        return self.commit(commit) | {"stats": stats, "files": files}

    def tag(self, tag: GitObject) -> dict[str, Any]:
        kind, oid = tag.header("type"), tag.header("object")
        return {
            "node_id": node_id("Tag", self.repository.id, tag.oid),
            "sha": tag.oid,
            "url": f"{self.url}/git/tags/{tag.oid}",
            "tagger": self._person(tag.signature("tagger")),
            "object": {"sha": oid, "type": kind, "url": f"{self.url}/git/{kind}s/{oid}"},
            "tag": tag.header("tag"),
            "message": tag.message,
        }

    def ref(self, ref: GitRef) -> dict[str, Any]:
        return {
            "ref": ref.name,
            "node_id": node_id("Ref", self.repository.id, ref.name),
            "url": f"{self.url}/git/{ref.name}",
            "object": {"sha": ref.oid, "type": ref.kind, "url": f"{self.url}/git/{ref.kind}s/{ref.oid}"},
        }

    def listed_tag(self, ref: GitRef) -> dict[str, Any]:
        page = f"{self.url}/zipball/refs/tags/{ref.short}"
        return {
            "name": ref.short,
            "zipball_url": page,
            "tarball_url": page.replace("zipball", "tarball"),
            "commit": {"sha": ref.commit, "url": f"{self.url}/commits/{ref.commit}"},
            "node_id": node_id("Ref", self.repository.id, ref.name),
        }

    def contents(self, path: str) -> Any:
        """A file with its content, or the entries of a folder."""
        branch = request.args.get("ref") or self.repository.default_branch
        found = self.histories.object(self.repository, f"{branch}:{path.strip('/')}")
        if found is None or found.kind not in ("blob", "tree"):
            raise not_found()
        if found.kind == "blob":
            content = base64.encodebytes(found.raw).decode()
            return self._entry(path, "file", found.oid, len(found.raw)) | {"content": content, "encoding": "base64"}
        folder = path.strip("/")
        return [self._listed_entry(f"{folder}/{name}".lstrip("/"), mode, oid) for mode, name, oid in found.entries()]

    def _listed_entry(self, path: str, mode: str, oid: str) -> dict[str, Any]:
        kind = {"40000": "dir", "160000": "submodule", "120000": "symlink"}.get(mode, "file")
        blob = self.histories.object(self.repository, oid) if kind == "file" else None
        return self._entry(path, kind, oid, len(blob.raw) if blob else 0)

    def _entry(self, path: str, kind: str, oid: str, size: int) -> dict[str, Any]:
        url, page = f"{self.url}/contents/{path}", f"{SITE}{self.repository.path}/blob/HEAD/{path}"
        git_url = f"{self.url}/git/{'trees' if kind == 'dir' else 'blobs'}/{oid}"
        return {
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": oid,
            "size": size,
            "url": url,
            "html_url": page,
            "git_url": git_url,
            "download_url": None if kind == "dir" else f"{page}?raw=1",
            "type": kind,
            "_links": {"self": url, "git": git_url, "html": page},
        }

    def _file(self, commit: GitObject, letter: str, path: str, added: int, deleted: int) -> dict[str, Any]:
        blob = self.histories.object(self.repository, f"{commit.oid}:{path}")
        return {
            "sha": blob.oid if blob else None,
            "filename": path,
            "status": STATES.get(letter, "modified"),
            "additions": added,
            "deletions": deleted,
            "changes": added + deleted,
            "blob_url": f"{SITE}{self.repository.path}/blob/{commit.oid}/{path}",
            "raw_url": f"{SITE}{self.repository.path}/raw/{commit.oid}/{path}",
            "contents_url": f"{self.url}/contents/{path}?ref={commit.oid}",
        }

    def _git_part(self, commit: GitObject) -> dict[str, Any]:
        people = {name: self._person(commit.signature(name)) for name in ("author", "committer")}
        unsigned = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
        return people | {"message": commit.message, "verification": unsigned}

    def _person(self, who: Signature) -> dict[str, str]:
        return {"name": who.name, "email": who.email, "date": who.at}

    def _account(self, who: Signature) -> dict[str, Any] | None:
        return self._render.nullable(self._world.account_by_email(who.email))

    def _parent(self, oid: str) -> dict[str, str]:
        return {"sha": oid, "html_url": f"{SITE}{self.repository.path}/commit/{oid}"}


def add_git(pages: Blueprint, gate: Gate) -> None:
    """The routes of this module."""
    _add_commits(pages, gate)
    _add_files(pages, gate)

    @pages.get("/repos/<owner>/<name>/tags")
    @gate.rest()
    def tags(owner: str, name: str) -> Paged:
        view = GitJson(gate, owner, name)
        return paged(view.histories.refs(view.repository, "refs/tags/")[::-1], view.listed_tag)

    @pages.get("/repos/<owner>/<name>/git/ref/<path:ref>")
    @gate.rest()
    def one_ref(owner: str, name: str, ref: str) -> dict[str, Any]:
        view = GitJson(gate, owner, name)
        refs = view.histories.refs(view.repository, f"refs/{ref}")
        found = next((each for each in refs if each.name == f"refs/{ref}"), None)
        if found is None:
            raise not_found()
        return view.ref(found)

    @pages.get("/repos/<owner>/<name>/git/matching-refs/<path:prefix>")
    @gate.rest()
    def matching_refs(owner: str, name: str, prefix: str) -> list[Any]:
        view = GitJson(gate, owner, name)
        refs = view.histories.refs(view.repository, "refs/")
        return [view.ref(each) for each in refs if each.name.startswith(f"refs/{prefix}")]

    _add_objects(pages, gate, "tags", "tag", GitJson.tag)
    _add_objects(pages, gate, "commits", "commit", GitJson.git_commit)


def _add_objects(
    pages: Blueprint, gate: Gate, path: str, kind: str, render: Callable[[GitJson, GitObject], dict[str, Any]]
) -> None:
    @pages.get(f"/repos/<owner>/<name>/git/{path}/<sha>", endpoint=f"git_{path}")
    @gate.rest()
    def one(owner: str, name: str, sha: str) -> dict[str, Any]:
        view = GitJson(gate, owner, name)
        return render(view, view.object(sha, kind))


def _add_commits(pages: Blueprint, gate: Gate) -> None:
    @pages.get("/repos/<owner>/<name>/commits")
    @gate.rest()
    def commits(owner: str, name: str) -> Paged:
        view = GitJson(gate, owner, name)
        if not view.histories.refs(view.repository, "refs/heads/"):
            raise ApiError(409, "Git Repository is empty.")
        return _commits(view)

    @pages.get("/repos/<owner>/<name>/commits/<path:ref>")
    @gate.rest()
    def one_commit(owner: str, name: str, ref: str) -> dict[str, Any]:
        view = GitJson(gate, owner, name)
        found = view.histories.object(view.repository, f"{ref}^{{commit}}")
        if found is None:
            raise ApiError(422, f"No commit found for SHA: {ref}")
        return view.full_commit(found)


def _commits(view: GitJson) -> Paged:
    start = request.args.get("sha") or view.repository.default_branch
    options = [f"--{name}={seconds(request.args[name])}" for name in ("since", "until") if request.args.get(name)]
    histories, repository, path = view.histories, view.repository, request.args.get("path")
    found = (
        histories.log_of_path(repository, start, path, *options) if path else histories.log(repository, start, *options)
    )
    page = paged(found, lambda oid: oid)
    objects = histories.objects(repository, page.rows)
    return Paged([view.commit(objects[oid]) for oid in page.rows], page.more, page.total)


def _add_files(pages: Blueprint, gate: Gate) -> None:
    @pages.get("/repos/<owner>/<name>/contents/", defaults={"path": ""})
    @pages.get("/repos/<owner>/<name>/contents/<path:path>")
    @gate.rest()
    def contents(owner: str, name: str, path: str) -> Any:
        return GitJson(gate, owner, name).contents(path)

    @pages.get("/repos/<owner>/<name>/license")
    @gate.rest()
    def license_file(owner: str, name: str) -> dict[str, Any]:
        view = GitJson(gate, owner, name)
        body = gate.render.license(view.repository.license)
        if body is None:
            raise not_found()
        for file in LICENSE_FILES:
            if view.histories.object(view.repository, f"{view.repository.default_branch}:{file}"):
                return {**view.contents(file), "license": body}
        raise not_found()
