"""Whose account, which namespace, what kind of documents."""

from __future__ import annotations

from typing import Any

import pytest

from boost_collectors.cppa_pinecone_sync.place import Place
from boost_collectors.cppa_pinecone_sync.sync_api import PineconeInstance


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, "public"), ("public", "public"), (" PRIVATE ", "private"), (PineconeInstance.PRIVATE, "private")],
)
def test_an_instance_is_found_whatever_its_case(given: Any, expected: str) -> None:
    assert PineconeInstance.coerce(given) is PineconeInstance(expected)


@pytest.mark.parametrize("given", ["", "  ", "secret"])
def test_other_text_is_no_instance(given: str) -> None:
    with pytest.raises(ValueError, match="instance must be 'public' or 'private'"):
        PineconeInstance.coerce(given)


@pytest.mark.parametrize("given", [5, object(), ["public"]])
def test_other_types_are_no_instance(given: Any) -> None:
    with pytest.raises(TypeError, match="instance must be PineconeInstance, str, or None"):
        PineconeInstance.coerce(given)


@pytest.mark.parametrize(
    ("app_type", "namespace", "complaint"),
    [
        ("", "n", "app_type must not be empty"),
        ("a", " ", "namespace must not be empty"),
        ("a" * 65, "n", "app_type .* is longer than 64"),
        ("a", "n" * 256, "namespace .* is longer than 255"),
    ],
)
def test_names_are_checked(app_type: str, namespace: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Place.of(app_type, namespace, None)
