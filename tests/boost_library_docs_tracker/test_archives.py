"""Reading a release out of its archive: downloaded once, checked, extracted where it belongs, walked."""

from __future__ import annotations

import threading
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from boost_collectors.boost_library_docs_tracker.archive import extract, is_archive
from boost_collectors.boost_library_docs_tracker.source import MOST_BYTES, LocalTree, NotAPage, OutsideError
from boost_collectors.core.errors import CommandError, NotFoundError, SourceError, TransientError
from tests.boost_library_docs_tracker.docs import Bench, Site, html

LOCAL = ("--use-local",)


def asio(site: Site) -> None:
    site.page("libs/asio/index.html", html("doc/a.html", "http://www.boost.org/doc/libs/1_86_0/libs/asio/no.html"))
    site.page("libs/asio/doc/a.html", html("../b.htm#x", ".hidden.html", "/etc/passwd", "c.hpp"))
    site.page("libs/asio/b.htm", html(text="B"))
    site.page("libs/asio/no.html", html())


def archived(folder: Path, entries: dict[str, str | bytes]) -> Path:
    archive = folder / "boost_1_86_0.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in entries.items():
            opened.writestr(name, content)
    return archive


def unpacked(folder: Path, entries: dict[str, str | bytes]) -> Path:
    return extract(archived(folder, entries), folder / "extracted", stop=threading.Event())


