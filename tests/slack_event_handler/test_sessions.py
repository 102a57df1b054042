"""Sessions of a browser: put into a file by people, never taken out of a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import boost_collectors
from boost_collectors import registry

PACKAGE = Path(boost_collectors.__file__).parent
PROFILE = re.compile(
    r"leveldb|Local Storage|\.mozilla|logins\.json|browser_?cookie|import (?:keyring|secretstorage)", re.I
)


def test_w39_no_command_and_no_module_takes_credentials_out_of_a_browser() -> None:
    assert not [name for name in registry.COMMANDS if name.startswith("extract_")]
    sources = list(PACKAGE.rglob("*.py"))
    assert sources
    assert [path.name for path in sources if PROFILE.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("text", ["~/.mozilla/firefox", "Default/Local Storage/leveldb", "import browser_cookie3"])
def test_what_reads_a_profile_would_be_seen(text: str) -> None:
    assert PROFILE.search(text)
