"""Commits out of ``git log``: one process, read as bytes, split on marks, decoded last.

The listing of files is NUL-separated and is the only source of paths; patches are matched to it by position. Every
commit starts with a mark made for this run alone, so that no message and no patch can imitate one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from boost_collectors.core.errors import SourceError
from boost_collectors.core.git import Git, GitOutput

FILENAME_CHARACTERS = 1024
"""The longest path that fits into the table."""

TRUNCATED = "... (truncated)"
"""The last line of a patch that was cut."""

_FIELDS = ("%H", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B", "")
_SECTION = b"\ndiff --git "
_LISTING_END = b"\0\0diff --git "
_HUNK = b"\n@@ "
# A record is looked at for parts that will be cut anyway as soon as it is longer than this.
_COMPACT_BYTES = 4 << 20

_STATUSES = {
    65: "added",
    68: "removed",
    77: "modified",
    82: "renamed",
    67: "copied",
}
"""By the first byte of git's letter. T, U, X and B are ``changed``, the table's word for everything else."""


@dataclass(frozen=True, slots=True)
class PatchLimits:
    """How much patch text is kept: bytes of one file and of one commit. What is over is cut at a line."""

    file: int = 256 << 10
    commit: int = 16 << 20


class FileChange(NamedTuple):
    """What a commit did to one path. Counts of binary files are 0, removed files have no patch."""

    filename: str
    status: str
    additions: int
    deletions: int
    patch: str = ""
    previous_filename: str | None = None


class Commit(NamedTuple):
    """A commit and what it did to files, against its first parent. Instants are aware, None when git has none."""

    hash: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    authored_at: datetime | None
    committer_name: str
    committer_email: str
    committed_at: datetime | None
    message: str
    files: tuple[FileChange, ...]

    @property
    def size(self) -> int:
        """Roughly the characters of text it holds."""
        return len(self.message) + sum(len(change.patch) for change in self.files)


def log_arguments(mark: str, *, walk: bool = True, patches: bool = True) -> list[str]:
    """The arguments of ``git log``; revisions come on its stdin.

    ``walk``: the history of the revisions, parents before children; otherwise just them, in the order given.
    """
    return [
        # Attributes of the checked-out branch would turn text into binary, for all of history.
        *("-c", "attr.tree=4b825dc642cb6eb9a060e54bf8d69288fbee4904"),
        *("log", "--stdin"),
        *(("--reverse", "--topo-order") if walk else ("--no-walk=unsorted",)),
        *("-z", "--raw", "--numstat", "--no-abbrev"),
        *(("--patch", "--full-index") if patches else ()),
        *("--find-copies", "--irreversible-delete", "--diff-merges=first-parent", "--submodule=short"),
        *("--no-color", "--no-ext-diff", "--no-textconv", "--no-notes", "--no-mailmap", "--encoding=UTF-8"),
        f"--format=tformat:{mark}{'%x00'.join(_FIELDS)}",
    ]


def read_commits(
    git: Git,
    revisions: Iterable[str],
    *,
    walk: bool = True,
    patches: bool = True,
    limits: PatchLimits | None = None,
) -> Iterator[Commit]:
    """The commits of ``revisions`` (``hash`` or ``^hash``), see ``log_arguments``.

    Memory does not grow with the history, nor with a commit beyond its limits. Raises SourceError for output that
    is not what git promises, and what ``Git`` raises, such as GitError for an object that is missing.
    """
    limits = limits or PatchLimits()
    mark = secrets.token_hex(24)
    revision_lines = "".join(f"{revision}\n" for revision in revisions)
    if not revision_lines:
        return
    arguments = log_arguments(mark, walk=walk, patches=patches)
    with git.stream(*arguments, input=revision_lines.encode("ascii")) as output:
        for record in _records(output, mark.encode("ascii"), limits):
            yield parse_record(record, limits)


def _records(output: GitOutput, mark: bytes, limits: PatchLimits) -> Iterator[bytes]:
    """The text between the marks. One of unusual length loses early what its parser would cut."""
    tail = b""
    compact_at = _COMPACT_BYTES
    while chunk := output.read():
        *records, tail = (tail + chunk).split(mark)
        yield from filter(None, records)
        if records:
            compact_at = _COMPACT_BYTES
        if len(tail) > compact_at:
            tail = _compacted(tail, limits)
            compact_at = max(_COMPACT_BYTES, 2 * len(tail))
    if tail:
        yield tail


def _compacted(tail: bytes, limits: PatchLimits) -> bytes:
    """An unfinished record without the middle of its long patches. Its end stays: a mark may be cut in two there."""
    start = tail.find(_LISTING_END, _listing_start(tail))
    if start < 0:
        return tail
    *sections, last = tail[start:].split(_SECTION)
    room = limits.commit
    kept = []
    for section in sections:
        kept.append(_cut(section, min(limits.file, room)))
        room = max(0, room - len(kept[-1]))
    if len(last) > limits.file + 4096:
        last = _cut(last, min(limits.file, room)) + last[-256:]
    return tail[:start] + _SECTION.join([*kept, last])


def _cut(section: bytes, limit: int) -> bytes:
    """A section with one byte more of hunks than allowed, so that its parser sees that it is too long."""
    hunk = section.find(_HUNK)
    return section if hunk < 0 else section[: hunk + len(_HUNK) + limit + 1]


def _listing_start(record: bytes) -> int:
    """Where the fields of a record end; its length if they are not all there."""
    position = 0
    for _ in range(len(_FIELDS) - 1):
        position = record.find(b"\0", position) + 1
        if not position:
            return len(record)
    return position


def parse_record(record: bytes, limits: PatchLimits) -> Commit:
    """One commit from the text between two marks. Raises SourceError naming the commit."""
    *fields, rest = record.split(b"\0", len(_FIELDS) - 1)
    if len(fields) != len(_FIELDS) - 1:
        raise SourceError(f"git log wrote {len(fields)} fields instead of {len(_FIELDS) - 1}: {record[:64]!r}")
    # A field holds no NUL, so one decoding does for all of them.
    texts = b"\0".join(fields).decode("utf-8", "replace").split("\0")
    hash, parents, author, author_email, authored, committer, committer_email, committed, message = texts
    try:
        files = parse_files(rest, limits)
    except (ValueError, IndexError) as exc:
        raise SourceError(f"the files of commit {hash} could not be read: {exc}") from exc
    return Commit(
        hash,
        tuple(parents.split()),
        author.strip(),
        author_email.strip(),
        instant(authored),
        committer.strip(),
        committer_email.strip(),
        instant(committed),
        message.strip(),
        files,
    )


def parse_files(rest: bytes, limits: PatchLimits) -> tuple[FileChange, ...]:
    """The files of one comparison from what git wrote for ``-z --raw --numstat`` and perhaps ``--patch``.

    Raises ValueError or IndexError for what git never writes.
    """
    listing = rest.lstrip(b"\0\n")
    if not listing:
        return ()
    end = listing.find(_LISTING_END)
    patch = b"" if end < 0 else listing[end + 1 :]
    tokens = (listing if end < 0 else listing[:end]).split(b"\0")
    entries, position = _raw_entries(tokens)
    counts = _counts(tokens, position, entries)
    patches = _patches(patch, entries, limits) if patch else [""] * len(entries)
    return tuple(
        FileChange(path_text(name), status, added, deleted, text, None if previous is None else path_text(previous))
        for (_, status, name, previous), (added, deleted), text in zip(entries, counts, patches, strict=True)
    )


Entry = tuple[int, str, bytes, bytes | None]
"""Git's letter, our status, the path, the path before a rename or copy."""


