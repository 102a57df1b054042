"""``startcollector`` makes a collector that works, all of it or nothing, and the tutorial that goes on from there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from boost_collectors.core.errors import CommandError
from boost_collectors.core.settings import PROJECT_ROOT
from boost_collectors.scaffold.command import start
from boost_collectors.scaffold.plan import Plan, make_plan
from boost_collectors.scaffold.transaction import JOURNAL, undo

TUTORIAL = (PROJECT_ROOT / "docs" / "first_collector.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(console|diff)\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
# What tells most of the contract for the least time; `make test-long` runs the whole of it.
SHORT = "weather and (fills_its_tables or second_run or heading or names_tables or example or item_is_stored)"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", "__pycache__", "workspace", "logs", "secrets", ".hypothesis", ".startcollector*"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout of the project with its virtual environment."""
    root = tmp_path / "checkout"
    shutil.copytree(PROJECT_ROOT, root, ignore=LEFT_OUT)
    (root / ".venv").symlink_to(sys.prefix)
    return root


def content(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(root)): path.read_bytes() for path in files if ".venv" not in path.parts}


def run(root: Path, *command: str) -> str:
    """Run a command in the checkout as a person would, and return what it printed."""
    done = subprocess.run(command, cwd=root, env=environment(root), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment(root: Path) -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PYTHONPATH": str(root)}


def apply(root: Path, diff: str) -> None:
    """Change files as a block of the tutorial shows."""
    (number,) = [path.name[:4] for path in (root / "migrations" / "sql").glob("*_weather.sql")]
    patch = diff.replace("NNNN", number)
    subprocess.run(["git", "apply", "-"], cwd=root, input=patch, text=True, check=True)


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("", "app_label"),
        ("Weather", "app_label"),
        ("1weather", "app_label"),
        ("weather-report", "app_label"),
        ("weather\n", "app_label"),
        ("../weather", "app_label"),
        ("wetter\u0308", "app_label"),
        ("w" * 31, "app_label"),
        ("class", "reserved"),
        ("match", "reserved"),
        ("json", "reserved"),
        ("sqlalchemy", "reserved"),
        ("sessions", "reserved"),
        ("server", "reserved"),
        ("reddit_activity_tracker", "INSTALLED_APPS"),
        ("wg21", "already exists"),
    ],
)
def test_a_name_that_cannot_work_is_refused(name: str, token: str) -> None:
    with pytest.raises(CommandError, match=token):
        make_plan(name, PROJECT_ROOT)


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--path"):
        make_plan("weather", tmp_path)


@pytest.mark.parametrize("name", ["ab", "w" * 30, "archive_of_the_weather"])
def test_what_it_writes_passes_the_linters_whatever_the_name(name: str, tmp_path: Path) -> None:
    plan = make_plan(name, PROJECT_ROOT)
    shutil.copy(PROJECT_ROOT / "pyproject.toml", tmp_path)
    for package in ("boost_collectors", "include", "migrations"):
        (tmp_path / package).mkdir()
    for path, text in plan.files.items():
        if path.endswith(".py"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
    ruff = str(Path(sys.executable).parent / "ruff")
    run(tmp_path, ruff, "check", "--no-cache", ".")
    run(tmp_path, ruff, "format", "--no-cache", "--check", ".")


def test_a_dry_run_names_the_files_and_writes_nothing(checkout: Path) -> None:
    before = content(checkout)
    command = ("-m", "boost_collectors", "startcollector", "weather", "--dry-run")
    said = run(checkout, sys.executable, *command)
    assert "makes boost_collectors/weather/collector.py" in said
    assert "changes boost_collectors/registry.py" in said
    assert {name: text for name, text in content(checkout).items() if not name.startswith("logs")} == before


def test_an_error_in_the_middle_undoes_everything(checkout: Path) -> None:
    plan = make_plan("weather", checkout)
    before = content(checkout)
    broken = dict(plan.files) | {"boost_collectors/core/settings/model.py": "this is no Python"}
    with pytest.raises(CommandError, match="The settings cannot be read any more"):
        start(Plan(plan.root, broken, plan.snippet))
    assert content(checkout) == before
    assert not (checkout / "boost_collectors" / "weather").exists()


def test_after_a_kill_the_next_call_undoes_it(checkout: Path) -> None:
    before = content(checkout)
    killed = (
        "import os, pathlib\n"
        "from boost_collectors.scaffold.plan import make_plan\n"
        "from boost_collectors.scaffold.transaction import all_or_nothing\n"
        "root = pathlib.Path.cwd()\n"
        "with all_or_nothing(root, make_plan('weather', root).files): os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", killed], cwd=checkout, env=environment(checkout), check=False)
    assert done.returncode == 9
    assert (checkout / JOURNAL).exists()
    assert content(checkout) != before
    assert undo(checkout)
    assert content(checkout) == before
    assert not undo(checkout)


@pytest.mark.timeout(600)
def test_it_passes_the_contract_the_first_time_and_as_the_tutorial_changes_it(checkout: Path) -> None:
    start(make_plan("weather", checkout))
    for kind, text in BLOCKS:
        if kind == "diff":
            apply(checkout, text)
    said = run(checkout, sys.executable, "-m", "pytest", "-q", "tests/contract", "tests/weather", "-k", SHORT)
    assert re.search(r"\b6 passed\b", said), said


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_tutorial_works_word_for_word(checkout: Path) -> None:
    assert [kind for kind, _ in BLOCKS].count("console") >= 3
    for kind, text in BLOCKS:
        if kind == "diff":
            apply(checkout, text)
            continue
        for line in text.splitlines():
            run(checkout, *shlex.split(line.removeprefix("$ ")))
