"""The kinds of values a setting may have, and how the text of an environment variable becomes one.

Every parser takes the trimmed, non-blank text of a variable (blank means default and never gets here) and passes
values of other types through, so that a ``Settings`` can also be built from Python values. A parser raises
ValueError saying what the value must be; the caller adds the variable's name.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationInfo
from pydantic_core import PydanticUseDefault

logger = logging.getLogger(__name__)

PROJECT_ROOT = Path(__file__).resolve().parents[3]
"""The folder that holds ``boost_collectors/``, ``include/`` and ``.env``; relative paths start here."""

TRUE_WORDS = ("true", "on", "ok", "y", "yes", "1")
FALSE_WORDS = ("false", "off", "n", "no", "0")


class Section(BaseModel):
    """Base of the groups of fields that make up ``Settings``; ``title`` is their heading in the docs."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: ClassVar[str] = ""


def setting(
    default: Any,
    help: str,
    *,
    variable: str | None = None,
    shown: str | None = None,
    secret: bool = False,
    **rules: Any,
) -> Any:
    """A field of ``Settings``.

    ``default`` may be a function of the fields before it. ``variable`` is the environment's name when that is not
    the field's in upper case; ``<team>`` in it stands for any text. ``shown`` is how the docs write the default when
    its value depends on other settings. A ``secret`` never appears in ``repr`` or in a message. ``rules`` are
    pydantic's: ``ge``, ``le``, ``validate_default`` and so on.
    """
    source = {"default_factory": default} if callable(default) else {"default": default}
    facts: dict[str, JsonValue] = {"variable": variable, "shown": shown, "secret": secret}
    return Field(**source, description=help, repr=not secret, json_schema_extra=facts, **rules)


def to_flag(value: Any) -> Any:
    """``yes`` and its like are True, ``no`` and its like False, any other word is malformed."""
    if not isinstance(value, str):
        return value
    word = value.lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueError(f"must be one of {', '.join(TRUE_WORDS)} or {', '.join(FALSE_WORDS)}")


def to_gate(value: Any) -> Any:
    """Only the word ``true`` opens a gate; every other boolean word leaves it closed."""
    return to_flag(value) and value.lower() == "true" if isinstance(value, str) else value


def to_int(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        raise ValueError("must be a whole number")
    return int(value)


def to_float(value: Any) -> Any:
    """A finite number; ``nan`` and ``inf`` are malformed."""
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        raise ValueError("must be a number") from None
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


def to_words(value: Any) -> Any:
    """A comma-separated list, its items trimmed and the empty ones dropped."""
    if not isinstance(value, str):
        return value
    return tuple(word for word in (part.strip() for part in value.split(",")) if word)


def to_lower_words(value: Any) -> Any:
    return to_words(value.lower() if isinstance(value, str) else value)


def to_ids(value: Any, info: ValidationInfo) -> Any:
    """A list of decimal ids. Other items are dropped with a warning, but a list of nothing else is malformed:
    an empty list would mean "all"."""
    words = to_words(value)
    if not isinstance(value, str):
        return words
    ids = tuple(word for word in words if word.isascii() and word.isdigit())
    if words and not ids:
        raise ValueError("must be a comma-separated list of decimal ids")
    if len(ids) < len(words):
        logger.warning("%s: items that are not decimal ids are ignored", variable_of(info))
    return ids


def to_id(value: Any) -> Any:
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a decimal id")
    return value


def to_path(value: Any) -> Any:
    """An absolute path; a relative one starts at the project's folder, ``~`` is the user's home."""
    if not isinstance(value, str):
        return value
    if "\0" in value:
        raise ValueError("must be a path")
    try:
        return PROJECT_ROOT / Path(value).expanduser()
    except RuntimeError:
        raise ValueError("starts with ~, but the home folder is unknown") from None


def to_profile_path(value: Any) -> Any:
    """A path that is safe to hand to a browser's command line."""
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z0-9/_.: -]+", value):
        raise ValueError("may hold only letters, digits, / _ . - : and blanks")
    return to_path(value)


def check_http_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        wrong = parts.scheme.lower() not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong:
        raise ValueError("must be an http:// or https:// URL")
    return value


def check_instant(value: str) -> str:
    if value:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("must be an ISO date or date-time") from None
    return value


def strip_slash(value: str) -> str:
    return value.rstrip("/")


def end_with_slash(value: str) -> str:
    return value.rstrip("/") + "/"


def or_default(parse: Callable[[Any], Any]) -> Callable[[Any, ValidationInfo], Any]:
    """A parser that warns and takes the default where ``parse`` finds the value malformed."""

    def lenient(value: Any, info: ValidationInfo) -> Any:
        try:
            return parse(value)
        except ValueError as error:
            logger.warning("%s %s; its default is used", variable_of(info), error)
            raise PydanticUseDefault from None

    return lenient


def or_none(parse: Callable[[Any], Any]) -> Callable[[Any, ValidationInfo], Any]:
    """A parser that warns and gives None where ``parse`` finds the value malformed, for whoever reports it later."""

    def lenient(value: Any, info: ValidationInfo) -> Any:
        try:
            return parse(value)
        except ValueError as error:
            logger.warning("%s %s", variable_of(info), error)
            return None

    return lenient


def one_of(*words: str) -> Callable[[Any], Any]:
    """A parser for a fixed choice, in any case; gives the word as it is written here."""

    def parse(value: Any) -> Any:
        for word in words:
            if isinstance(value, str) and value.lower() == word.lower():
                return word
        raise ValueError(f"must be one of {', '.join(words)}")

    return parse


def at_least_one(value: Any) -> Any:
    number = to_int(value)
    if isinstance(number, int) and number < 1:
        raise ValueError("must be at least 1")
    return number


def clamp(number: int) -> int:
    return max(1, number)


def variable_of(info: ValidationInfo) -> str:
    """The environment variable of the field being validated."""
    return (info.field_name or "").upper()


Flag = Annotated[bool, BeforeValidator(to_flag)]
Gate = Annotated[bool, BeforeValidator(to_gate)]
Integer = Annotated[int, BeforeValidator(to_int)]
Number = Annotated[float, BeforeValidator(to_float)]
LenientNumber = Annotated[float, BeforeValidator(or_default(to_float))]
LenientCount = Annotated[int, BeforeValidator(or_default(at_least_one))]
ClampedCount = Annotated[Integer, AfterValidator(clamp)]
LenientClampedCount = Annotated[int, BeforeValidator(or_default(to_int)), AfterValidator(clamp)]
NumberOrInvalid = Annotated[float | None, BeforeValidator(or_none(to_float))]
IntegerOrInvalid = Annotated[int | None, BeforeValidator(or_none(to_int))]
Words = Annotated[tuple[str, ...], BeforeValidator(to_words)]
LowerWords = Annotated[tuple[str, ...], BeforeValidator(to_lower_words)]
Ids = Annotated[tuple[str, ...], BeforeValidator(to_ids)]
LenientId = Annotated[str | None, BeforeValidator(or_none(to_id))]
Location = Annotated[Path, BeforeValidator(to_path)]
ProfileLocation = Annotated[Path, BeforeValidator(to_profile_path)]
Instant = Annotated[str, AfterValidator(check_instant)]
WebhookUrl = Annotated[str, AfterValidator(check_http_url)]
BaseUrl = Annotated[str, AfterValidator(check_http_url), AfterValidator(strip_slash)]
FolderUrl = Annotated[str, AfterValidator(check_http_url), AfterValidator(end_with_slash)]
SlashedText = Annotated[str, AfterValidator(end_with_slash)]
