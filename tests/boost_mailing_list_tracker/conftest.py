"""Archives of the test's own, and the collector pointed at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.boost_mailing_list_tracker.mail import Bench, Mailboxes


@pytest.fixture
def mail(tmp_path: Path) -> Mailboxes:
    return Mailboxes(tmp_path / "samples" / "mailing_list")


@pytest.fixture
def bench(
    mail: Mailboxes, tmp_path: Path, database: Database, database_url: str, make_settings: Any
) -> Iterator[Bench]:
    with Sandbox(samples=tmp_path / "samples") as sandbox:
        yield Bench(mail, sandbox, database, database_url, make_settings)
