"""``--messages-json``: saved messages, Slack's exports, and day files of the earlier system."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.errors import PermanentError
from boost_collectors.core.json_stream import CHUNK, json_items
from include.sandbox.slack.workspace import GeneratedWorkspace, write_export
from tests.cppa_slack_tracker.chat import MESSAGES, TEAM, Bench

REAL = Path(__file__).parents[3] / "shared/data/slack/workspace-export/slack-export-viewer_testarchive"
ALONE = {"SLACK_TEAM_IDS": "T5", "SLACK_TEAM_ID": "T5"}


def message(ts: int, text: str = "saved", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "text": text, "ts": f"{ts}.000100", "channel": "C1"} | more


def save(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def load(bench: Bench, path: Path, **variables: str) -> Mapping[str, int]:
    return bench.collect("--messages-json", str(path), settings=bench.settings(**variables))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A made-up export of 200 messages in two channels, in several files."""
    write_export(GeneratedWorkspace({"id": TEAM, "name": "Generated"}, 200, channel_count=2), tmp_path / "export", 30)
    return tmp_path / "export"


class TestExports:
    def test_an_export_is_stored_without_access_to_slack(self, bench: Bench, export: Path) -> None:
        counts = load(bench, export, **ALONE)
        assert counts["messages_inserted"] == 200
        assert len(bench.sandbox.requests) == 0
        assert bench.rows(f"SELECT count(*) FROM {MESSAGES} WHERE thread_ts <> ts") == [60]
        assert bench.rows("SELECT count(*) FROM cppa_slack_tracker_slackreaction") == [30]
        again = load(bench, export, **ALONE)
        assert (again["messages_inserted"], again["messages_updated"], again["reactions_updated"]) == (0, 0, 0)

    @pytest.mark.parametrize("nested", [False, True])
    def test_a_zip_gives_what_its_folder_gives(self, bench: Bench, export: Path, tmp_path: Path, nested: bool) -> None:
        base = {"base_dir": export.name} if nested else {}
        packed = shutil.make_archive(str(tmp_path / "packed"), "zip", export.parent if nested else export, **base)
        assert load(bench, Path(packed), **ALONE)["messages_inserted"] == 200

    def test_the_same_messages_from_slack_change_nothing_but_what_slack_knows_better(
        self, bench: Bench, export: Path
    ) -> None:
        team = bench.samples / "T6"
        save(team / "team.json", {"id": "T6", "name": "Generated"})
        save(team / "generated.json", {"count": 200, "channel_count": 2})
        live = {"SLACK_TEAM_IDS": "T6", "SLACK_BOT_TOKEN_T6": "xoxb-T6", "SLACK_TEAM_ID": "T6"}
        first = load(bench, export, **live)
        assert bench.rows(f"SELECT count(*) FROM {MESSAGES} WHERE is_deleted") == [0]
        assert first["messages_inserted"] == 200
        second = bench.collect(settings=bench.settings(**live))
        assert (second["messages_inserted"], second["messages_updated"]) == (0, 0)

    @pytest.mark.skipif(not REAL.is_dir(), reason="needs the real workspace export")
    def test_a_real_export_gives_the_counts_of_its_files(self, bench: Bench) -> None:
        found = [item for day in sorted(REAL.glob("*/*.json")) for item in json.loads(day.read_text())]
        moves = [item for item in found if item.get("subtype") in ("channel_join", "channel_leave")]
        kept = {(item["ts"], item.get("user")) for item in found if item not in moves}
        counts = load(bench, REAL, **ALONE)
        assert counts["messages_inserted"] == len(kept) == len(found) - len(moves)
        assert counts["users"] == len(json.loads((REAL / "users.json").read_text()))
        assert counts["channels_inserted"] == len(json.loads((REAL / "channels.json").read_text()))
        assert counts["membership_changes_inserted"] == len(moves)
        again = load(bench, REAL, **ALONE)
        assert again["messages_inserted"] == again["messages_updated"] == again["users"] - counts["users"] == 0


