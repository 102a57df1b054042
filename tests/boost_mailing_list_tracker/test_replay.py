"""Messages left in the cache folder of the earlier system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.window import Window, WindowMode
from tests.boost_mailing_list_tracker.mail import BOOST, USERS, Bench, Mailboxes

RECORD = {
    "msg_id": "CACHED",
    "parent_id": "UP",
    "thread_id": "ROOT",
    "subject": "From the cache",
    "content": "Hello\u0000",
    "list_name": BOOST,
    "sent_at": "2020-01-15T10:00:00Z",
    "sender_address": "jo@example.org",
    "sender_name": "Jo",
}
MESSAGES = "boost_mailing_list_tracker_mailinglistmessage"


@pytest.fixture
def cache(bench: Bench, mail: Mailboxes) -> Path:
    """The cache folder of a list, which in the archive has one message of its own."""
    mail.add("archived@x")
    return Path(bench.settings().workspace_dir, "boost_mailing_list_tracker", BOOST, "messages")


def _put(folder: Path, name: str, document: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def _quarantined(bench: Bench) -> list[str]:
    folder = Path(bench.settings().workspace_dir, "_quarantine")
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_cached_messages_are_stored_and_their_files_go(bench: Bench, cache: Path) -> None:
    path = _put(cache, "2020/CACHED.json", RECORD)
    counts = bench.collect()
    assert (counts["cached_files_replayed"], counts["messages_inserted"]) == (1, 2)
    assert not path.exists()
    query = f"SELECT parent_id, thread_id, subject, content, list_name FROM {MESSAGES} WHERE msg_id = 'CACHED'"
    assert bench.rows(query) == [("UP", "ROOT", "From the cache", "Hello", BOOST)]
    assert bench.collect()["messages_unchanged"] == 0


def test_every_shape_of_a_cached_file(bench: Bench, cache: Path) -> None:
    _put(cache, "list.json", [{**RECORD, "msg_id": "A"}, 3, {**RECORD, "msg_id": "B"}])
    bundle = {
        "messages": [{"message_id_hash": "C"}],
        "thread_info": {"thread_id": "T", "url": f"http://x/list/{BOOST}/"},
    }
    _put(cache, "bundle.json", bundle)
    bench.collect()
    assert {"A", "B", "C"} <= bench.stored
    assert bench.rows(f"SELECT thread_id FROM {MESSAGES} WHERE msg_id = 'C'") == ["T"]


def test_other_files_and_other_lists_are_left_alone(bench: Bench, cache: Path) -> None:
    _put(cache, ".hidden.json", RECORD)
    _put(cache, "note.txt", "{}")
    _put(cache.parent.parent / USERS / "messages", "u.json", {**RECORD, "list_name": USERS})
    (cache / "folder.json").mkdir()
    bench.collect()
    assert "CACHED" not in bench.stored
    assert _quarantined(bench) == []


def test_a_file_that_is_no_json_is_kept_and_named(bench: Bench, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = _put(cache, "broken.json", '{"msg_id": "A"')
    good = _put(cache, "good.json", RECORD)
    counts = bench.collect()
    assert (counts["cached_files_unreadable"], counts["cached_files_replayed"]) == (1, 1)
    assert broken.exists()
    assert not good.exists()
    assert str(broken) in caplog.text


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (7, "no message in it"),
        ([], "no message in it"),
        ({"subject": "no id"}, "no message id"),
        ({**RECORD, "msg_id": "x" * 256}, "msg_id is longer than 255"),
        ({**RECORD, "list_name": "elsewhere@lists.example"}, "list_name must be one of"),
    ],
)
def test_a_file_without_a_usable_message_goes_into_quarantine(
    bench: Bench, cache: Path, caplog: pytest.LogCaptureFixture, document: Any, reason: str
) -> None:
    path = _put(cache, "odd.json", document)
    assert bench.collect()["cached_files_quarantined"] == 1
    assert not path.exists()
    assert _quarantined(bench) == ["odd.json"]
    assert reason in caplog.text
    assert len(bench.stored) == 1
    assert bench.rows("SELECT count(*) FROM cppa_user_tracker_mailinglistprofile") == [1]


def test_a_second_file_of_the_same_name_replaces_none_in_quarantine(bench: Bench, cache: Path) -> None:
    for _ in range(2):
        _put(cache, "odd.json", 7)
        bench.collect()
    assert _quarantined(bench) == ["odd.1.json", "odd.json"]


def test_the_good_messages_of_a_partly_bad_file_are_stored(bench: Bench, cache: Path) -> None:
    _put(cache, "mixed.json", [RECORD, {"subject": "no id"}])
    assert bench.collect()["cached_files_quarantined"] == 1
    assert "CACHED" in bench.stored


def test_the_list_of_a_record_that_names_none_is_the_folders(bench: Bench, cache: Path) -> None:
    _put(cache, "bare.json", {"msg_id": "BARE"})
    bench.collect()
    assert bench.rows(f"SELECT list_name FROM {MESSAGES} WHERE msg_id = 'BARE'") == [BOOST]


def test_an_old_copy_does_not_undo_what_the_archive_says(bench: Bench, cache: Path, mail: Mailboxes) -> None:
    bench.collect()
    [msg_id] = bench.stored
    before = bench.rows(f"SELECT subject, content, updated_at FROM {MESSAGES}")
    path = _put(cache, "old.json", {**RECORD, "msg_id": msg_id})
    counts = bench.collect()
    assert (counts["cached_files_replayed"], counts["messages_unchanged"]) == (1, 1)
    assert not path.exists()
    assert bench.rows(f"SELECT subject, content, updated_at FROM {MESSAGES}") == before


def test_a_cached_copy_brings_back_nothing_that_has_gone(bench: Bench, cache: Path, mail: Mailboxes) -> None:
    mail.add("gone@x")
    bench.collect()
    mail.remove("gone@x")
    bench.collect(window=Window(WindowMode.FULL))
    gone = f"SELECT msg_id FROM {MESSAGES} WHERE gone_at IS NOT NULL"
    [msg_id] = bench.rows(gone)
    _put(cache, "gone.json", {**RECORD, "msg_id": msg_id})
    bench.collect()
    assert bench.rows(gone) == [msg_id]


def test_fetched_and_cached_copies_have_the_same_sender(bench: Bench, cache: Path, mail: Mailboxes) -> None:
    mail.add("fetched@x", From="Jo <Jo@Example.org>")
    _put(cache, "a.json", {"msg_id": "A", "from": '"Jo" <JO@example.org>', "list_name": BOOST})
    _put(cache, "b.json", {"msg_id": "B", "sender": {"address": "jo (a) example.org"}, "sender_name": "Jo"})
    bench.collect()
    assert bench.rows(f"SELECT count(DISTINCT sender_id) FROM {MESSAGES} WHERE subject <> 'archived@x'") == [1]


def test_a_dry_run_replays_nothing(bench: Bench, cache: Path) -> None:
    path = _put(cache, "CACHED.json", RECORD)
    bench.collect("--dry-run")
    assert path.exists()
    assert bench.stored == set()
