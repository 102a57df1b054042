"""Histories of generated repositories: what ``git fast-import`` reads, made as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from include.sandbox.github.clock import seconds

if TYPE_CHECKING:
    from include.sandbox.github.generated import GeneratedOrganization

FILES = 24
MERGE_EVERY = 10


def history_stream(organization: GeneratedOrganization, index: int) -> Iterator[bytes]:
    """One branch with small changes to a few files; every tenth commit merges a side branch of one commit."""
    _issues, _pulls, commits = organization.size(index)
    first = seconds(organization.start)
    step = (seconds(organization.end) - first) / (commits + 1)
    for number in range(1, commits + 1):
        draw = organization.chosen(index, number, 7)
        author = organization.member(draw % organization.accounts)
        who = f"{author.name} <{author.emails[0]}> {first + int(number * step)} +0000"
        side = number % MERGE_EVERY == MERGE_EVERY - 1 and 1 < number < commits
        message = f"Change {number}\n"
        yield f"commit refs/heads/{'side' if side else 'develop'}\nmark :{number}\n".encode()
        yield f"author {who}\ncommitter {who}\ndata {len(message)}\n{message}".encode()
        yield _parents(number, commits)
        content = f"line of change {number}\n"
        yield f"M 100644 inline src/file{draw // 7 % FILES}.cpp\ndata {len(content)}\n{content}\n".encode()
    if commits >= MERGE_EVERY - 1:
        yield b"reset refs/heads/side\nfrom 0000000000000000000000000000000000000000\n"


def _parents(number: int, commits: int) -> bytes:
    if number == 1:
        return b""
    merge = number % MERGE_EVERY == 0 and number - 1 > 1
    if merge and number <= commits:
        return f"from :{number - 2}\nmerge :{number - 1}\n".encode()
    return f"from :{number - 1}\n".encode()
