"""Recipes: a git history as a small YAML file, turned into the same commits with the same hashes every time.

    default_branch: develop
    people:
      ada: Ada Sample <ada@example.org>
    commits:
      - {id: start, branch: develop, by: ada, at: 2024-01-02T10:00:00+01:00, message: Start,
         write: {README.md: "text", logo.png: !binary iVBORw0=}}
      - {id: moved, branch: develop, by: ada, at: ..., message: Move, rename: {README.md: docs/README.md}}
      - {id: joined, branch: develop, by: ada, at: ..., message: Merge, parents: [moved, other], delete: [old.txt]}
    tags:
      v1: start                                                    # lightweight
      v2: {commit: joined, by: ada, at: ..., message: Second}      # annotated
    refs: {refs/pull/1/head: other}

A commit follows its branch's last one unless ``parents`` names others; a merge takes the files of its first parent.
``committer`` is the author unless given. ``link: {libs/system: boostorg/system@start}`` is a submodule's commit in
another recipe. A repository with a ``push_token`` takes pushes from who has it; ``commits: []`` is an empty one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

Link = tuple[str, str]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Commit(_Part):
    """One commit: ``write``, ``rename``, ``delete`` and ``link`` say what changes against the first parent."""

    id: str
    branch: str
    by: str
    at: datetime
    message: str
    committer: str | None = None
    committed_at: datetime | None = None
    parents: tuple[str, ...] | None = None
    write: dict[str, str | bytes] = Field(default_factory=dict)
    rename: dict[str, str] = Field(default_factory=dict)
    delete: tuple[str, ...] = ()
    link: dict[str, str] = Field(default_factory=dict)


class Tag(_Part):
    """An annotated tag."""

    commit: str
    by: str
    at: datetime
    message: str


class Recipe(_Part):
    """A whole repository."""

    default_branch: str = "master"
    push_token: str = ""
    people: dict[str, str] = Field(default_factory=dict)
    commits: tuple[Commit, ...]
    tags: dict[str, str | Tag] = Field(default_factory=dict)
    refs: dict[str, str] = Field(default_factory=dict)

    def mark(self, commit_id: str) -> int:
        """The number of a commit in the import stream, from 1. Raises KeyError for an unknown id."""
        return self._marks()[commit_id]

    def links(self) -> list[Link]:
        """Every (repository, commit id) of other recipes that this one points at, once, in order."""
        targets = [target for commit in self.commits for target in commit.link.values()]
        return list(dict.fromkeys(_link(target) for target in targets))

    def _marks(self) -> dict[str, int]:
        return {commit.id: number for number, commit in enumerate(self.commits, start=1)}


def read_recipe(path: Path) -> Recipe:
    """Parse a recipe file. Raises pydantic's ValidationError naming the key, or yaml.YAMLError."""
    return _parsed(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def _parsed(text: str) -> Recipe:
    return Recipe.model_validate(yaml.safe_load(text))


def fast_import_stream(recipe: Recipe, links: Mapping[Link, str]) -> bytes:
    """What ``git fast-import`` reads. ``links`` gives the hash of each of the recipe's links."""
    return b"".join(_stream(recipe, links))


def _stream(recipe: Recipe, links: Mapping[Link, str]) -> Iterator[bytes]:
    tips: dict[str, str] = {}
    for commit in recipe.commits:
        parents = commit.parents if commit.parents is not None else tuple(filter(None, [tips.get(commit.branch)]))
        yield from _commit(recipe, commit, parents, links)
        tips[commit.branch] = commit.id
    for name, tag in recipe.tags.items():
        yield from _tag(recipe, name, tag)
    for ref, commit_id in recipe.refs.items():
        yield _line(f"reset {ref}", f"from :{recipe.mark(commit_id)}", "")


def _commit(recipe: Recipe, commit: Commit, parents: tuple[str, ...], links: Mapping[Link, str]) -> Iterator[bytes]:
    ref = f"refs/heads/{commit.branch}"
    if not parents:
        # Without this a second root on an existing branch would follow its tip.
        yield _line(f"reset {ref}", "")
    yield _line(f"commit {ref}", f"mark :{recipe.mark(commit.id)}")
    yield _line(f"author {_who(recipe, commit.by, commit.at)}")
    yield _line(f"committer {_who(recipe, commit.committer or commit.by, commit.committed_at or commit.at)}")
    yield _data(commit.message.encode())
    for position, parent in enumerate(parents):
        yield _line(f"{'merge' if position else 'from'} :{recipe.mark(parent)}")
    yield from _changes(commit, links)
    yield b"\n"


def _changes(commit: Commit, links: Mapping[Link, str]) -> Iterator[bytes]:
    for path in commit.delete:
        yield _line(f"D {_quoted(path)}")
    for old, new in commit.rename.items():
        yield _line(f"R {_quoted(old)} {_quoted(new)}")
    for path, content in commit.write.items():
        yield _line(f"M 100644 inline {_quoted(path)}")
        yield _data(content if isinstance(content, bytes) else content.encode())
    for path, target in commit.link.items():
        yield _line(f"M 160000 {links[_link(target)]} {_quoted(path)}")


def _tag(recipe: Recipe, name: str, tag: str | Tag) -> Iterator[bytes]:
    if isinstance(tag, str):
        yield _line(f"reset refs/tags/{name}", f"from :{recipe.mark(tag)}", "")
        return
    yield _line(f"tag {name}", f"from :{recipe.mark(tag.commit)}", f"tagger {_who(recipe, tag.by, tag.at)}")
    yield _data(tag.message.encode())


def _who(recipe: Recipe, key: str, at: datetime) -> str:
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no offset; a commit date needs one")
    return f"{recipe.people[key]} {int(at.timestamp())} {at:%z}"


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _line(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _link(target: str) -> Link:
    repository, _, commit_id = target.partition("@")
    return repository, commit_id
