"""The generated files are those of the settings, and can be used as they stand."""

from __future__ import annotations

import re

import pytest

from boost_collectors.core.settings import Settings, Variable, known_variables
from boost_collectors.core.settings.reference import DOCS_PATH, TEMPLATE_PATH, env_template, settings_page


def test_env_example_is_what_the_settings_say() -> None:
    assert TEMPLATE_PATH.read_text(encoding="utf-8") == env_template(), "run python -m boost_collectors.core.settings"


def test_the_settings_page_is_what_the_settings_say() -> None:
    assert DOCS_PATH.read_text(encoding="utf-8") == settings_page(), "run python -m boost_collectors.core.settings"


@pytest.mark.parametrize("variable", known_variables(), ids=lambda variable: variable.name)
def test_every_variable_has_its_row_and_its_line(variable: Variable) -> None:
    assert f"| `{variable.name}`" in DOCS_PATH.read_text(encoding="utf-8")
    assert re.search(rf"^(# )?{re.escape(variable.name)}=", TEMPLATE_PATH.read_text(encoding="utf-8"), re.MULTILINE)


def test_a_copy_of_the_template_changes_nothing() -> None:
    assert Settings.load({}, env_file=TEMPLATE_PATH) == Settings.load({}, env_file=None)


def test_the_commented_defaults_may_be_switched_on() -> None:
    lines = re.findall(r"^# ([A-Z][A-Za-z0-9_]*=\S.*)$", TEMPLATE_PATH.read_text(encoding="utf-8"), re.MULTILINE)
    environ = dict(line.split("=", 1) for line in lines)
    assert len(environ) > 80
    # DB_NAME and its like are derived, so that switching everything on still means the embedded server.
    assert Settings.load(environ, env_file=None) == Settings.load({}, env_file=None)
