from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import click
import pytest
from click.testing import CliRunner
from pydantic import Field, ValidationError, field_validator

from boost_collectors.core.errors import CommandError
from boost_collectors.core.options import Invocation, Options, build_parser, flag, parse_arguments, parse_instant
from boost_collectors.core.window import Window, WindowMode


class MailOptions(Options):
    """Every kind of flag there is."""

    start_date: str = Field("", description="Inclusive lower bound.")
    limit: int | None = Field(None, description="At most so many.")
    ratio: float = Field(0.5, description="A share.")
    verbose: bool = Field(False, description="Say more.")
    order: Literal["new", "old"] = Field("new", description="Which first.")
    lists: tuple[str, ...] = Field((), description="Only these.")
    years: tuple[int, ...] = Field((), description="Only these years.")

    @field_validator("limit")
    @classmethod
    def _positive(cls, value: int | None) -> int | None:
        if value is not None and value < 1:
            raise ValueError("must be at least 1")
        return value


class NeededOptions(Options):
    path: str = Field(description="The file.")


def parse(*arguments: str, model: type[Options] = MailOptions, collects: bool = True) -> Invocation:
    return parse_arguments("run_mail", "Collect mail.", model, arguments, collects=collects)


def test_without_arguments_every_default_holds() -> None:
    assert parse() == Invocation(options=MailOptions())
    assert parse(model=Options, collects=False) == Invocation(options=Options())


def test_each_kind_of_flag() -> None:
    options = parse(
        *("--start-date", "2024-01-01", "--limit", "3", "--ratio", "0.25", "--verbose", "--order", "old"),
        *("--lists", "boost", "--lists", "boost-users", "--years", "2023", "--years", "2024"),
    ).options
    assert options == MailOptions(
        start_date="2024-01-01",
        limit=3,
        ratio=0.25,
        verbose=True,
        order="old",
        lists=("boost", "boost-users"),
        years=(2023, 2024),
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--lists", "a", "b", "--verbose"),
        ("--lists", "a", "--verbose", "--lists", "b"),
        ("--verbose", "--lists=a", "--lists", "b"),
    ],
)
def test_a_repeatable_flag_takes_several_values_at_once(arguments: tuple[str, ...]) -> None:
    options = parse("--start-date", "2024-01-01", *arguments).options
    assert (options.lists, options.verbose) == (("a", "b"), True)


@pytest.mark.parametrize("arguments", [("--lists",), ("--verbose", "a"), ("--lists", "a", "--limit", "3", "b")])
def test_values_belong_to_a_flag(arguments: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError):
        parse("--start-date", "2024-01-01", *arguments)


def test_flags_are_spelled_with_dashes() -> None:
    assert flag("start_date") == "--start-date"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], None),
        (["--since", "2024-01-01"], Window.between(datetime(2024, 1, 1, tzinfo=UTC), None)),
        (["--until", "2024-01-01T02:00+02:00"], Window.between(None, datetime(2024, 1, 1, tzinfo=UTC))),
        (["--mode", "full"], Window(WindowMode.FULL)),
        (["--mode", "incremental"], Window(WindowMode.INCREMENTAL)),
        (
            ["--mode", "backfill", "--since", "2024-01-01"],
            Window(WindowMode.BACKFILL, datetime(2024, 1, 1, tzinfo=UTC)),
        ),
    ],
)
def test_the_window(arguments: list[str], expected: Window | None) -> None:
    assert parse(*arguments).window == expected


def test_what_every_collector_understands() -> None:
    invocation = parse("--only", "boost", "--only", "math", "--dry-run")
    assert (invocation.only, invocation.dry_run) == (("boost", "math"), True)


def test_a_commands_own_flag_wins_over_the_common_one() -> None:
    class Own(Options):
        since: str = Field("", description="Own meaning.")
        only: str = Field("", description="Own meaning.")

    invocation = parse("--since", "last week", "--only", "a", "--until", "2024-01-01", model=Own)
    assert invocation.options == Own(since="last week", only="a")
    assert (invocation.only, invocation.dry_run) == ((), False)
    assert invocation.window == Window.between(None, datetime(2024, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "arguments",
    [["--nonsense"], ["--limit", "many"], ["--order", "odd"], ["--mode", "odd"], ["--limit"], ["extra"]],
)
def test_wrong_flags_are_usage_errors(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError) as caught:
        parse(*arguments)
    assert caught.value.exit_code == 2


def test_a_missing_required_flag_is_a_usage_error() -> None:
    with pytest.raises(click.UsageError) as caught:
        parse(model=NeededOptions)
    assert "--path" in caught.value.format_message()
    assert parse("--path", "a.csv", model=NeededOptions).options == NeededOptions(path="a.csv")


def test_a_dry_run_means_the_same_to_all() -> None:
    class Own(Options):
        dry_run: bool = Field(False, description="Say what would be done.")

    assert parse("--dry-run", model=Own) == Invocation(options=Own(dry_run=True), dry_run=True)


def test_commands_that_collect_nothing_have_no_common_flags() -> None:
    with pytest.raises(click.UsageError, match="--since"):
        parse("--since", "2024-01-01", collects=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--limit", "0"], "^--limit: must be at least 1$"),
        (["--since", "soon"], "^--since: 'soon' is not an ISO date"),
        (["--until", "0001-01-01T00:00+05:00"], "^--until: .* is not an ISO date"),
        (["--mode", "full", "--since", "2024-01-01"], "is a backfill, not full"),
        (["--since", "2024-01-02", "--until", "2024-01-01"], "is not before until"),
    ],
)
def test_wrong_values_are_command_errors(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        parse(*arguments)
    assert caught.value.returncode == 1


@pytest.mark.parametrize(("since", "until"), [("--from-date", "--to-date"), ("--start-time", "--end-time")])
def test_the_window_has_older_spellings_unless_the_command_uses_them(since: str, until: str) -> None:
    class Own(Options):
        from_date: str = Field("", description="Own meaning.")
        start_time: str = Field("", description="Own meaning.")

    spelled = parse(since, "2024-01-01", until, "2024-02-01")
    assert spelled.window == Window.between(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    own = parse(since, "2024-01-01", model=Own)
    assert own.window is None
    assert "2024-01-01" in dict(own.options).values()


def test_instants_are_utc() -> None:
    assert parse_instant(" 2024-01-01T05:00:00+05:00 ", "--since") == datetime(2024, 1, 1, tzinfo=UTC)


def test_the_help_names_every_flag_with_its_text() -> None:
    parser = build_parser("run_mail", "Collect mail.", MailOptions, collects=True)
    shown = CliRunner().invoke(parser, ["--help"], prog_name="run_mail").output
    for name, info in MailOptions.model_fields.items():
        assert flag(name) in shown
        assert str(info.description) in " ".join(shown.split())
    for name in ("--since", "--until", "--mode", "--only", "--dry-run"):
        assert name in shown


def test_options_refuse_unknown_names_and_changes() -> None:
    unknown: dict[str, Any] = {"unknown": 1}
    with pytest.raises(ValidationError):
        MailOptions(**unknown)
    with pytest.raises(ValidationError):
        MailOptions().limit = 3  # type: ignore[misc]  # what is tested