class TestFiles:
    @pytest.fixture(autouse=True)
    def _channel(self, bench: Bench) -> None:
        bench.work.channel("C1")
        bench.collect("--sync-channels")

    def test_one_message_a_list_and_a_folder(self, bench: Bench, tmp_path: Path) -> None:
        load(bench, save(tmp_path / "one.json", message(1)), **ALONE | {"SLACK_TEAM_IDS": TEAM, "SLACK_TEAM_ID": TEAM})
        folder = tmp_path / "folder"
        save(folder / "b.json", [message(2), message(3)])
        save(folder / "a.json", message(4))
        save(folder / "deeper" / "c.json", message(5))
        save(folder / "notes.txt", "no JSON")
        bench.collect("--messages-json", str(folder), only=(f"{TEAM}/import",))
        stored = bench.rows(f"SELECT ts FROM {MESSAGES} ORDER BY ts")
        assert [ts.partition(".")[0] for ts in stored] == ["1", "2", "3", "4"]

    def test_what_cannot_be_stored_is_named_and_the_rest_is_stored(self, bench: Bench, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        save(folder / "a.json", [message(1), "no message", message(2, channel="C404"), message(3, user=None)])
        save(folder / "b.json", '[{"type": "message"')
        save(folder / "c.json", [message(4)])
        with pytest.raises(PermanentError) as failure:
            bench.collect("--messages-json", str(folder), only=(f"{TEAM}/import",))
        assert "went into quarantine" in str(failure.value)
        with pytest.raises(PermanentError) as failure:
            bench.collect("--messages-json", str(folder), only=(f"{TEAM}/import",))
        for told in ("a.json: an item of str", "channel 'C404'", "b.json: the file ends"):
            assert told in str(failure.value)
        assert bench.rows(f"SELECT ts FROM {MESSAGES} ORDER BY ts") == ["1.000100", "4.000100"]

    def test_an_old_copy_undoes_no_edit_but_a_later_edit_counts(self, bench: Bench, tmp_path: Path) -> None:
        ts = bench.work.post("C1", "first")
        bench.work.edit("C1", ts, "second")
        bench.collect()
        saved = {"type": "message", "user": "U1", "ts": ts, "channel": "C1"}
        old = save(tmp_path / "old.json", saved | {"text": "first"})
        bench.collect("--messages-json", str(old), only=(f"{TEAM}/import",))
        assert bench.texts == {ts: "second"}
        new = save(tmp_path / "new.json", saved | {"text": "third", "edited": {"ts": "1800000000.000000"}})
        bench.collect("--messages-json", str(new), only=(f"{TEAM}/import",))
        assert bench.texts == {ts: "third"}

    def test_day_files_of_the_earlier_system_are_stored_and_removed(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        folder = bench.settings().workspace_dir / "cppa_slack_tracker" / "Workshop" / "c1"
        good = save(folder / "2023-11-01.json", [message(1_698_800_000, "left over")])
        mapping = save(folder / "2023-11-02.json", {"no": "list"})
        broken = save(folder / "2023-11-03.json", "[")
        bench.work.post("C1", "new")
        (bench.samples / TEAM / "team.json").write_text(
            json.dumps({"id": TEAM, "name": "Workshop", "hides_before": 1_699_000_000})
        )
        bench.collect()
        assert set(bench.texts.values()) == {"left over", "new"}
        assert [path.exists() for path in (good, mapping, broken)] == [False, False, True]
        assert "holds no list of messages" in caplog.text
        assert "is kept but cannot be read" in caplog.text


class TestJsonItems:
    @pytest.mark.parametrize(
        ("text", "items"),
        [
            ('[1, 2.5, "x", {"a": [1]}]', [1, 2.5, "x", {"a": [1]}]),
            ('{"a": 1}', [{"a": 1}]),
            ('{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
            ("", []),
            (" [ ] ", []),
            ("\ufeff[1]", [1]),
            ("12", [12]),
        ],
    )
    def test_values_of_every_kind(self, text: str, items: list[Any]) -> None:
        assert [item for item, _ in json_items(io.StringIO(text))] == items

    def test_items_across_the_borders_of_what_is_read_at_a_time(self) -> None:
        given = [{"text": "x" * (n * 997 % 5000), "number": n} for n in range(400)]
        text = json.dumps(given)
        assert len(text) > 2 * CHUNK
        found = list(json_items(io.StringIO(text)))
        assert [item for item, _ in found] == given
        assert all(json.loads(spelled) == item for item, spelled in found)

    @pytest.mark.parametrize("text", ["[1, 2", "[1, {]", '{"a": '])
    def test_a_cut_file_is_an_error(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"ends inside|Expecting"):
            list(json_items(io.StringIO(text)))
