"""A command's flags, declared once as a pydantic model; the command line, the schedule's ``args`` and the docs follow.

    class MailOptions(Options):
        start_date: str = Field("", description="Inclusive lower bound, ISO date or date-time.")

makes ``--start-date TEXT``. Types: bool is a switch, Literal a fixed choice, a tuple may be repeated, or its
flag takes several values at once. A field with ``json_schema_extra=BARE`` may be given without its flag too:
``import_boost_file_from_csv files.csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from boost_collectors.core.errors import CommandError
from boost_collectors.core.utils.datetime_parsing import ensure_aware_utc
from boost_collectors.core.window import Window, WindowMode

BARE: dict[str, Any] = {"bare": True}

_BARE = "__bare"


class Options(BaseModel):
    """Base of every command's own options. Without fields the command has no flags of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Invocation:
    """A parsed command line: the command's own options and what every collector command understands."""

    options: Options
    window: Window | None = None
    only: tuple[str, ...] = ()
    dry_run: bool = False


def flag(name: str) -> str:
    """The command-line spelling of a field: ``start_date`` is ``--start-date``."""
    return "--" + name.replace("_", "-")


def build_parser(
    name: str, help: str, model: type[Options], *, collects: bool, callback: Callable[..., Any] | None = None
) -> click.Command:
    """The click command for a model's fields, plus the common flags when the command collects."""
    options = [_option(field_name, info) for field_name, info in model.model_fields.items()]
    parameters: list[click.Parameter] = [*options, *_arguments(model)]
    if collects:
        taken = {option.name for option in options}
        spelled = {spelling for option in options for spelling in option.opts}
        parameters += [option for option in _common_options(spelled) if option.name not in taken]
    return _Command(name, params=parameters, help=help, callback=callback, add_help_option=True)


def parse_arguments(
    name: str, help: str, model: type[Options], arguments: Sequence[str], *, collects: bool
) -> Invocation:
    """Parse a command line. Raises click.UsageError (exit 2) for flags, CommandError (exit 1) for values."""
    parser = build_parser(name, help, model, collects=collects)
    with parser.make_context(name, list(arguments)) as context:
        return to_invocation(model, dict(context.params))


def to_invocation(model: type[Options], values: dict[str, Any]) -> Invocation:
    """Split parsed values into the command's own options and the common ones, validated.

    A command's own flag of a common name has the command's meaning, save ``dry_run``, which means the same to all.
    """
    given = {key.removesuffix(_BARE): value for key, value in values.items() if key.endswith(_BARE) and value}
    own = {key: given.get(key, values[key]) for key in model.model_fields if key in values}
    common = {key: value for key, value in values.items() if key not in own and not key.endswith(_BARE)}
    try:
        options = model(**own)
    except ValidationError as error:
        raise CommandError("; ".join(_plain(problem) for problem in error.errors())) from None
    return Invocation(
        options=options,
        window=_window(common),
        only=tuple(common.get("only") or ()),
        dry_run=bool(values.get("dry_run", False)),
    )


def parse_instant(value: str, name: str) -> datetime:
    """An ISO date or date-time as an aware UTC instant; no zone means UTC. Raises CommandError naming the flag."""
    try:
        return ensure_aware_utc(datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        raise CommandError(f"{name}: {value!r} is not an ISO date or date-time (Invalid ISO datetime)") from None


class _Command(click.Command):
    """A command whose repeatable flags may stand once before several values: ``--versions 1.86.0 1.87.0``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        repeatable = {name for option in self.params if getattr(option, "multiple", False) for name in option.opts}
        return super().parse_args(ctx, _one_value_each(args, repeatable))


def _one_value_each(args: Sequence[str], repeatable: set[str]) -> list[str]:
    spread: list[str] = []
    current = ""
    for argument in args:
        if argument.startswith("-"):
            current = argument if argument in repeatable else ""
        elif current and spread[-1] != current:
            spread.append(current)
        spread.append(argument)
    return spread


def _window(values: dict[str, Any]) -> Window | None:
    since = parse_instant(values["since"], "--since") if values.get("since") else None
    until = parse_instant(values["until"], "--until") if values.get("until") else None
    if values.get("mode"):
        return Window(WindowMode(values["mode"]), since, until)
    return Window.between(since, until) if since or until else None


def _plain(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in problem["loc"])
    return f"{flag(where)}: {message}" if where else message


def _common_options(taken: set[str]) -> list[click.Option]:
    """The flags of every collector. Those of the window have older spellings, where the command has no such flag."""
    since = ["--since", *(older for older in ("--from-date", "--start-time") if older not in taken)]
    until = ["--until", *(older for older in ("--to-date", "--end-time") if older not in taken)]
    return [
        click.Option(since, help="Backfill from this ISO instant on (inclusive, UTC when without zone)."),
        click.Option(until, help="Backfill up to this ISO instant (exclusive)."),
        click.Option(
            ["--mode"], type=click.Choice([mode.value for mode in WindowMode]), help="How to read the source."
        ),
        click.Option(["--only"], multiple=True, metavar="UNIT", help="Only this unit of work; may be repeated."),
        click.Option(["--dry-run"], is_flag=True, help="Say what would be done; write nothing."),
    ]


def _arguments(model: type[Options]) -> list[click.Argument]:
    fields = ((name, info.json_schema_extra) for name, info in model.model_fields.items())
    bare = [name for name, extra in fields if isinstance(extra, dict) and extra.get("bare")]
    return [click.Argument([f"{name}{_BARE}"], required=False, metavar=f"[{name.upper()}]") for name in bare]


def _option(name: str, info: FieldInfo) -> click.Option:
    annotation, multiple = _unwrap(info.annotation)
    settings: dict[str, Any] = {"help": info.description, "show_default": bool(info.default)}
    if annotation is bool:
        return click.Option([flag(name), name], is_flag=True, default=bool(info.default), **settings)
    if get_origin(annotation) is Literal:
        settings["type"] = click.Choice([str(choice) for choice in get_args(annotation)])
    elif annotation in (int, float):
        settings["type"] = annotation
    else:
        settings["type"] = str
    if info.is_required():
        settings["required"] = True
    else:
        default = info.get_default(call_default_factory=True)
        settings["default"] = default if default is None or multiple or annotation in (int, float) else str(default)
    return click.Option([flag(name), name], multiple=multiple, **settings)


def _unwrap(annotation: Any) -> tuple[Any, bool]:
    """The type a flag takes, and whether it may be repeated: ``int | None`` is int, ``tuple[str, ...]`` repeats."""
    if get_origin(annotation) in (Union, UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return _unwrap(inner[0])
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0], True
    return annotation, False
