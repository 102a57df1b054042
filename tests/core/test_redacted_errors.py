"""Exceptions for logs look the same but for their secrets."""

from __future__ import annotations

import traceback

import pytest

from boost_collectors.core.redacted_errors import without_secrets
from boost_collectors.core.redaction import MASK, Redactor

SECRET = "-".join(["hunter", "two"])  # tracebacks show source lines, so it must not stand here as a whole
REDACTOR = Redactor([SECRET])


def raised() -> Exception:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            error.add_note(f"seen {SECRET}")
            raise ValueError(f"login {SECRET} failed") from error
    except ValueError as error:
        return error


def text_of(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_the_whole_chain_is_cleaned_and_keeps_its_shape() -> None:
    error = raised()
    assert text_of(without_secrets(error, REDACTOR)) == text_of(error).replace(SECRET, MASK)
    assert str(error) == f"login {SECRET} failed"


def test_an_error_without_secrets_is_itself() -> None:
    error = raised()
    assert without_secrets(error, Redactor(["something-else"])) is error


def test_groups() -> None:
    group = ExceptionGroup(f"two of {SECRET}", [raised(), OSError("fine")])
    assert text_of(without_secrets(group, REDACTOR)) == text_of(group).replace(SECRET, MASK)


def test_the_class_keeps_its_name() -> None:
    class OddError(Exception):
        def __init__(self, one: str, two: str) -> None:
            super().__init__(one, two)

        def __str__(self) -> str:
            return f"odd {self.args[0]}"

    error = without_secrets(OddError(SECRET, "x"), REDACTOR)
    assert traceback.format_exception_only(error)[0].endswith(f"OddError: odd {MASK}\n")


def test_a_loop_of_causes_ends() -> None:
    first, second = ValueError(SECRET), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert SECRET not in text_of(without_secrets(first, REDACTOR))


def test_an_unprintable_error_does_not_get_in_the_way() -> None:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    with pytest.raises(RuntimeError):
        str(Unprintable())
    chained = ValueError(SECRET)
    chained.__cause__ = Unprintable()
    assert SECRET not in text_of(without_secrets(chained, REDACTOR))


def test_a_secret_in_a_source_line_is_not_shown_either() -> None:
    try:
        raise ValueError("a secret written in the code")
    except ValueError as error:
        text = text_of(without_secrets(error, Redactor(["a secret written in the code"])))
    assert text.endswith(f"ValueError: {MASK}\n")
    assert "in the code" not in text