def test_the_archive_is_asked_for_once_and_its_pages_are_stored(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    counts = bench.collect(*LOCAL)
    assert (counts["pages"], counts["requests"]) == (3, 2)
    assert set(bench.pages) == {f"1_86_0/libs/asio/{page}" for page in ("index.html", "doc/a.html", "b.htm")}
    assert "raw/boost_library_docs_tracker/boost_1_86_0.zip" in bench.files
    bench.library("1.86.0", "beast")
    site.page("libs/beast/index.html", html())
    error = bench.fail(*LOCAL)
    assert "libs/beast/index.html does not exist" in str(error)
    assert bench.asked_at_all == []


def test_archives_are_kept_where_raw_answers_are(bench: Bench, site: Site, tmp_path: Path) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.collect(*LOCAL, settings=bench.settings(RAW_DIR=str(tmp_path / "elsewhere")))
    assert (tmp_path / "elsewhere" / "boost_library_docs_tracker" / "boost_1_86_0.zip").is_file()


def test_pages_are_the_same_whichever_way_they_come(bench: Bench, site: Site) -> None:
    asio(site)
    site.remove("libs/asio/no.html")
    bench.library("1.86.0", "asio")
    bench.collect()
    crawled = bench.pages
    bench.collect(*LOCAL, "--mode", "full")
    assert bench.pages == crawled


def test_cleaning_up_leaves_the_texts_only(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.collect(*LOCAL, "--cleanup-extract")
    assert {path.partition("/converted/")[0] for path in bench.files} == {"boost_library_docs_tracker"}
    assert len(bench.files) == 3


def test_an_archive_with_work_left_is_kept(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.library("1.86.0", "beast")
    bench.fail(*LOCAL, "--cleanup-extract")
    assert "raw/boost_library_docs_tracker/boost_1_86_0.zip" in bench.files


def test_a_dry_run_uses_an_archive_that_is_there_and_nothing_else(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    error = bench.fail(*LOCAL, "--dry-run")
    assert "a dry run downloads no archive" in str(error)
    assert bench.asked_at_all == []
    assert bench.files == set()
    bench.collect(*LOCAL, "--max-pages", "1")
    before = bench.files
    assert bench.collect(*LOCAL, "--dry-run", "--mode", "full")["pages"] == 3
    assert bench.files == before
    assert len(bench.pages) == 1


def test_the_other_source_is_asked_when_the_first_has_nothing(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.sandbox.faults.add("/release/*", "status", status=404, times=None)
    assert bench.collect(*LOCAL)["pages"] == 3
    assert [request.path for request in bench.sandbox.requests][-1] == "/mirror/1.86.0/boost_1_86_0.zip"


def test_without_any_source_the_release_fails_once_for_all_its_libraries(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    bench.library("1.86.0", "beast")
    bench.sandbox.faults.add("*.zip*", "status", status=404, times=None)
    error = bench.fail(*LOCAL)
    assert str(error).count("Failed to download boost_1_86_0.zip") == 2
    assert len(bench.asked_at_all) == 3
    bench.sandbox.faults.clear()
    bench.sandbox.faults.add("*.zip", "status", status=503, times=None)
    assert isinstance(bench.fail(*LOCAL), TransientError)


@pytest.mark.parametrize("damage", ["cut", "other"])
def test_a_damaged_archive_is_never_read(bench: Bench, site: Site, damage: str) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    target = bench.workspace.raw_path("boost_library_docs_tracker") / "boost_1_86_0.zip"
    whole = archived(target.parent, {"boost_1_86_0/libs/asio/index.html": html() * 50}).read_bytes()
    target.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"<html>not found</html>")
    assert not is_archive(target)
    assert bench.collect(*LOCAL)["pages"] == 3


def test_an_archive_whose_bytes_are_wrong_is_deleted_and_downloaded_again(bench: Bench, site: Site) -> None:
    asio(site)
    bench.library("1.86.0", "asio")
    target = bench.workspace.raw_path("boost_library_docs_tracker") / "boost_1_86_0.zip"
    archived(target.parent, {"boost_1_86_0/libs/asio/index.html": html(text="Spoiled")})
    target.write_bytes(target.read_bytes().replace(b"Spoiled", b"spoiled"))
    error = bench.fail(*LOCAL)
    assert "Failed to extract" in str(error)
    assert not target.exists()
    assert bench.collect(*LOCAL)["pages"] == 3


@pytest.mark.parametrize("name", ["../evil.html", "boost_1_86_0/../../evil.html", "/evil.html", "..\\evil.html"])
def test_no_entry_leaves_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match="leads out of"):
        unpacked(tmp_path, {"boost_1_86_0/a.html": "x", name: "x"})
    assert not list(tmp_path.rglob("evil.html"))


def test_only_pages_are_extracted_and_links_are_plain_files(tmp_path: Path) -> None:
    archive = archived(tmp_path, {"boost_1_86_0/a.html": "a", "boost_1_86_0/b.HTM": "b", "boost_1_86_0/c.cpp": "c"})
    with zipfile.ZipFile(archive, "a") as opened:
        link = zipfile.ZipInfo("boost_1_86_0/link.html")
        link.external_attr = 0o120777 << 16
        opened.writestr(link, "/etc/passwd")
        opened.writestr("__MACOSX/boost_1_86_0/a.html", "x")
    root = extract(archive, tmp_path / "extracted", stop=threading.Event())
    assert root == tmp_path / "extracted" / "boost_1_86_0"
    assert sorted(path.name for path in root.iterdir()) == [".complete", "a.html", "b.HTM", "link.html"]
    assert (root / "link.html").read_text() == "/etc/passwd"
    assert not (root / "link.html").is_symlink()


def test_an_archive_without_entries(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no entries"):
        unpacked(tmp_path, {})
    with pytest.raises(RuntimeError, match="no entries"):
        unpacked(tmp_path, {"__MACOSX/x": ""})


def test_the_first_root_folder_is_the_release(tmp_path: Path) -> None:
    assert unpacked(tmp_path, {"zoo/a.html": "", "boost_1_86_0/a.html": "", "__MACOSX/a": ""}).name == "boost_1_86_0"


def test_what_a_tree_answers_for(tmp_path: Path) -> None:
    root = unpacked(tmp_path, {"boost_1_86_0/libs/a b.html": "text", "boost_1_86_0/libs/.h.html": "", "x/s.html": ""})
    (root / "libs" / "out.html").symlink_to(tmp_path / "secret.html")
    (tmp_path / "secret.html").write_text("secret")
    (root / "libs" / "huge.html").write_bytes(b"x" * (MOST_BYTES + 1))
    tree = LocalTree(root)
    found = tree.read("libs/a%20b.html")
    assert (found.path, found.text) == ("libs/a%20b.html", "text")
    for path, error in (
        ("libs/none.html", NotFoundError),
        ("libs/.h.html", NotAPage),
        ("libs/x.cpp", NotAPage),
        ("libs/out.html", OutsideError),
        ("../x/s.html", OutsideError),
        ("libs/huge.html", SourceError),
    ):
        with pytest.raises(error):
            tree.read(path)
    (root / ".complete").unlink()
    with pytest.raises(TransientError, match="was removed"):
        tree.read("libs/none.html")


def test_a_page_too_big_to_read_is_set_aside_and_the_others_are_stored(bench: Bench, site: Site) -> None:
    site.page("libs/asio/index.html", html("huge.html", "small.html"))
    site.page("libs/asio/huge.html", b"<p>" + b"x" * MOST_BYTES)
    site.page("libs/asio/small.html", html())
    bench.library("1.86.0", "asio")
    for source in ((), LOCAL):
        error = bench.fail(*source)
        assert f"more than {MOST_BYTES} bytes" in str(error)
        assert len(bench.pages) == 2


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    peaks = []
    for pages in (20, 400):
        folder = tmp_path / str(pages)
        folder.mkdir()
        body = html(text="x" * 200_000)
        archive = archived(folder, {f"boost_1_86_0/libs/a/p{number}.html": body for number in range(pages)})
        tracemalloc.start()
        try:
            tree = LocalTree(extract(archive, folder / "extracted", stop=threading.Event()))
            for number in range(pages):
                tree.read(f"libs/a/p{number}.html")
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    # Twenty times the pages: what grows is the archive's directory.
    assert peaks[1] < peaks[0] + 1_000_000
