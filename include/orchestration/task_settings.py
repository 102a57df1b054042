"""The settings of a task: the environment's, completed by Airflow variables for what the command cannot do without.

Airflow is told their secrets: it writes a task's last exception to the log itself, past the redaction of the root
logger's handlers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import Variable
from airflow.sdk.log import mask_secret

if TYPE_CHECKING:
    from boost_collectors.core.commands import CommandSpec
    from boost_collectors.core.settings import Settings


def settings_for(spec: CommandSpec) -> Settings:
    """The settings; a required one that is blank is taken from the Airflow variable of its lower-case name, if any.

    The project database is not among them: the health page and the command line must see the same one as the tasks.
    """
    from boost_collectors.core.settings import Settings

    settings = hide_secrets(Settings.load())
    found = {name: Variable.get(name, default=None) for name in _blank(spec, settings)}
    given = {name: value for name, value in found.items() if value}
    if not given:
        return settings
    return hide_secrets(Settings(**settings.model_dump(include=settings.model_fields_set), **given))


def hide_secrets(settings: Settings) -> Settings:
    """Have Airflow mask the settings' secrets in all that this task logs from now on; returns the settings."""
    for secret in settings.secret_values():
        mask_secret(secret)
    return settings


def _blank(spec: CommandSpec, settings: Settings) -> list[str]:
    from boost_collectors.core.commands import is_given

    alternatives = [names.split("|") for names in spec.requires]
    blank = [name for names in alternatives if not any(is_given(settings, name) for name in names) for name in names]
    return [name.lower() for name in blank if "=" not in name]