def _raw_entries(tokens: Sequence[bytes]) -> tuple[list[Entry], int]:
    """The ``--raw`` part of a listing and where it ends."""
    entries: list[Entry] = []
    position = 0
    while position < len(tokens) and tokens[position][:1] == b":":
        letter = tokens[position].rpartition(b" ")[2][0]
        status = _STATUSES.get(letter, "changed")
        if status in ("renamed", "copied"):
            entries.append((letter, status, tokens[position + 2], tokens[position + 1]))
            position += 3
        else:
            entries.append((letter, status, tokens[position + 1], None))
            position += 2
    return entries, position


def _counts(tokens: Sequence[bytes], position: int, entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """The ``--numstat`` part: added and deleted lines, entry by entry."""
    counts = []
    for entry in entries:
        added, deleted, name = tokens[position].split(b"\t", 2)
        if name:
            position += 1
        else:
            name = tokens[position + 2]
            position += 3
        if name != entry[2]:
            raise ValueError(f"counts of {name!r} stand where those of {entry[2]!r} must be")
        counts.append((0, 0) if added == b"-" else (int(added), int(deleted)))
    return counts


def _patches(patch: bytes, entries: Sequence[Entry], limits: PatchLimits) -> list[str]:
    """The hunks of every entry. A change of type (letter T) is written as a removal and an addition."""
    sections = patch.split(_SECTION)
    if len(sections) != len(entries) + sum(entry[0] == 84 for entry in entries):
        raise ValueError(f"{len(sections)} patches for {len(entries)} files")
    room = limits.commit
    position = 0
    texts = []
    for entry in entries:
        position += 2 if entry[0] == 84 else 1
        hunks = _hunks(sections[position - 1], min(limits.file, room))
        room = max(0, room - len(hunks))
        texts.append(hunks)
    return texts


def _hunks(section: bytes, limit: int) -> str:
    start = section.find(_HUNK) + 1
    if not start:
        return ""
    if len(section) - start <= limit:
        return _text(section[start:]).strip()
    end = max(section.rfind(b"\n", start, start + limit), start)
    return f"{_text(section[start:end])}\n{TRUNCATED}"


def _text(raw: bytes) -> str:
    """Text as PostgreSQL takes it: no NUL, no surrogates."""
    if b"\0" in raw:
        raw = raw.replace(b"\0", b"")
    return raw.decode("utf-8", "replace")


def path_text(raw: bytes) -> str:
    """A path; bytes that are not UTF-8 stay told apart (``\\xe9``), one that is too long ends with its hash."""
    path = raw.decode("utf-8", "backslashreplace")
    if len(path) <= FILENAME_CHARACTERS:
        return path
    digest = hashlib.sha256(raw).hexdigest()
    return f"{path[: FILENAME_CHARACTERS - len(digest) - 1]}~{digest}"


def instant(seconds: str) -> datetime | None:
    """Seconds since 1970 as git writes them; None for what is no time."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
