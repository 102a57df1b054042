"""The documentation says what the code does: links lead somewhere, commands and schedule keys have their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from boost_collectors import registry
from boost_collectors.core.options import flag

SCHEDULE_KEYS = (
    "default_time",
    "tasks",
    "deadline_minutes",
    "command",
    "schedule",
    "on",
    "day_of_week",
    "day_of_month",
    "minutes",
    "enabled",
    "args",
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def _pages(root: Path) -> list[Path]:
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def test_every_link_to_a_file_leads_to_one(pytestconfig: pytest.Config) -> None:
    broken = [
        f"{page.relative_to(pytestconfig.rootpath)}: {target}"
        for page in _pages(pytestconfig.rootpath)
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("name", sorted(registry.COMMANDS))
def test_every_command_has_a_heading_and_its_flags_are_named(name: str, pytestconfig: pytest.Config) -> None:
    heading = re.compile(rf"^##+ `?{name}`?$(.*?)(?=^##? |\Z)", re.MULTILINE | re.DOTALL)
    texts = [page.read_text(encoding="utf-8") for page in _pages(pytestconfig.rootpath)]
    sections = [match.group(1) for text in texts for match in heading.finditer(text)]
    assert sections, f"no page has the heading '## {name}'"
    flags = [flag(field) for field in registry.find(name).load().options.model_fields]
    assert [option for option in flags if option not in "".join(sections)] == []


@pytest.mark.parametrize("key", SCHEDULE_KEYS)
def test_every_schedule_key_has_a_heading(key: str, pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs" / "schedule.md").read_text(encoding="utf-8")
    assert re.search(rf"^### `{key}`$", page, re.MULTILINE)


def test_every_page_can_be_reached_from_the_readme(pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    readme = (root / "README.md").read_text(encoding="utf-8")
    unreachable = [
        str(page.relative_to(root))
        for page in (root / "docs").rglob("*.md")
        if str(page.relative_to(root)) not in readme and f"({page.parent.relative_to(root)}/)" not in readme
    ]
    assert unreachable == []


def test_the_readme_gives_its_two_commands_on_the_first_screen(pytestconfig: pytest.Config) -> None:
    first_screen = (pytestconfig.rootpath / "README.md").read_text(encoding="utf-8").splitlines()[:20]
    commands = [line.split()[:2] for line in first_screen if line.startswith("make ")]
    assert commands == [["make", "demo"], ["make", "test"]]


def test_every_test_that_a_page_names_is_there(pytestconfig: pytest.Config) -> None:
    missing = [
        f"{page.name}: {named}"
        for page in _pages(pytestconfig.rootpath)
        for named in re.findall(r"`(tests/[\w/.*-]+)`", page.read_text(encoding="utf-8"))
        if not list(pytestconfig.rootpath.glob(named))
    ]
    assert missing == []
