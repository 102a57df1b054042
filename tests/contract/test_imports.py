"""What every import from files must do: the same rows however often it runs, and wherever it was cut off."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from boost_collectors import registry
from boost_collectors.boost_usage_tracker.imports import accounts
from boost_collectors.core.database import Database
from boost_collectors.core.execution import Request, execute
from tests.boost_usage_tracker.imports.conftest import stock
from tests.contract.content import content, versions

COMMAND = registry.find("run_update_db")
FILES = {
    "repository": "owner,repo_name,stars,is_boost_used\nada,new,5,yes\nada,tool,,no\nnobody,lost,1,\n",
    "githubfile": "owner,repo_name,file_path,is_deleted\nada,tool,b.cpp,no\nada,tool,a.cpp,yes\n",
    "boostusage": (
        "owner,repo_name,file_path,boost_header_name,last_commit_ts,excepted_at\n"
        "ada,tool,a.cpp,boost/asio.hpp,2024-01-01,yes\n"
    ),
    "github_account": json.dumps([{"id": number, "login": f"a{number}"} for number in range(1, 6)]),
}


class CutOffError(BaseException):
    """The process is gone: nothing catches this."""


@contextmanager
def cut_off(number: int) -> Iterator[None]:
    """Inside the block the Nth commit never happens."""
    commits = itertools.count(1)

    def before_commit(_: object) -> None:
        if next(commits) == number:
            raise CutOffError

    event.listen(Engine, "commit", before_commit)
    try:
        yield
    finally:
        event.remove(Engine, "commit", before_commit)


@pytest.mark.parametrize("target", FILES, ids=[f"{COMMAND.name}-{target}" for target in FILES])
def test_cut_off_at_any_commit_and_run_again_it_makes_the_same_rows(
    target: str, tmp_path: Path, database_server: Any, make_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "BATCH", 2)
    source = tmp_path / ("given.json" if target == "github_account" else "given.csv")
    source.write_text(FILES[target])
    request = Request(arguments=("--target", target, "--source", str(source)))
    outcomes = []
    for number in itertools.count(0):
        with database_server.database() as url, Database(url) as database:
            stock(database)
            settings = make_settings(DATABASE_URL=url)
            cut = False
            with cut_off(number):
                try:
                    execute(COMMAND, request, settings=settings)
                except CutOffError:
                    cut = True
            execute(COMMAND, request, settings=settings)
            outcomes.append(content(database))
            before = versions(database)
            execute(COMMAND, request, settings=settings)
            assert versions(database) == before
        if number and not cut:
            break
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert len(outcomes) == (5 if target == "github_account" else 3)
