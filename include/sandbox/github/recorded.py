"""Real issues and pull requests, from the Markdown files of the data folder: one file each, with all comments."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from include.sandbox.github.clock import normal
from include.sandbox.github.history import Histories
from include.sandbox.github.model import Comment, Content, Item, Pull, Review
from include.sandbox.github.repository import Items, Repository
from include.sandbox.github.world import World

ARCHIVE = "boost-issues/boostorg-system-config-json.md.tar.gz"
FIRST_REPOSITORY_ID = 80_000_000
HEADING = re.compile(r"# #(\d+)(?: -)? (.*?)(?: \[(Open|Closed|Merged)\])?(?: \[(Draft)\])?\s*\n")
SECTION = re.compile(r"\n---\n\s*\n## (Comment|Review) \d+(?: \[([^\]]+)\])?\s*\n")
FACT = re.compile(r"^> ([A-Z][\w ]*): (.*?)\s*$", re.MULTILINE)
URL = re.compile(r"https://github\.com/([^/]+)/([^/]+)/(issues|pull)/(\d+)(?:#\w*?-?r?(\d+))?")
STATES = {"Approved": "APPROVED", "Changes requested": "CHANGES_REQUESTED", "Dismissed": "DISMISSED"}


@dataclass(frozen=True, slots=True)
class _Section:
    kind: str
    state: str
    facts: dict[str, str]
    text: str


def load_recorded(world: World, histories: Histories, data: Path) -> int:
    """Put the recorded items into boostorg's repositories; they replace the hand-made ones. How many there were.

    The heads of pull requests come from the recorded histories.
    """
    path = data / ARCHIVE
    if not path.is_file():
        return 0
    emptied: dict[str, Repository] = {}
    count = 0
    for text in _files(path):
        match = URL.search(text)
        if match:
            key = f"{match[1]}/{match[2]}"
            repository = emptied.get(key) or emptied.setdefault(key, _emptied(world, match[1], match[2], len(emptied)))
            _item(world, repository, text, match)
            count += 1
    for repository in emptied.values():
        _add_heads(repository, histories)
    return count


def _add_heads(repository: Repository, histories: Histories) -> None:
    for ref in histories.refs(repository, "refs/pull/"):
        number = ref.name.split("/")[2]
        item = repository.items.get(int(number)) if number.isdecimal() else None
        if item and item.pull:
            item.pull.head = ref.oid


def _files(path: Path) -> Iterator[str]:
    with tarfile.open(path) as archive:
        for member in archive:
            file: IO[bytes] | None = archive.extractfile(member) if member.name.endswith(".md") else None
            if file:
                yield file.read().decode("utf-8").replace("\r\n", "\n")


def _emptied(world: World, owner: str, name: str, place: int) -> Repository:
    repository = world.repository(owner, name)
    if repository is None:
        account = world.login(owner, "Organization")
        repository = Repository(FIRST_REPOSITORY_ID + place, account, name, f"{owner}/{name}")
        world.add_repository(repository)
    repository.items = Items()
    repository.pushed_at = None
    return repository


def _item(world: World, repository: Repository, text: str, url: re.Match[str]) -> None:
    heading = HEADING.match(text)
    if heading is None:
        raise ValueError(f"{url[0]}: no heading")
    head, *rest = _sections(text[heading.end() :])
    number, pull = int(url[4]), url[3] == "pull"
    base = repository.id * 10_000 + number if repository.id < FIRST_REPOSITORY_ID else repository.id * 5 + number * 2
    closed = head.facts.get("Closed at")
    item = Item(
        id=base,
        number=number,
        repository=repository,
        title=heading[2],
        body=head.text,
        author=world.login(head.facts["Username"]) if head.facts.get("Username") else None,
        created_at=_time(head.facts["Created at"]),
        updated_at=_time(head.facts.get("Updated at") or head.facts["Created at"]),
        state="open" if heading[3] in (None, "Open") else "closed",
        closed_at=_time(closed) if closed else None,
        pull=Pull(base + 5000) if pull else None,
    )
    if item.pull:
        item.pull.is_draft = heading[4] is not None
        merged = head.facts.get("Merged at")
        item.pull.merged_at = _time(merged) if merged else (item.closed_at if heading[3] == "Merged" else None)
    item.content = _content(world, item, rest)
    world.place(item)


def _content(world: World, item: Item, sections: list[_Section]) -> Content:
    content = Content()
    for section in sections:
        found = URL.search(section.facts.get("Url", ""))
        identity = int(found[5]) if found and found[5] else world.new_id()
        author = world.login(section.facts["Username"]) if section.facts.get("Username") else None
        at = _time(section.facts.get("Created at") or item.created_at)
        if section.kind == "Review":
            state = STATES.get(section.state, "COMMENTED")
            content.reviews.append(Review(identity, item, author, section.text, at, at, state, ""))
        else:
            content.comments.append(Comment(identity, item, author, section.text, at, at))
    return content


def _sections(text: str) -> list[_Section]:
    parts = SECTION.split("\n" + text)
    found = [_section("", "", parts[0])]
    for place in range(1, len(parts), 3):
        found.append(_section(parts[place], parts[place + 1] or "", parts[place + 2]))
    return found


def _section(kind: str, state: str, text: str) -> _Section:
    lines = text.lstrip("\n").split("\n")
    quoted = next((place for place, line in enumerate(lines) if not line.startswith("> ")), len(lines))
    facts = {name.replace("_", " "): value for name, value in FACT.findall("\n".join(lines[:quoted]))}
    return _Section(kind, state, facts, "\n".join(lines[quoted:]).strip("\n"))


def _time(text: str) -> str:
    return normal(text.replace(" UTC", "+00:00").strip())
