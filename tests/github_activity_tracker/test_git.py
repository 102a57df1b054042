"""The reader of ``git log``, on repositories that git itself has written."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.errors import SourceError
from boost_collectors.core.git import Git, GitError
from boost_collectors.github_activity_tracker.git import (
    TRUNCATED,
    Commit,
    FileChange,
    PatchLimits,
    parse_record,
    path_text,
    read_commits,
)

LINES = "".join(f"line {number}\n" for number in range(40))


def listed(commit: Commit) -> dict[str, tuple[str, int, int, str | None]]:
    return {
        change.filename: (change.status, change.additions, change.deletions, change.previous_filename)
        for change in commit.files
    }


def test_a_commit_is_read_whole(repository: Any) -> None:
    first = repository.commit("one", {"a.txt": "x\n"})
    second = repository.commit("  Subject ünïcode\n\nbody\n", {"a.txt": "y\n"}, authored=1_000_000_000)
    commit = repository.read()[1]
    assert commit == Commit(
        hash=second,
        parents=(first,),
        author_name="Ada",
        author_email="ada@example.org",
        authored_at=datetime.fromtimestamp(1_000_000_000, UTC),
        committer_name="Cora",
        committer_email="cora@example.org",
        committed_at=datetime.fromtimestamp(1_400_007_200, UTC),
        message="Subject ünïcode\n\nbody",
        files=(FileChange("a.txt", "modified", 1, 1, "@@ -1 +1 @@\n-x\n+y"),),
    )


def test_parents_come_before_children_whatever_the_dates_say(repository: Any) -> None:
    hashes = [repository.commit(f"{n}", {"f": f"{n}"}, committed=1_500_000_000 - 1000 * n) for n in range(5)]
    assert [commit.hash for commit in repository.read()] == hashes


def test_every_kind_of_change(repository: Any) -> None:
    repository.commit("start", {"kept": LINES, "gone": "a\nb\n", "moved": LINES + "m\n", "kind": "text\n"})
    repository.write("gone", None)
    (repository.path / "kind").unlink()
    (repository.path / "kind").symlink_to("kept")
    repository.git("mv", "moved", "renamed")
    repository.commit("all", {"new": "1\n2\n3\n", "kept": LINES + "end\n", "copy": LINES})
    assert listed(repository.read()[1]) == {
        "new": ("added", 3, 0, None),
        "kept": ("modified", 1, 0, None),
        "copy": ("copied", 0, 0, "kept"),
        "gone": ("removed", 0, 2, None),
        "renamed": ("renamed", 0, 0, "moved"),
        "kind": ("changed", 1, 1, None),
    }


def test_patches_belong_to_their_files(repository: Any) -> None:
    repository.commit("start", {"a": "1\n", "kind": "text\n", "z": "1\n", "gone": "1\n"})
    (repository.path / "kind").unlink()
    (repository.path / "kind").symlink_to("a")
    repository.commit("all", {"a": "2\n", "z": "2\n", "gone": None, "empty": ""})
    assert {change.filename: change.patch for change in repository.read()[1].files} == {
        "a": "@@ -1 +1 @@\n-1\n+2",
        "empty": "",
        "gone": "",
        "kind": "@@ -0,0 +1 @@\n+a\n\\ No newline at end of file",
        "z": "@@ -1 +1 @@\n-1\n+2",
    }


def test_a_file_moved_to_its_parent_folder_keeps_its_counts(repository: Any) -> None:
    repository.commit("start", {"src/detail/f.hpp": LINES})
    repository.git("mv", "src/detail/f.hpp", "src/f.hpp")
    repository.commit("move", {"src/f.hpp": LINES + "one more\n"})
    assert listed(repository.read()[1]) == {"src/f.hpp": ("renamed", 1, 0, "src/detail/f.hpp")}


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "with space",
        " edges ",
        "tab\there",
        'quote"d',
        "back\\slash",
        "new\nline",
        "a\ndiff --git a/x b/x",
        "größe.hpp",
        "日本語/ファイル",
        "{old => new}",
        ":colon",
        "-\t-\tlike numstat",
        "0\t0\t",
    ],
)
def test_paths_arrive_as_they_are(repository: Any, name: str) -> None:
    repository.commit("start", {name: "1\n2\n3\n4\n5\n", "other": "1\n"})
    repository.git("mv", "--", name, name + "x")
    repository.commit("rename", {"other": "2\n"})
    added, renamed = repository.read()
    assert listed(added)[name] == ("added", 5, 0, None)
    assert listed(renamed) == {name + "x": ("renamed", 0, 0, name), "other": ("modified", 1, 1, None)}
    assert [change.patch for change in added.files if change.filename == name] == [
        "@@ -0,0 +1,5 @@\n+1\n+2\n+3\n+4\n+5"
    ]


def test_paths_that_are_not_utf8_stay_apart(repository: Any) -> None:
    for name in (b"caf\xe9", b"caf\xe8"):
        Path(repository.path / name.decode("utf-8", "surrogateescape")).write_bytes(b"x\n")
    repository.commit("start")
    assert sorted(listed(repository.read()[0])) == ["caf\\xe8", "caf\\xe9"]


def test_a_path_that_is_too_long_is_shortened_and_stays_apart() -> None:
    one, other = path_text(b"d/" * 600 + b"a"), path_text(b"d/" * 600 + b"b")
    assert len(one) == len(other) == 1024
    assert one != other
    assert path_text(b"d" * 1024) == "d" * 1024


def test_binary_files_have_no_counts_and_no_patch(repository: Any) -> None:
    repository.commit("start", {"b.png": b"\0\1\2" * 50, "t": "x\n"})
    assert listed(repository.read()[0]) == {"b.png": ("added", 0, 0, None), "t": ("added", 1, 0, None)}
    assert [change.patch for change in repository.read()[0].files] == ["", "@@ -0,0 +1 @@\n+x"]


def test_a_nul_late_in_a_text_file_is_removed_from_its_patch(repository: Any) -> None:
    repository.commit("start", {"t": b"a\n" * 5000 + b"x\0\0diff --git y\n", "u": "u\n"})
    first, second = repository.read()[0].files
    assert first.patch.endswith("+xdiff --git y")
    assert second.patch == "@@ -0,0 +1 @@\n+u"


def test_text_in_any_encoding_can_be_stored(repository: Any) -> None:
    repository.git("config", "i18n.commitEncoding", "utf-8")
    message = b"Calling \x93Open Type\x94 after startup\n"
    repository.write("f", b"\x93\n")
    repository.git("add", "--all")
    tree = repository.git("write-tree")
    author = b"author R\xe9mi <r@\xe9.org> 1272536306 +0000\ncommitter C <c@d> 1272536306 +0000\n\n"
    raw = b"tree " + tree.encode() + b"\n" + author + message
    hash = repository.git("hash-object", "-t", "commit", "-w", "--stdin", input=raw)
    repository.git("update-ref", "refs/heads/develop", hash)
    commit = repository.read()[0]
    assert commit.author_name == "R\ufffdmi"
    assert commit.message == "Calling \ufffdOpen Type\ufffd after startup"
    assert commit.files[0].patch == "@@ -0,0 +1 @@\n+\ufffd"


def test_a_message_in_a_declared_encoding_is_converted(repository: Any) -> None:
    repository.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repository.git("commit", "--quiet", "--allow-empty", "-F-", input="Grüße".encode("latin-1"))
    assert repository.read()[0].message == "Grüße"


def test_a_message_cannot_imitate_a_listing(repository: Any) -> None:
    message = ":100644 100644 0000000 0fdf397 M\n1\t1\tx\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2"
    repository.commit(message, {"f": "diff --git a/x b/x\n"})
    commit = repository.read()[0]
    assert commit.message == message
    assert listed(commit) == {"f": ("added", 1, 0, None)}


def test_an_empty_commit_and_an_empty_message(repository: Any) -> None:
    repository.commit("", {"f": "x\n"})
    repository.commit("nothing")
    first, second = repository.read()
    assert (first.message, len(first.files)) == ("", 1)
    assert (second.message, second.files) == ("nothing", ())


def test_a_merge_is_compared_with_its_first_parent(repository: Any) -> None:
    repository.commit("start", {"f": "1\n"})
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("side", {"side": "s\n"})
    repository.git("checkout", "--quiet", "develop")
    repository.commit("main", {"main": "m\n"})
    repository.merge("side")
    commits = repository.read()
    assert len(commits[-1].parents) == 2
    assert listed(commits[-1]) == {"side": ("added", 1, 0, None)}
    assert len(commits) == repository.count() == 4


def test_dates_that_git_cannot_tell_are_none(repository: Any) -> None:
    tree = repository.git("write-tree")
    raw = f"tree {tree}\nauthor A <a@b> 99999999999999999999 +0000\ncommitter C <c@d> 1272536306 +0000\n\nm\n"
    hash = repository.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", input=raw.encode())
    repository.git("update-ref", "refs/heads/develop", hash)
    commit = repository.read()[0]
    assert commit.committed_at == datetime.fromtimestamp(1272536306, UTC)


def test_without_patches_the_listing_is_the_same(repository: Any) -> None:
    repository.commit("start", {"a": LINES, "b": "x\n"})
    repository.git("mv", "a", "c")
    repository.commit("all", {"b": "y\n"})
    with_patches, without = repository.read(), repository.read(patches=False)
    assert [listed(commit) for commit in with_patches] == [listed(commit) for commit in without]
    assert not any(change.patch for commit in without for change in commit.files)


def test_a_long_patch_is_cut_at_a_line(repository: Any) -> None:
    repository.commit("start", {"long": LINES, "short": "x\n"})
    long, short = repository.read(limits=PatchLimits(file=50))[0].files
    assert long.patch == f"@@ -0,0 +1,40 @@\n+line 0\n+line 1\n+line 2\n+line 3\n{TRUNCATED}"
    assert short.patch == "@@ -0,0 +1 @@\n+x"
    assert (long.additions, short.additions) == (40, 1)


def test_the_patches_of_a_commit_together_are_bounded(repository: Any) -> None:
    repository.commit("start", {f"f{n}": LINES for n in range(10)})
    commit = repository.read(limits=PatchLimits(file=10_000, commit=1000))[0]
    assert commit.size < 1000 + 10 * (len(TRUNCATED) + 1) + len(commit.message)
    assert [change.additions for change in commit.files] == [40] * 10
    assert commit.files[-1].patch.endswith(TRUNCATED)


@pytest.mark.parametrize("count", [1, 40])
def test_a_commit_larger_than_any_buffer_loses_only_what_is_over_the_limit(repository: Any, count: int) -> None:
    size = 24_000_000 // count
    files = {f"f{n:02}": f"{n}\n" + "x" * 99 + "\n" + ("y" * 99 + "\n") * (size // 100) for n in range(count)}
    repository.commit("start", {"a": "1\n"})
    repository.commit("large", files)
    repository.commit("after", {"a": "2\n"})
    limits = PatchLimits(file=3000, commit=1_000_000)
    commits = repository.read(limits=limits)
    assert [commit.message for commit in commits] == ["start", "large", "after"]
    for number, change in enumerate(commits[1].files):
        assert change.additions == size // 100 + 2
        assert change.patch.startswith(f"@@ -0,0 +1,{change.additions} @@\n+{number}\n+xxx")
        assert change.patch.endswith(TRUNCATED)
        assert len(change.patch) <= 3000 + len(TRUNCATED) + 1
    assert commits[2].files[0].patch == "@@ -1 +1 @@\n-1\n+2"


def test_only_what_is_asked_for_is_read(repository: Any) -> None:
    hashes = [repository.commit(f"{n}", {"f": f"{n}"}) for n in range(4)]
    git = Git(repository.path)
    assert [c.hash for c in read_commits(git, [hashes[3], f"^{hashes[1]}"])] == hashes[2:]
    assert [c.hash for c in read_commits(git, [hashes[2], hashes[0]], walk=False)] == [hashes[2], hashes[0]]
    assert list(read_commits(git, [])) == []


def test_attributes_and_settings_of_the_repository_change_nothing(repository: Any) -> None:
    repository.commit("start", {"f": "a\n", ".gitattributes": "f -diff\n"})
    for key, value in (("diff.noprefix", "true"), ("diff.renames", "false"), ("log.showSignature", "true")):
        repository.git("config", key, value)
    bare = repository.path.parent / "bare.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(repository.path), str(bare)], check=True)
    (commit,) = read_commits(Git(bare), [repository.head()])
    assert {change.filename: change.additions for change in commit.files} == {"f": 1, ".gitattributes": 1}


def test_a_missing_object_is_an_error(repository: Any) -> None:
    repository.commit("one", {"f": "1\n"})
    repository.commit("two", {"f": "2\n"})
    blob = repository.git("rev-parse", "HEAD:f")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitError, match="unable to read"):
        repository.read()


@pytest.mark.parametrize(
    "record",
    [
        b"hash\0parents",
        b"h\0\0n\0e\x001\0n\0e\x001\0m\0\0\n:100644 100644 a b M\0f\x00",
        b"h\0\0n\0e\x001\0n\0e\x001\0m\0\0\n:100644 100644 a b M\0f\x001\t1\tg\0",
        b"h\0\0n\0e\x001\0n\0e\x001\0m\0\0\n:1 1 a b M\0f\x001\t1\tf\0\0diff --git a/f b/f\n\ndiff --git a/g b/g\n",
    ],
)
def test_output_that_is_not_what_git_promises_is_refused(record: bytes) -> None:
    with pytest.raises(SourceError):
        parse_record(record, PatchLimits())


def test_many_commits_cost_no_memory(make_repository: Callable[..., Any]) -> None:
    import tracemalloc

    peaks = []
    for name, commits in (("small", 300), ("large", 3000)):
        repository = make_repository(name)
        repository.git("fast-import", "--quiet", input=b"".join(_stream(commits)))
        tip = repository.git("rev-parse", "develop")
        tracemalloc.start()
        assert sum(1 for _ in read_commits(Git(repository.path), [tip])) == commits
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] + 4_000_000


def _stream(commits: int) -> list[bytes]:
    entry = b"commit refs/heads/develop\ncommitter C <c@d> %d +0000\ndata 2\nm\nM 100644 inline f%d\ndata %d\n%s\n"
    texts = [(b"%d\n" % number) * 400 for number in range(commits)]
    return [entry % (1_400_000_000 + n, n % 7, len(text), text) for n, text in enumerate(texts)]
