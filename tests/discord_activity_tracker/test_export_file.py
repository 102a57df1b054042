"""Reading export files as a stream."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.discord_activity_tracker.export_file import (
    CHUNK,
    ExportFile,
    ExportFileError,
    InvalidEnvelopeError,
)

GUILD, CHANNEL = {"id": "1", "name": "g"}, {"id": "2", "name": "c", "categoryId": "3", "category": "k"}


def write(path: Path, text: str) -> ExportFile:
    path.write_text(text, encoding="utf-8")
    return ExportFile(path)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("order", [("guild", "channel", "messages"), ("messages", "channel", "guild")])
def test_parts_may_come_in_any_order(tmp_path: Path, order: tuple[str, ...], indent: int | None) -> None:
    parts: dict[str, Any] = {"guild": GUILD, "channel": CHANNEL, "messages": [{"id": "9", "content": "é]},{"}, 7, None]}
    document = {name: parts[name] for name in order} | {"messageCount": 12345}
    file = write(tmp_path / "a.json", "\ufeff" + json.dumps(document, indent=indent, ensure_ascii=False))
    envelope = file.envelope()
    assert (envelope.server.server_id, envelope.channel.category_id, envelope.exported_at) == (1, 3, None)
    assert list(file.messages()) == parts["messages"]


def test_values_across_chunks_are_whole(tmp_path: Path) -> None:
    messages = [{"id": str(number), "content": "x" * (number * 7919 % 5000)} for number in range(400)]
    messages.insert(200, {"id": "long", "content": "y" * (3 * CHUNK)})
    file = write(tmp_path / "a.json", json.dumps({"guild": GUILD, "channel": CHANNEL, "messages": messages}))
    assert list(file.messages()) == messages


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("w") as out:
        out.write('{"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": [')
        out.writelines(json.dumps({"id": number, "content": "z" * 1000}) + ",\n" for number in range(20_000))
        out.write("{}]}")
    tracemalloc.start()
    try:
        assert sum(1 for _ in ExportFile(path).messages()) == 20_001
        assert tracemalloc.get_traced_memory()[1] < 10 * CHUNK
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'{' expected"),
        ("[]", "'{' expected"),
        ('{"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": [{"a": 1}, {"b": ', "not JSON"),
        ('{"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": [{"a": 1} {"b": 2}]}', "']' expected"),
        ('{"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": [' + "[" * 200_000, "nested"),
    ],
)
def test_what_is_no_json_is_told(tmp_path: Path, text: str, told: str) -> None:
    file = write(tmp_path / "a.json", text)
    with pytest.raises(ExportFileError, match=told) as failure:
        list(file.messages())
    assert "a.json" in str(failure.value)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"guild": "\xff"}')
    with pytest.raises(ExportFileError, match="not UTF-8"):
        ExportFile(tmp_path / "a.json").envelope()


@pytest.mark.parametrize(
    "document", [{}, {"guild": GUILD}, {"guild": GUILD, "channel": {"id": "x"}}, {"guild": [], "channel": CHANNEL}]
)
def test_an_envelope_needs_a_guild_and_a_channel(tmp_path: Path, document: dict[str, Any]) -> None:
    file = write(tmp_path / "a.json", json.dumps(document))
    with pytest.raises(InvalidEnvelopeError, match="Invalid Discord export envelope"):
        file.envelope()


def test_messages_may_be_null_but_nothing_else(tmp_path: Path) -> None:
    assert list(write(tmp_path / "a.json", '{"messages": null}').messages()) == []
    with pytest.raises(InvalidEnvelopeError, match="must be an array"):
        list(write(tmp_path / "b.json", '{"messages": {"a": 1}}').messages())
