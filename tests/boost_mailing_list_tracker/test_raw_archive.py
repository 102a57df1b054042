"""The answers of the archive, kept for ever."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.boost_mailing_list_tracker.raw_archive import RawArchive
from boost_collectors.core.workspace import Workspace
from tests.boost_mailing_list_tracker.mail import BOOST, Bench, Mailboxes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "boost_mailing_list_tracker" / BOOST


@pytest.fixture
def raw(tmp_path: Path) -> RawArchive:
    return RawArchive(Workspace(tmp_path / "workspace", tmp_path / "raw"), BOOST)


def _files(folder: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.iterdir())}


def test_the_whole_answer_is_kept_as_it_came(bench: Bench, mail: Mailboxes, tmp_path: Path) -> None:
    msg_id = mail.add("a@x")
    bench.collect(settings=bench.settings(RAW_DIR=str(tmp_path / "elsewhere")))
    text = (tmp_path / "elsewhere" / "boost_mailing_list_tracker" / BOOST / f"{msg_id}.json").read_text()
    answer = json.loads(text)
    assert {"message_id", "children", "votes", "attachments", "sender", "content", "url"} <= set(answer)
    assert answer["sender"]["address"] == "mila (a) aster.example"
    assert text == json.dumps(answer, ensure_ascii=False, indent=2)


def test_an_edit_gets_a_file_of_its_own(bench: Bench, mail: Mailboxes) -> None:
    msg_id = mail.add("a@x", sent=datetime.now(UTC))
    bench.collect()
    bench.collect()
    mail.edit("a@x", "Edited.")
    bench.collect()
    found = _files(bench.settings().raw_dir / "boost_mailing_list_tracker" / BOOST)
    assert {name: answer["content"] for name, answer in found.items()} == {
        f"{msg_id}.json": "Text of a@x.",
        f"{msg_id}.2.json": "Edited.",
    }


def test_only_a_different_answer_makes_a_version(raw: RawArchive, folder: Path) -> None:
    for content in ("a", "a", "b", "b", "a"):
        raw.save("ID", {"content": content})
    assert _files(folder) == {"ID.json": {"content": "a"}, "ID.2.json": {"content": "b"}, "ID.3.json": {"content": "a"}}


def test_ids_that_are_no_file_names_stay_apart(raw: RawArchive, folder: Path) -> None:
    for msg_id in ("a/b", "a:b", "", "../up", "x" * 300, "x" * 299 + "y"):
        raw.save(msg_id, {"content": msg_id})
    assert sorted(answer["content"] for answer in _files(folder).values()) == sorted(
        ["a/b", "a:b", "", "../up", "x" * 300, "x" * 299 + "y"]
    )
    assert all(len(path.stem) <= 200 for path in folder.iterdir())


def test_half_a_surrogate_pair_is_kept_as_an_escape(raw: RawArchive, folder: Path) -> None:
    raw.save("ID", {"content": "\ud800"})
    assert _files(folder) == {"ID.json": {"content": "\ud800"}}
