"""``.env.example`` and ``docs/settings.md``, made from the settings themselves.

``python -m boost_collectors.core.settings`` writes both; a test compares them with what is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from textwrap import wrap

from boost_collectors.core.settings.kinds import FALSE_WORDS, PROJECT_ROOT, TRUE_WORDS
from boost_collectors.core.settings.model import Variable, known_variables

WIDTH = 100

TEMPLATE_PATH = PROJECT_ROOT / ".env.example"
DOCS_PATH = PROJECT_ROOT / "docs" / "settings.md"

_TEMPLATE_HEAD = """\
# Settings of Boost Data Collector. Copy to .env and fill in what you need; docs/settings.md says more.
# Everything may stay blank: blank means the default. The process's environment wins over this file.
# Made from boost_collectors/core/settings by `python -m boost_collectors.core.settings`.
"""

_DOCS_HEAD = f"""\
# Settings

Every setting is an environment variable. None is needed for `make demo`. `make up` and the commands read the
process's environment first and then the file `.env` in the project's folder; copy `.env.example` to begin.

This page and `.env.example` are made from the code: after a change there run
`python -m boost_collectors.core.settings`, which writes both. A test fails when they differ.

## How values are read

- **Blank means default**, everywhere. A blank variable in the environment also hides the one in `.env`.
- Spaces around a value do not count. In `.env` a line is `KEY=VALUE`, with an optional `export`; quotes around the
  value are dropped, a line that starts with `#` is a comment, a later `#` belongs to the value. Other lines are warned
  about and ignored.
- **Yes or no**: {", ".join(f"`{word}`" for word in TRUE_WORDS)} or {", ".join(f"`{word}`" for word in FALSE_WORDS)},
  in any case. Another word is an error.
- **Numbers** are finite and in range. **Lists** are separated by commas, their items trimmed.
- **Paths** may be relative to the project's folder and may begin with `~`.
- A value that is just `$NAME` or `${{NAME}}` is that variable's value, or the default when there is no such variable.
  Secrets are never read that way: a password may begin with `$`.
- All malformed values are reported together, by name and place, before anything runs; a secret's value is not shown.
- A name in `.env` that looks like one of ours but is not is warned about, with the nearest name there is.
- Secrets (marked **secret** below) are taken out of every log record, exception text included.

Airflow's own settings (`AIRFLOW__SECTION__KEY`) are not listed here.
"""


def env_template() -> str:
    """The text of ``.env.example``: every variable with its help; those with a default are commented out."""
    parts = [_TEMPLATE_HEAD]
    for section, variables in _sections():
        parts.append(f"\n# {section}\n")
        parts.extend("\n" + _template_entry(variable) for variable in variables)
    return "".join(parts)


def settings_page() -> str:
    """The text of ``docs/settings.md``: a table per section."""
    parts = [_DOCS_HEAD]
    for section, variables in _sections():
        parts.append(f"\n## {section}\n\n| Variable | Default | Meaning |\n|---|---|---|\n")
        parts.extend(_docs_row(variable) for variable in variables)
    return "".join(parts)


def write_all() -> list[Path]:
    """Write both files; gives the paths of those that changed."""
    changed = []
    for path, text in ((TEMPLATE_PATH, env_template()), (DOCS_PATH, settings_page())):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def _sections() -> Iterator[tuple[str, list[Variable]]]:
    for section, variables in groupby(known_variables(), key=lambda variable: variable.section):
        yield section, list(variables)


def _template_entry(variable: Variable) -> str:
    default = f" Default: {variable.default}." if variable.derived and variable.default else ""
    help_lines = "".join(f"# {line}\n" for line in wrap(variable.help + default, WIDTH))
    # A variable with a default is not set by copying the file: other programs read some of these names too, and a
    # blank WEB_CONCURRENCY stops them.
    active = not variable.default and variable.prefix is None
    value = "" if variable.derived else variable.default
    return f"{help_lines}{'' if active else '# '}{variable.name}={value}\n"


def _docs_row(variable: Variable) -> str:
    default = f"`{variable.default}`" if variable.default else ""
    mark = " **secret**" if variable.secret else ""
    return f"| `{variable.name}`{mark} | {default} | {_cell(variable.help)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("<", r"\<")
