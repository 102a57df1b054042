"""Archives of the test's own, and the collector pointed at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boost_collectors.core.database import Database
from include.sandbox import Sandbox
from tests.boost_mailing_list_tracker.mail import BOOST, Bench, Mailboxes


@pytest.fixture
def mail(tmp_path: Path) -> Mailboxes:
    return Mailboxes(tmp_path / "samples" / "mailing_list")


@pytest.fixture
def bench(
    mail: Mailboxes, tmp_path: Path, database: Database, database_url: str, make_settings: Any
) -> Iterator[Bench]:
    with Sandbox(samples=tmp_path / "samples") as sandbox:
        variables = sandbox.environment() | {
            "DATABASE_URL": database_url,
            "BOOST_MAILING_LISTS": BOOST,
            # How requests are repeated is tested where the transport is.
            "HTTP_MAX_ATTEMPTS": "1",
        }
        yield Bench(mail, sandbox, database, variables, make_settings)
