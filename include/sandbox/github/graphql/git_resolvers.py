"""Fields of commits, tags, trees, files and references."""

from __future__ import annotations

from typing import Any

from include.sandbox.github.clock import seconds
from include.sandbox.github.graphql.connections import Page, page_of
from include.sandbox.github.graphql.context import Context
from include.sandbox.github.graphql.item_resolvers import Arguments, Map, attribute, constant
from include.sandbox.github.history import GitObject, GitRef, Signature
from include.sandbox.github.ids import node_id
from include.sandbox.github.model import SITE, Account

LARGEST_TEXT = 512_000


def _commit_path(source: GitObject) -> str:
    return f"{source.repository.path}/commit/{source.oid}"


def _object(kind: str) -> Map:
    return {
        "abbreviatedOid": lambda source, _a, _c: source.oid[:7],
        "commitResourcePath": lambda source, _a, _c: _commit_path(source),
        "commitUrl": lambda source, _a, _c: SITE + _commit_path(source),
        "id": lambda source, _a, _c: node_id(kind, source.repository.id, source.oid),
        "oid": attribute("oid"),
        "repository": attribute("repository"),
    }


def _parents(commit: GitObject, arguments: Arguments, context: Context) -> Page:
    parents = [(place, context.commit(commit.repository, oid)) for place, oid in enumerate(commit.parents)]
    page = page_of("parents", arguments, parents, lambda pair: (pair[0],))
    page.nodes = [parent for _place, parent in page.nodes]
    return page


def _history(commit: GitObject, arguments: Arguments, context: Context) -> Page:
    """A page of rev-list: newest first, keyed by position behind the commit asked of."""
    options = [f"--{name}={seconds(arguments[name])}" for name in ("since", "until") if arguments.get(name)]
    repository, path = commit.repository, arguments.get("path")
    histories = context.histories
    hashes = (
        histories.log_of_path(repository, commit.oid, path, *options)
        if path
        else histories.log(repository, commit.oid, *options)
    )
    page = page_of("history", arguments, list(enumerate(hashes)), lambda pair: (pair[0],))
    found = histories.objects(repository, [oid for _place, oid in page.nodes])
    page.nodes = [found[oid] for _place, oid in page.nodes]
    return page


def _authors(commit: GitObject, arguments: Arguments, _context: Context) -> Page:
    return page_of("authors", arguments, [commit.signature("author")], lambda who: (who.email,))


def _file(commit: GitObject, arguments: Arguments, context: Context) -> tuple[GitObject, str, str, str] | None:
    folder, _, name = arguments["path"].rpartition("/")
    tree = context.object(commit.repository, f"{commit.oid}:{folder}")
    entries = tree.entries() if tree and tree.kind == "tree" else iter(())
    return next(((tree, *entry) for entry in entries if tree and entry[1] == name), None)


COMMIT: Map = _object("Commit") | {
    "author": lambda commit, _a, _c: commit.signature("author"),
    "authoredDate": lambda commit, _a, _c: commit.signature("author").at,
    "authors": _authors,
    "changedFilesIfAvailable": lambda commit, _a, c: len(c.histories.changes(commit.repository, commit.oid)),
    "committedDate": lambda commit, _a, _c: commit.signature("committer").at,
    "committer": lambda commit, _a, _c: commit.signature("committer"),
    "file": _file,
    "history": _history,
    "message": attribute("message"),
    "messageBody": lambda commit, _a, _c: commit.message.partition("\n")[2].strip(),
    "messageHeadline": lambda commit, _a, _c: commit.message.partition("\n")[0],
    "parents": _parents,
    "resourcePath": lambda commit, _a, _c: _commit_path(commit),
    "tree": lambda commit, _a, context: context.object(commit.repository, commit.header("tree")),
    "url": lambda commit, _a, _c: SITE + _commit_path(commit),
}


def _user(who: Signature, _arguments: Arguments, context: Context) -> Account | None:
    account = context.world.account_by_email(who.email)
    return account if account and account.kind == "User" else None


GIT_ACTOR: Map = {
    "avatarUrl": constant("https://avatars.githubusercontent.com/u/0?v=4"),
    "date": attribute("iso"),
    "email": attribute("email"),
    "name": attribute("name"),
    "user": _user,
}
TAG: Map = _object("Tag") | {
    "message": attribute("message"),
    "name": lambda tag, _a, _c: tag.header("tag"),
    "tagger": lambda tag, _a, _c: tag.signature("tagger") if tag.header("tagger") else None,
    "target": lambda tag, _a, context: context.object(tag.repository, tag.header("object")),
}
TREE: Map = _object("Tree") | {
    "entries": lambda tree, _a, _c: [(tree, *entry) for entry in tree.entries()],
}


def _entry_object(entry: Any, _arguments: Arguments, context: Context) -> GitObject | None:
    return context.object(entry[0].repository, entry[3])


def _entry_size(entry: Any, _arguments: Arguments, context: Context) -> int:
    found = context.object(entry[0].repository, entry[3])
    return len(found.raw) if found and found.kind == "blob" else 0


KINDS = {"40000": "tree", "160000": "commit"}
TREE_ENTRY: Map = {
    "mode": lambda entry, _a, _c: int(entry[1], 8),
    "name": lambda entry, _a, _c: entry[2],
    "object": _entry_object,
    "oid": lambda entry, _a, _c: entry[3],
    "path": lambda entry, _a, _c: entry[2],
    "size": _entry_size,
    "type": lambda entry, _a, _c: KINDS.get(entry[1], "blob"),
}


def _is_binary(blob: GitObject) -> bool:
    return b"\0" in blob.raw[:8000]


BLOB: Map = _object("Blob") | {
    "byteSize": lambda blob, _a, _c: len(blob.raw),
    "isBinary": lambda blob, _a, _c: _is_binary(blob),
    "isTruncated": lambda blob, _a, _c: len(blob.raw) > LARGEST_TEXT,
    "text": lambda blob, _a, _c: None if _is_binary(blob) else blob.raw[:LARGEST_TEXT].decode("utf-8", "replace"),
}


def _prefix(ref: GitRef) -> str:
    return "/".join(ref.name.split("/")[:2]) + "/"


REF: Map = {
    "id": lambda ref, _a, _c: node_id("Ref", ref.repository.id, ref.name),
    "name": attribute("short"),
    "prefix": lambda ref, _a, _c: _prefix(ref),
    "repository": attribute("repository"),
    "target": lambda ref, _a, context: context.object(ref.repository, ref.oid),
}
GIT_TYPES: dict[str, Map] = {
    "Commit": COMMIT,
    "GitActor": GIT_ACTOR,
    "Tag": TAG,
    "Tree": TREE,
    "TreeEntry": TREE_ENTRY,
    "Blob": BLOB,
    "Ref": REF,
}
