"""JSON that is longer than memory may be."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest

from boost_collectors.core.json_stream import CHUNK, json_items


@pytest.mark.parametrize(("start", "between", "end"), [("", "\n", "\n"), ("[", ",", "]")])
def test_w40_memory_does_not_grow_with_a_file_of_values(start: str, between: str, end: str) -> None:
    values = [json.dumps({"id": number, "body": "z" * 1000}) for number in range(6000)]
    stream = io.StringIO(start + between.join(values) + end)
    tracemalloc.start()
    try:
        assert sum(1 for _ in json_items(stream)) == len(values)
        assert tracemalloc.get_traced_memory()[1] < 10 * CHUNK
    finally:
        tracemalloc.stop()
