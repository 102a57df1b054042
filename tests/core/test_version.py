"""The version comes from git's tags, and there is one without them."""

from __future__ import annotations

import re

import pytest

from boost_collectors.core import __version__
from boost_collectors.core.version import FALLBACK_VERSION, version_of


@pytest.mark.parametrize(
    ("described", "version"),
    [
        ("v1.2.0", "1.2.0"),
        ("1.2.0\n", "1.2.0"),
        ("v1.2.0-5-gabc1234", "1.2.0.post5+gabc1234"),
        ("", FALLBACK_VERSION),
        ("nightly", FALLBACK_VERSION),
        ("v1.2", FALLBACK_VERSION),
    ],
)
def test_what_git_describes(described: str, version: str) -> None:
    assert version_of(described) == version


def test_the_running_version_begins_with_three_numbers() -> None:
    assert re.match(r"\d+\.\d+\.\d+", __version__)
