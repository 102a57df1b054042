"""Reading the schedule file: never raising for Airflow, or strictly for those who ask."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from boost_collectors import registry
from boost_collectors.runner.schedule import LoadedSchedule, Problem
from boost_collectors.runner.validation import validate
from boost_collectors.runner.yaml_reader import read

if TYPE_CHECKING:
    from boost_collectors.core.settings import Settings


def load_schedule(
    path: Path | str, *, strict: bool = False, commands: Collection[str] = registry.COMMANDS
) -> LoadedSchedule:
    """Everything the file says and everything wrong with it.

    Raises nothing, except ScheduleConfigurationError with all problems when ``strict``. ``commands`` are the names
    that enabled tasks may use.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        schedule = _unusable(f"Schedule YAML not found: {path}", path)
    except (OSError, ValueError) as error:
        schedule = _unusable(f"Schedule YAML cannot be read: {path}: {error}", path)
    else:
        schedule = parse_schedule(content, commands=commands, path=path)
    return schedule.require() if strict else schedule


def parse_schedule(
    content: bytes | str, *, commands: Collection[str] | None = registry.COMMANDS, path: Path | None = None
) -> LoadedSchedule:
    """The same for a text. ``commands=None`` accepts any command name."""
    try:
        text = content if isinstance(content, str) else content.decode()
        schedule = validate(read(text), commands)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return _unusable(f"Schedule YAML is not UTF-8: {error.reason}", path, line)
    except yaml.YAMLError as error:
        return _unusable(f"Invalid YAML: {_said(error)}", path, _line_of(error, text))
    return LoadedSchedule(schedule.groups, schedule.problems, schedule.warnings, schedule.declared, path)


def load_config(path: Path | str | None) -> dict[str, Any]:
    """The file's data as it stands there, once it was found valid. Command names are not looked up.

    Raises FileNotFoundError, OSError, UnicodeDecodeError, yaml.YAMLError, or ScheduleConfigurationError (a
    ValueError) with every problem.
    """
    if path is None:
        raise ValueError("load_config requires a path")
    try:
        text = Path(path).read_bytes().decode()
    except FileNotFoundError:
        raise FileNotFoundError(f"Schedule YAML not found: {path}") from None
    document = read(text)
    validate(document).require()
    data: dict[str, Any] = document.data
    return data


def is_schedule_strict(strict: bool | None = None, *, settings: Settings | None = None) -> bool:
    """Whether a bad schedule must stop everything: as told, else by settings (strict, or not in debug mode)."""
    if strict is not None:
        return strict
    settings = settings or _settings()
    return bool(settings.boost_collector_schedule_strict) or not settings.debug


def configured_path(settings: Settings | None = None) -> Path:
    """Where the settings say the schedule file is."""
    return Path((settings or _settings()).boost_collector_schedule_yaml)


def _settings() -> Settings:
    # Imported here: Airflow reads schedules without settings, and must not pay for them when it parses a DAG file.
    from boost_collectors.core.settings import Settings

    return Settings.load()


def _unusable(message: str, path: Path | None, line: int | None = None) -> LoadedSchedule:
    return LoadedSchedule({}, (Problem(line, None, None, None, message),), path=path)


def _said(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return ": ".join(part for part in (error.context, error.problem) if part)
    return str(error)


def _line_of(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    offset = getattr(error, "position", None)
    before = text if offset is None else text.encode(errors="replace")[:offset].decode(errors="replace")
    return before.count("\n") + 1
