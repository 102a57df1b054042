"""Checkpoints are kept by command and unit, and move only with their transaction."""

from __future__ import annotations

import pytest

from boost_collectors.core import checkpoints
from boost_collectors.core.database import Database


def test_what_was_saved_last_is_loaded(database: Database) -> None:
    with database.session() as session:
        assert checkpoints.load(session, "run_a", "boost-dev") is None
        checkpoints.save(session, "run_a", "boost-dev", {"offset": 1, "ids": ["é", None]})
        checkpoints.save(session, "run_a", "boost-users", {"offset": 7})
        checkpoints.save(session, "run_b", "boost-dev", {})
    with database.session() as session:
        checkpoints.save(session, "run_a", "boost-users", {"page": 8})
        assert checkpoints.load(session, "run_a", "boost-dev") == {"offset": 1, "ids": ["é", None]}
        assert checkpoints.load(session, "run_a", "boost-users") == {"page": 8}
        assert checkpoints.load(session, "run_b", "boost-dev") == {}


def test_a_failed_transaction_does_not_move_a_checkpoint(database: Database) -> None:
    with database.session() as session:
        checkpoints.save(session, "run_a", "x", {"page": 1})

    def fail_half_way() -> None:
        with database.session() as session:
            checkpoints.save(session, "run_a", "x", {"page": 2})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.session() as session:
        assert checkpoints.load(session, "run_a", "x") == {"page": 1}
