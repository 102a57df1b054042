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


def test_cursors_move_to_a_new_name_with_those_of_their_parts(database: Database) -> None:
    with database.session() as session:
        for unit in ("o/a", "o/a#issues", "o/a#pulls", "o/ab", "o/ab#issues", "o/b#pulls"):
            checkpoints.save(session, "run_a", unit, {"of": unit})
        checkpoints.save(session, "run_b", "o/a", {"of": "another command"})
        assert checkpoints.move(session, "run_a", "o/a", "o/b") == 2
    with database.session() as session:
        assert checkpoints.load_all(session, "run_a") == {
            "o/b": {"of": "o/a"},
            "o/b#issues": {"of": "o/a#issues"},
            "o/a#pulls": {"of": "o/a#pulls"},
            "o/b#pulls": {"of": "o/b#pulls"},
            "o/ab": {"of": "o/ab"},
            "o/ab#issues": {"of": "o/ab#issues"},
        }
        assert checkpoints.load(session, "run_b", "o/a") == {"of": "another command"}
