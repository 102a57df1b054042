"""``Settings``: every setting of the project, typed, read once and never changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from boost_collectors.core.errors.tree import ConfigurationError
from boost_collectors.core.redaction import Redactor
from boost_collectors.core.settings import environment
from boost_collectors.core.settings.environment import Entry
from boost_collectors.core.settings.kinds import PROJECT_ROOT, Section
from boost_collectors.core.settings.sections import conversations, github, platform, process, vectors

DEFAULT_ENV_FILE = PROJECT_ROOT / ".env"
SHOWN_VALUE_LENGTH = 60
TEAM_MARK = "<team>"


@dataclass(frozen=True, slots=True)
class Variable:
    """The facts about one environment variable.

    ``default`` is the text that would give the default; of a ``derived`` one it only tells what the default depends
    on. ``name`` ends in ``<team>`` when there is one such variable per Slack workspace.
    """

    name: str
    field: str
    default: str
    help: str
    section: str
    secret: bool
    derived: bool

    @property
    def prefix(self) -> str | None:
        """What the names of a per-team variable begin with, or None for a variable with one name."""
        return self.name.removesuffix(TEAM_MARK) if self.name.endswith(TEAM_MARK) else None


# Pydantic takes the fields of the last base first; a default may depend only on fields of a base further down.
class Settings(
    process.ServerSection,
    platform.WebSection,
    process.BenchmarkSection,
    process.DeploymentSection,
    vectors.NamespaceSection,
    vectors.PineconeSection,
    conversations.PeopleSection,
    conversations.YouTubeSection,
    conversations.RedditSection,
    conversations.DiscordSection,
    conversations.SlackSection,
    github.Wg21DispatchSection,
    conversations.MailAndPapersSection,
    github.ClangGitHubSection,
    github.BoostDocsSection,
    github.BoostGitHubSection,
    github.GitHubSection,
    platform.HttpSection,
    platform.LoggingSection,
    platform.HealthSection,
    platform.ScheduleSection,
    platform.DatabaseSection,
    platform.WorkspaceSection,
    platform.GeneralSection,
):
    """Every setting, one field per environment variable, named as the variable in lower case.

    ``database_url`` is ready for SQLAlchemy (``postgresql+psycopg://``), made of DATABASE_URL or the DB_* variables,
    and None when neither is set: then the embedded server is used. Making a ``Settings`` touches no disk but the
    ``.env`` file that ``load`` reads.
    """

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, env_file: Path | None = DEFAULT_ENV_FILE) -> Self:
        """The settings of ``environ`` (the process's own when None) above those of ``env_file`` (None: no file).

        A blank value means the default. Raises ConfigurationError that lists every malformed variable.
        """
        entries = environment.layered(os.environ if environ is None else environ, env_file)
        if env_file is not None:
            _warn_about_unknown(entries, env_file)
        given = _given(entries)
        try:
            return cls(**{field: _plain(value) for field, value in given.items()})
        except ValidationError as error:
            raise _configuration_error(error, given) from None

    def secret_values(self) -> tuple[str, ...]:
        """The configured secrets themselves, for redaction: tokens, keys, passwords inside URLs, webhook URLs."""
        found: dict[str, None] = {}
        for variable in known_variables():
            if variable.secret:
                for text in _texts(getattr(self, variable.field)):
                    found.update(dict.fromkeys(_secrets_in(text)))
        return tuple(found)

    def signing_key(self) -> str:
        """SECRET_KEY. Raises ConfigurationError when it is blank, unless DEBUG is true: then a key for development."""
        if self.secret_key:
            return self.secret_key
        if self.debug:
            return "development-only-" + "0" * 64
        raise ConfigurationError("SECRET_KEY is not set; it is needed for signing unless DEBUG is true")


SECTIONS: tuple[type[Section], ...] = tuple(reversed(Settings.__bases__))
"""In the order of the fields, of the docs and of ``.env.example``."""


@cache
def known_variables() -> tuple[Variable, ...]:
    """Every variable, in the order of the sections."""
    return tuple(
        _variable(section, field)
        for section in SECTIONS
        for field in section.__annotations__
        if field in Settings.model_fields
    )


def _variable(section: type[Section], field: str) -> Variable:
    info = Settings.model_fields[field]
    facts: Any = info.json_schema_extra
    default = facts["shown"] if facts["shown"] is not None else _text_of(info.default)
    return Variable(
        name=facts["variable"] or field.upper(),
        field=field,
        default=default,
        help=info.description or "",
        section=section.title,
        secret=facts["secret"],
        derived=facts["shown"] is not None,
    )


def _text_of(default: object) -> str:
    if default is None or default == {}:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(str(item) for item in default)
    return str(default)


def _given(entries: Mapping[str, Entry]) -> dict[str, Entry | dict[str, Entry]]:
    """The non-blank values by field; a per-team variable's by team."""
    given: dict[str, Entry | dict[str, Entry]] = {}
    for variable in known_variables():
        if variable.prefix is None:
            entry = _read(entries, variable.name, variable)
            if entry is not None:
                given[variable.field] = entry
            continue
        names = [name for name in entries if name.startswith(variable.prefix) and name != variable.prefix]
        teams = {name.removeprefix(variable.prefix): _read(entries, name, variable) for name in names}
        given[variable.field] = {team: entry for team, entry in teams.items() if entry is not None}
    return given


def _read(entries: Mapping[str, Entry], name: str, variable: Variable) -> Entry | None:
    entry = entries.get(name)
    if entry is not None and not variable.secret:
        entry = environment.resolved(entry, entries)
    if entry is None or not entry.text.strip():
        return None
    return Entry(entry.text.strip(), entry.source)


def _plain(value: Entry | dict[str, Entry]) -> str | dict[str, str]:
    if isinstance(value, Entry):
        return value.text
    return {team: entry.text for team, entry in value.items()}


def _warn_about_unknown(entries: Mapping[str, Entry], env_file: Path) -> None:
    names = [name for name, entry in entries.items() if entry.source != environment.PROCESS]
    variables = known_variables()
    environment.warn_about_unknown(
        names,
        {variable.name for variable in variables},
        {variable.prefix for variable in variables if variable.prefix},
        env_file,
    )


def _configuration_error(error: ValidationError, given: Mapping[str, Entry | dict[str, Entry]]) -> ConfigurationError:
    by_field = {variable.field: variable for variable in known_variables()}
    problems = []
    for problem in error.errors(include_url=False, include_input=False):
        # A default made of other fields is not made when one of those is malformed; that one is in the list already.
        if problem["type"] == "default_factory_not_called":
            continue
        field = str(problem["loc"][0])
        message = str(problem["msg"]).removeprefix("Value error, ")
        message = message.replace("Input should be", "must be")
        problems.append(f"{_described(by_field[field], given.get(field))} {message}")
    count = "1 setting is malformed" if len(problems) == 1 else f"{len(problems)} settings are malformed"
    return ConfigurationError(f"{count}: " + "; ".join(problems))


def _described(variable: Variable, entry: Entry | dict[str, Entry] | None) -> str:
    if not isinstance(entry, Entry):
        return variable.name
    if variable.secret:
        return f"{variable.name} ({entry.source})"
    # A token pasted into the wrong variable must not be shown either.
    shown = Redactor(()).redact(entry.text)
    if len(shown) > SHOWN_VALUE_LENGTH:
        shown = shown[:SHOWN_VALUE_LENGTH] + "…"
    return f"{variable.name}={shown!r} ({entry.source})"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()


def _secrets_in(text: str) -> Iterator[str]:
    scheme, separator, _ = text.partition("://")
    if not separator:
        if text:
            yield text
        return
    if scheme.lower() in ("http", "https"):
        yield text
    try:
        password = urlsplit(text).password
    except ValueError:
        password = None
    if password:
        yield password
        yield unquote(password)
