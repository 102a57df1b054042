from __future__ import annotations

import subprocess
import sys

import pytest

from boost_collectors.core.commands import BaseCommand, CommandSpec
from boost_collectors.core.context import RunContext


def test_a_command_is_imported_only_when_it_is_loaded() -> None:
    code = """
import sys
from boost_collectors.core.commands import CommandSpec
spec = CommandSpec(name="run_x", target="colorsys:rgb_to_hsv", help="X.")
before = "colorsys" in sys.modules
loaded = spec.load()
print(before, loaded.__name__)
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False rgb_to_hsv\n"


def test_the_facts_about_a_command_import_nothing_heavy() -> None:
    code = "import sys, boost_collectors.registry; print('sqlalchemy' in sys.modules, 'httpx' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False False\n"


def test_a_command_must_say_what_it_does() -> None:
    class Idle(BaseCommand):
        pass

    with pytest.raises(TypeError, match="execute"):
        Idle(RunContext)  # type: ignore[abstract,arg-type]  # what is tested


def test_specs_are_values() -> None:
    spec = CommandSpec(name="run_x", target="module:Class", help="X.")
    assert (spec.pool, spec.tables, spec.requires, spec.mapped, spec.history, spec.collects) == (
        None,
        (),
        (),
        False,
        True,
        True,
    )
    assert spec == CommandSpec(name="run_x", target="module:Class", help="X.")
