"""The workspace: no name leads out of it, and a file is whole or not there."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from boost_collectors.core.errors import CommandError
from boost_collectors.core.settings import Settings
from boost_collectors.core.workspace import (
    PRIVATE,
    UnsafePathError,
    Workspace,
    read_json,
    safe_name,
    strict_segment,
    write_atomic,
    write_json,
)

UNSAFE = ["", ".", "..", "a/b", "/a", "a\\b", "a b", "a\n", "a\0", "ä", "~", "a:b", "*", "x" * 256]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    settings = Settings.load({"WORKSPACE_DIR": str(tmp_path / "w"), "RAW_DIR": str(tmp_path / "r")}, env_file=None)
    return Workspace.from_settings(settings)


class TestFolders:
    def test_nothing_is_made_before_it_is_asked_for(self, workspace: Workspace, tmp_path: Path) -> None:
        assert (workspace.root, workspace.raw_root) == (tmp_path / "w", tmp_path / "r")
        assert list(tmp_path.iterdir()) == []

    def test_folders_are_made(self, workspace: Workspace, tmp_path: Path) -> None:
        assert workspace.path("shared") == tmp_path / "w" / "shared"
        assert (
            workspace.raw_path("tracker", "boostorg", ".github") == tmp_path / "r" / "tracker" / "boostorg" / ".github"
        )
        assert (tmp_path / "w" / "shared").is_dir()
        assert workspace.raw_path("tracker", "boostorg", ".github").is_dir()

    @pytest.mark.parametrize("name", UNSAFE)
    def test_no_name_leads_out(self, workspace: Workspace, tmp_path: Path, name: str) -> None:
        for call in (workspace.path, workspace.raw_path):
            with pytest.raises(UnsafePathError):
                call(name)
            with pytest.raises(UnsafePathError):
                call("slug", "fine", name)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_in_the_way_is_an_os_error(self, workspace: Workspace, tmp_path: Path) -> None:
        (tmp_path / "w").write_text("")
        with pytest.raises(OSError, match="w"):
            workspace.path("slug")


class TestStrictSegment:
    @pytest.mark.parametrize("name", ["a", "boost@lists.boost.org", ".github", "-x", "A_1.2", "...", "x" * 255])
    def test_safe_ones_come_back(self, name: str) -> None:
        assert strict_segment(name, "repository") == name

    @pytest.mark.parametrize("name", UNSAFE)
    def test_others_are_named_in_the_error(self, name: str) -> None:
        with pytest.raises(UnsafePathError, match="repository") as caught:
            strict_segment(name, "repository")
        assert isinstance(caught.value, CommandError)
        assert isinstance(caught.value, ValueError)

    def test_only_text(self) -> None:
        with pytest.raises(TypeError, match="repository must be text, not int"):
            strict_segment(3, "repository")  # type: ignore[arg-type]


def hostile() -> st.SearchStrategy[str]:
    plain = st.text(max_size=300)
    alike = st.text(st.sampled_from("aA_-.@ /ä0"), max_size=12)
    return plain | alike | alike.map(safe_name) | plain.map(safe_name)


class TestSafeName:
    @given(st.lists(hostile(), min_size=2, max_size=30, unique=True))
    @example(["a b", safe_name("a b"), safe_name(safe_name("a b"))])
    @example(["", "_", ".", "..", "/", "@"])
    def test_different_texts_have_different_names(self, values: list[str]) -> None:
        assert len({safe_name(value) for value in values}) == len(values)

    @given(st.text() | st.text(st.characters(categories=["Cs", "Ll"])))
    def test_a_name_is_a_short_safe_segment(self, value: str) -> None:
        name = safe_name(value)
        assert strict_segment(name) == name
        assert 0 < len(name.encode()) <= 200
        assert not name.endswith(".")
        assert safe_name(value) == name

    @pytest.mark.parametrize("value", ["boost", "boost@lists.boost.org", "P1234R5.pdf", ".github", "x" * 200])
    def test_safe_texts_stay(self, value: str) -> None:
        assert safe_name(value) == value

    @pytest.mark.parametrize(
        ("value", "readable"),
        [("C++ Draft: n4950", "C_Draft_n4950"), ("Müller/Straße", "Muller_Strae"), ("../../etc", "etc"), ("日本", "")],
    )
    def test_other_texts_stay_readable(self, value: str, readable: str) -> None:
        assert re.fullmatch(rf"{re.escape(readable)}@[0-9a-f]{{16}}", safe_name(value))

    @pytest.mark.parametrize("value", ["con", "NUL.tar.gz", "com1", "trailing."])
    def test_names_that_windows_keeps_for_itself(self, value: str) -> None:
        assert safe_name(value) != value
        assert "@" in safe_name(value)


class TestWriting:
    def test_text_and_bytes(self, tmp_path: Path) -> None:
        write_atomic(tmp_path / "new" / "a", "ä\r\n")
        write_atomic(tmp_path / "new" / "b", b"\xff\n")
        assert (tmp_path / "new" / "a").read_bytes() == "ä\r\n".encode()
        assert (tmp_path / "new" / "b").read_bytes() == b"\xff\n"

    def test_the_old_file_goes_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / ("x" * 255)
        path.write_text("old")
        with path.open() as reader:
            write_atomic(path, "new")
            assert reader.read() == "old"
        assert path.read_text() == "new"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
    def test_modes(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        write_atomic(path, "x")
        before = os.umask(0)
        os.umask(before)
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~before
        write_json(path, {}, mode=PRIVATE)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_failure_leaves_the_old_file_and_no_other(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        with pytest.raises(OSError, match="folder"):
            write_atomic(tmp_path / "folder", "x")
        path = tmp_path / "a.json"
        write_json(path, [1])
        for bad in (object(), float("nan")):
            with pytest.raises((TypeError, ValueError)):
                write_json(path, bad)
        with pytest.raises(UnicodeEncodeError):
            write_atomic(path, "\ud800")
        assert read_json(path) == [1]
        assert sorted(tmp_path.iterdir()) == [path, tmp_path / "folder"]


texts = st.text(st.characters(codec="utf-8"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)
)


class TestJson:
    @given(json_values)
    def test_round_trip(self, shared_file: Path, value: object) -> None:
        write_json(shared_file, value)
        assert read_json(shared_file) == value

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
    def test_what_is_not_json_is_a_value_error_naming_the_file(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "a.json"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=re.escape(str(path))):
            read_json(path)

    def test_a_byte_order_mark_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + json.dumps({"a": 1}).encode())
        assert read_json(tmp_path / "a.json") == {"a": 1}

    def test_a_missing_file_is_an_os_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            read_json(tmp_path / "a.json")


@pytest.fixture(scope="module")
def shared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("json") / "a.json"
