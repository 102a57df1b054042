"""What a command is: the facts others need before it is imported, and the base class it derives from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from boost_collectors.core.context import RunContext
    from boost_collectors.core.options import Options
    from boost_collectors.core.protocols import TrackerResult
    from boost_collectors.core.settings import Settings


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """The facts about a command that Airflow, the runner and the docs need without importing it.

    ``target`` is ``module:Class``. ``tables`` are the tables it fills: the assets its task emits; ``reads`` those it
    works on without filling them, the other end of the lineage. ``requires`` names the settings without which the
    command is skipped; ``"A|B"`` means either, ``"A=x"`` that A has that value. With
    some of them it is configured by half, which is an error. ``pool`` bounds how many of its tasks run at once.
    ``mapped``: it has many units, so Airflow spreads them over balanced batches. ``history``: the source can be read
    for a past window; without it a backfill is skipped with that reason. ``window_column`` is the ``table.column``
    whose values a window bounds (text of the form ``YYYY-MM`` counts as its first day). ``remote`` is False for a
    collector that only works on what is stored: no source can fail it. ``collects`` is False for maintenance commands,
    which take no window and no lock and write no run log.
    """

    name: str
    target: str
    help: str
    pool: str | None = None
    tables: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    mapped: bool = False
    history: bool = True
    window_column: str = ""
    replay: str = ""
    remote: bool = True
    collects: bool = True

    def load(self) -> type[BaseCommand]:
        """Import the command's class. This is the first time its module is touched."""
        module, _, name = self.target.partition(":")
        command: type[BaseCommand] = getattr(import_module(module), name)
        return command


def is_given(settings: Settings, requirement: str) -> bool:
    """Whether the settings have what ``A`` or ``A=x`` of :attr:`CommandSpec.requires` asks for."""
    variable, _, value = requirement.partition("=")
    found = getattr(settings, variable.lower())
    return bool(found == value) if value else bool(found)


class BaseCommand(ABC):
    """A command of ``python -m boost_collectors``. ``options`` declares its flags once, for every way of calling it."""

    options: ClassVar[type[Options]]

    def __init__(self, context: RunContext) -> None:
        self.context = context

    @abstractmethod
    def execute(self, options: Options) -> TrackerResult | None:
        """Do the work. Returns what was collected, or None for a command that collects nothing.

        Raises a CollectorError of the class that says what the caller should do next.
        """
