"""Which commands can be replayed; that the rows are the same is part of the contract suite."""

from __future__ import annotations

import pytest

from boost_collectors import registry
from boost_collectors.core.errors import CommandError
from boost_collectors.core.execution import Request, execute
from boost_collectors.core.settings import Settings


@pytest.mark.parametrize("name", ["run_wg21_paper_tracker", "migrate"])
def test_a_command_that_keeps_no_answers_says_so_and_which_do(name: str, settings: Settings) -> None:
    with pytest.raises(CommandError, match=f"{name} cannot be replayed; these can: run_boost_mailing_list_tracker, "):
        execute(registry.find("replay"), Request(arguments=(name,)), settings=settings)
